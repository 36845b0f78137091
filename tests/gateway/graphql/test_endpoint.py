"""GraphQL over HTTP, as clients meet it."""

from __future__ import annotations

import asyncio

import orjson
import pytest
import sqlalchemy as sa

from gateway.graphql.accept import Media
from gateway.graphql.requests import MAX_BODY
from tests.house import ACME, House, bearer, open_house
from tests.worlds import PATIENCE_S, opened, reads_fail

GRAPHQL = Media.GRAPHQL.value
ASK = "{ organization { slug } }"


async def test_a_query_by_post_is_answered(house: House, key: str) -> None:
    response = await house.client.post("/graphql", json={"query": ASK}, headers=bearer(key))

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json() == {
        "data": {"organization": {"slug": "acme"}},
        "extensions": {"cost": {"requested": 1, "max": 200_000}},
    }


async def test_a_query_by_get_is_answered(house: House, key: str) -> None:
    response = await house.client.get("/graphql", params={"query": ASK}, headers=bearer(key))

    assert response.json()["data"] == {"organization": {"slug": "acme"}}


async def test_a_client_that_prefers_the_graphql_media_type_gets_it(house: House, key: str) -> None:
    headers = {**bearer(key), "Accept": f"{GRAPHQL}, application/json;q=0.9"}

    response = await house.client.post("/graphql", json={"query": ASK}, headers=headers)

    assert response.headers["content-type"].startswith(GRAPHQL)
    assert "Accept" in response.headers["vary"]


ACCEPTED = ((GRAPHQL, 400), ("application/json", 200), ("*/*", 200), ("text/csv", 406))


async def test_the_status_of_a_refused_document_follows_the_media_type(house: House, key: str) -> None:
    for accept, status in ACCEPTED:
        response = await house.client.post(
            "/graphql", json={"query": "{ nonsense }"}, headers={**bearer(key), "Accept": accept}
        )

        assert response.status_code == status, accept
        assert "data" not in response.json(), accept
        assert response.json()["errors"][0]["extensions"]["requestId"] == response.headers["x-request-id"], (
            accept
        )


async def test_a_browser_gets_the_page(house: House) -> None:
    response = await house.client.get("/graphql", headers={"Accept": "text/html,*/*;q=0.8"})

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in response.headers["content-security-policy"]


NO_KEYS = ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"})


async def test_without_a_key_there_is_no_answer(house: House) -> None:
    for headers in NO_KEYS:
        response = await house.client.post("/graphql", json={"query": ASK}, headers=headers)

        assert response.status_code == 401, headers
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", headers
        assert response.headers["www-authenticate"] == "Bearer", headers


async def test_a_key_without_the_scope_is_forbidden(house: House) -> None:
    key = await house.key("acme", ["events:write"])

    response = await house.client.post("/graphql", json={"query": ASK}, headers=bearer(key))

    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["required_scope"] == "metrics:read"


NO_REQUESTS = (
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b'"text"', "application/json", 400),
    (b"{}", "application/json", 400),
    (b'{"query": 1}', "application/json", 400),
    (b'{"query": "{ a }", "variables": []}', "application/json", 400),
    (b'{"query": "{ a }", "operationName": 1}', "application/json", 400),
    (b"[" * 100_000, "application/json", 400),
    (b"\xff\xfe", "application/json", 400),
    (b'{"query": "' + b"x" * MAX_BODY + b'"}', "application/json", 413),
    (b"query={a}", "application/x-www-form-urlencoded", 415),
    (b"{}", "multipart/form-data; boundary=x", 415),
)


async def test_a_body_that_is_no_request_is_refused_with_a_reason(house: House, key: str) -> None:
    for body, kind, status in NO_REQUESTS:
        response = await house.client.post(
            "/graphql", content=body, headers={**bearer(key), "Content-Type": kind}
        )

        assert response.status_code == status, body[:40]
        assert response.json()["errors"][0]["message"], body[:40]


OTHER_METHODS = ("PUT", "DELETE", "PATCH")


async def test_other_methods_are_not_taken(house: House, key: str) -> None:
    for method in OTHER_METHODS:
        response = await house.client.request(method, "/graphql", headers=bearer(key))

        assert response.status_code == 405, method
        assert set(response.headers["allow"].split(", ")) >= {"GET", "POST"}, method


UNUSABLE = (
    '{ messageBuckets(timezone: "Mars/Phobos") { total } }',
    '{ messageBuckets(timezone: "../../etc/passwd") { total } }',
    '{ messageBuckets(window: {between: {start: "2026-05-02T00:00:00Z", end: "2026-05-01T00:00:00Z"}}) { total } }',
    '{ messageBuckets(window: {between: {start: "0001-01-01T00:00:00Z", end: "9999-12-31T23:59:59Z"}}) { total } }',
    '{ messageBuckets(window: {days: {first: "2026-05-02", last: "2026-05-01"}}) { total } }',
    '{ messageBuckets(window: {days: {first: "0001-01-01", last: "9999-12-31"}}) { total } }',
    "{ messageBuckets(window: {last: {count: 0, unit: DAY}}) { total } }",
    "{ messageBuckets(window: {last: {count: 2000000000, unit: YEAR}}) { total } }",
    "{ messageBuckets(window: {last: {count: 99999, unit: YEAR}}) { total } }",
    "{ messageBuckets(window: {last: {count: 99999, unit: MONTH}}) { total } }",
    "{ messageBuckets(window: {last: {count: 20000, unit: MINUTE}}, granularity: MINUTE) { total } }",
    "{ messageBuckets(first: 0) { total } }",
    "{ messageBuckets(first: -1) { total } }",
    '{ messageBuckets(after: "nonsense") { total } }',
    '{ messageBuckets(after: "") { total } }',
    "{ messageBuckets(groupBy: [CHANNEL, CHANNEL]) { total } }",
    "{ messageBuckets(groupBy: [CHANNEL, DIRECTION, SOURCE]) { total } }",
    "{ campaigns(first: 101) { edges { cursor } } }",
    '{ campaigns(after: "nonsense") { edges { cursor } } }',
)


async def test_a_value_that_cannot_be_used_is_told_by_code_and_sentence(house: House, key: str) -> None:
    for document in UNUSABLE:
        response = await house.post(key, document)

        assert response.status_code in (200, 400), document
        told = response.json()["errors"][0]
        assert told["extensions"]["code"] not in ("INTERNAL", "UNAVAILABLE", "TOOK_TOO_LONG"), (
            document,
            told,
        )
        assert len(told["message"]) > 10, document


async def test_twenty_thousand_nested_brackets_do_not_break_anything(house: House, key: str) -> None:
    response = await house.post(key, "{" * 20_000)

    assert response.status_code == 200
    assert response.json()["errors"]


async def test_introspection_can_be_switched_off(sqlite_store_url: str) -> None:
    async with open_house(sqlite_store_url, introspection=False) as closed:
        await closed.take({"type": "organization", "id": "acme"})
        response = await closed.post(await closed.key("acme"), "{ __schema { types { name } } }")

    assert "errors" in response.json()


async def test_an_answer_without_a_store_tells_nothing_internal(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.post(key, ASK)  # the key is remembered from here on
    reads_fail(monkeypatch, OSError("cannot open /secret/path"))

    response = await house.post(key, "{ exports { edges { cursor } } }")

    told = response.json()["errors"][0]
    assert told["extensions"]["code"] == "UNAVAILABLE"
    assert b"/secret/path" not in orjson.dumps(response.json())


NULS = ('{ campaign(id: "a\\u0000b") { id } }', "query ($id: ID!) { campaign(id: $id) { id } }")


async def test_a_nul_is_refused_before_any_store_sees_it(house: House, key: str) -> None:
    for document in NULS:
        response = await house.post(key, document, id="a\0b")

        assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT", document


async def test_without_a_store_an_unknown_key_gets_503_in_the_form_of_graphql(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_fail(monkeypatch, OSError("cannot open /secret/path"))

    response = await house.post(key, ASK)

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_who_cannot_be_looked_up_in_time_is_told_so(postgres_store_url: str) -> None:
    async with open_house(postgres_store_url, request_timeout_seconds=2) as house:
        await house.take(ACME, count=False)
        key = await house.key("acme")
        async with opened(postgres_store_url) as store, store.writer.connect() as db:
            await db.execute(sa.text("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE"))
            async with asyncio.timeout(PATIENCE_S):
                response = await house.post(key, ASK)
                vendor = await house.client.get("/v1/metrics/messages?metric=sent", headers=bearer(key))

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["errors"][0]["extensions"]["code"] == "TOOK_TOO_LONG"
    assert (vendor.status_code, vendor.headers["retry-after"]) == (503, "1")


ANSWERS = (GRAPHQL, "application/json", "text/event-stream")


async def test_a_mutation_by_get_changes_nothing_and_says_how_it_can_be_sent(house: House, key: str) -> None:
    mutation = "mutation { createExport(input: {source: {campaigns: {}}}) { id } }"

    for accept in ANSWERS:
        response = await house.client.get(
            "/graphql", params={"query": mutation}, headers={**bearer(key), "Accept": accept}
        )

        assert "must be sent by POST" in response.text, accept
        if accept != "text/event-stream":
            assert (response.status_code, response.headers["allow"]) == (405, "POST"), accept
        assert (await house.ask(key, "{ exports { edges { cursor } } }"))["exports"]["edges"] == [], accept


async def test_a_subscription_that_can_only_be_told_once_is_refused_with_the_ways_there_are(
    house: House, key: str
) -> None:
    subscription = "subscription { bucketsChanged(question: {messages: {}}) { asOf } }"
    response = await house.post(key, subscription)

    [told] = response.json()["errors"]
    assert told["extensions"]["code"] == "INVALID_INPUT"
    assert "graphql-transport-ws" in told["message"] and "text/event-stream" in told["message"]


async def test_what_kind_of_answer_is_wanted_is_weighed(house: House, key: str) -> None:
    urql = (
        "application/graphql-response+json, application/graphql+json, application/json, "
        "text/event-stream, multipart/mixed"
    )
    for accept, kind in (
        (urql, GRAPHQL),
        ("text/event-stream, application/json;q=0.5", "text/event-stream"),
        ("text/event-stream", "text/event-stream"),
        ("application/*;q=0.3, text/html", "application/json"),
        (f"{GRAPHQL};q=0.2, application/json;q=0.9", "application/json"),
        ("application/json;q=0, text/event-stream, */*", "text/event-stream"),
    ):
        response = await house.client.post(
            "/graphql", json={"query": ASK}, headers={**bearer(key), "Accept": accept}
        )
        assert response.headers["content-type"].partition(";")[0] == kind, accept


async def test_head_of_a_stream_ends_after_its_headers(house: House, key: str) -> None:
    subscription = "subscription { bucketsChanged(question: {messages: {}}) { asOf } }"
    response = await house.client.head(
        "/graphql",
        params={"query": subscription},
        headers={**bearer(key), "Accept": "text/event-stream"},
    )

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.content == b""
