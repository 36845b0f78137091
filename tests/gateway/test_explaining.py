"""`POST /v1/explain-url`."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from resolvers.caller import EVENTS_WRITE
from resolvers.documents import document_id
from tests.house import House, bearer, open_house

URL = "/v1/explain-url"
SECRET = "hg_live_somebody_elses_secret"
CURL = f"curl -u me:{SECRET} -H 'Authorization: Bearer {SECRET}' -b s={SECRET} 'https://me:{SECRET}@v.example"


async def explained(house: House, key: str, request: Any) -> httpx2.Response:
    return await house.client.post(URL, json={"request": request}, headers=bearer(key))


async def test_it_says_whose_url_it_is_and_what_answers_it(house: House, key: str) -> None:
    answer = await explained(house, key, "GET /api/analytics/trends?metric=campaigns")

    told = answer.json()
    document = told.pop("document")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert document.strip().startswith("query MessageSenderTrends(")
    assert told == {
        "vendor": "messagesender",
        "method": "GET",
        "path": "/api/analytics/trends",
        "summary": "Message and campaign trends",
        "variables": {
            "window": {"between": {"start": "2026-04-06T00:00:00Z", "end": "2026-05-06T00:00:00Z"}},
            "some": True,
            "messages": False,
            "campaigns": True,
        },
        "documentId": document_id(document),
    }


async def test_a_document_is_known_by_the_hash_of_its_exact_text() -> None:
    # echo -n '{ a }' | sha256sum
    assert document_id("{ a }") == "sha256:1c7e1e347f726166b5b1c55afd61f278cc9b45e00c108ec33d540a566379811b"


async def test_zone_and_plan_are_those_of_whoever_asks(house: House) -> None:
    await house.take(
        {"type": "organization", "id": "small", "plan": "starter", "timezone": "Europe/Madrid"},
        {"type": "organization", "id": "large", "plan": "scale"},
    )
    small, large = await house.key("small"), await house.key("large")
    metrics, messages = "/v1/metrics/messages?metric=sent", "/v1/brands/7/analytics/messages"

    coarse = (await explained(house, small, metrics)).json()
    fine = (await explained(house, large, metrics)).json()
    local = (await explained(house, small, messages)).json()
    refused = await explained(house, small, f"{metrics}&granularity=hour")

    assert (coarse["variables"]["granularity"], fine["variables"]["granularity"]) == ("DAY", "HOUR")
    assert local["variables"]["timezone"] == "Europe/Madrid"
    assert (refused.status_code, refused.json()["code"]) == (422, "GRANULARITY_NOT_AVAILABLE")
    assert refused.json()["max_granularity"] == "day"


async def test_the_operators_choices_count(sqlite_store_url: str) -> None:
    chosen = ("messagesender.inclusive-end-date",)
    async with open_house(sqlite_store_url, vendor_options=chosen) as house:
        await house.take({"type": "organization", "id": "acme"})
        answer = await explained(house, await house.key("acme"), "/api/analytics/trends?endDate=2026-05-01")

    assert answer.json()["variables"]["window"]["between"]["end"] == "2026-05-02T00:00:00Z"


async def test_a_cursor_is_opened_by_the_organization_it_was_made_for(house: House, key: str) -> None:
    first = await house.client.get("/v1/metrics/messages?metric=sent&limit=5", headers=bearer(key))
    cursor = first.json()["meta"]["next_cursor"]
    await house.take({"type": "organization", "id": "other"})
    request = f"/v1/metrics/messages?metric=sent&cursor={cursor}"

    own = await explained(house, key, request)
    foreign = await explained(house, await house.key("other"), request)

    assert own.json()["variables"]["asOf"] == first.json()["meta"]["as_of"]
    assert (foreign.status_code, foreign.json()["code"]) == (400, "INVALID_CURSOR")


@pytest.mark.parametrize("path", ["/api/analytics/trends'", "/api/analytics/trend'", "/api/analytics/trends"])
async def test_keys_in_a_pasted_curl_line_are_never_repeated(
    house: House, key: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await explained(house, key, CURL + path)

    assert answer.status_code == (200 if path == "/api/analytics/trends'" else 400)
    assert SECRET not in answer.text + str(answer.headers)
    assert SECRET not in "".join(capsys.readouterr())


async def test_what_is_wrong_with_the_pasted_request_is_a_sentence(house: House, key: str) -> None:
    answer = await explained(house, key, "/api/analytics/trends?metric=money")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "metric must be 'messages' or 'campaigns'."
    assert answer.json()["fields"] == {"metric": "must be 'messages' or 'campaigns'"}


async def test_who_may_not_read_may_not_ask(house: House) -> None:
    writer = await house.key("acme", [EVENTS_WRITE])

    nobody = await house.client.post(URL, json={"request": "/api/analytics/trends"})
    wrong = await explained(house, writer, "/api/analytics/trends")

    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    assert (wrong.status_code, wrong.json()["required_scope"]) == (403, "metrics:read")


OTHER_FORMS = (
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"{}", "application/json", 400),
    (b'{"request": 1}', "application/json", 400),
    (b'{"request": "/a"}', "text/plain", 415),
    (b'{"request": "' + b"a" * 140_000 + b'"}', "application/json", 413),
)


async def test_a_body_of_another_form_is_refused(house: House, key: str) -> None:
    for body, kind, status in OTHER_FORMS:
        answer = await house.client.post(URL, content=body, headers={**bearer(key), "Content-Type": kind})

        assert (answer.status_code, answer.json()["code"]) == (status, "BAD_REQUEST"), body[:40]


async def test_only_post_is_taken(house: House, key: str) -> None:
    answer = await house.client.get(URL, headers=bearer(key))

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
