"""@defer: a first part at once, the rest as it comes, errors told as everywhere."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import OperationType
from strawberry.types import Info

from schema.query import Query
from tests.house import House, bearer, message

MIXED = "multipart/mixed;incrementalSpec=v0.2,application/graphql-response+json,application/json;q=0.9"
URQL = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
# Apollo Client 3, and 4 with its older handler: parts of the draft of 2022, which name a path instead of an id
APOLLO_3 = "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9"
ASK = '{ organization { slug } ... @defer(label: "rest") { messageBuckets { total } } }'


async def parts(house: House, key: str, query: str, accept: str = MIXED) -> list[dict[str, Any]]:
    """Every part of a deferred answer."""
    response = await house.client.post(
        "/graphql", json={"query": query}, headers={**bearer(key), "Accept": accept}
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == 'multipart/mixed; boundary="-"'
    first, *bodies, end = response.text.split("---")
    assert (first, end) == ("", "--\r\n")
    for body in bodies:
        assert body.startswith("\r\nContent-Type: application/json; charset=utf-8\r\n\r\n")
    return [orjson.loads(body.split("\r\n\r\n", 1)[1]) for body in bodies]


def put_together(told: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole answer, from parts that add to its root."""
    whole = dict(told[0]["data"])
    for part in told[1:]:
        for added in part.get("incremental", ()):
            whole |= added["data"]
    return whole


TAKES_PARTS = (MIXED, URQL, "multipart/mixed")


async def test_the_parts_put_together_are_the_answer(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T10:00:00Z"))

    for accept in TAKES_PARTS:
        told = await parts(house, key, ASK, accept)

        assert told[0]["data"] == {"organization": {"slug": "acme"}}, accept
        assert told[0]["pending"] == [{"id": "0", "path": [], "label": "rest"}], accept
        assert [part["hasNext"] for part in told] == [*[True] * (len(told) - 1), False], accept
        assert (
            put_together(told)
            == await house.ask(key, ASK)
            == await house.ask(key, ASK.replace('@defer(label: "rest")', ""))
        ), accept


async def test_the_cost_is_told_in_the_first_part_only(house: House, key: str) -> None:
    told = await parts(house, key, ASK)

    assert told[0]["extensions"]["cost"]["requested"] == 10  # 2 + 30 ÷ 4
    assert all("extensions" not in part for part in told[1:])


TAKES_NONE = ("application/json", "application/graphql-response+json", "*/*", APOLLO_3)


async def test_who_takes_no_parts_gets_a_whole_answer(house: House, key: str) -> None:
    for accept in TAKES_NONE:
        response = await house.client.post(
            "/graphql", json={"query": ASK}, headers={**bearer(key), "Accept": accept}
        )

        assert response.json()["data"] == {
            "organization": {"slug": "acme"},
            "messageBuckets": {"total": 0},
        }, accept


async def test_urql_gets_json_for_what_is_not_deferred(house: House, key: str) -> None:
    response = await house.client.post(
        "/graphql", json={"query": "{ __typename }"}, headers={**bearer(key), "Accept": URQL}
    )

    assert response.headers["content-type"].startswith("application/graphql-response+json")


async def test_an_error_of_ours_in_a_part_is_told_in_that_part(house: House, key: str) -> None:
    told = await parts(
        house, key, '{ __typename ... @defer { messageBuckets(timezone: "Mars/Phobos") { total } } }'
    )

    [done] = [done for part in told for done in part.get("completed", ())]
    assert done["errors"][0]["extensions"]["code"] == "UNKNOWN_TIMEZONE"
    assert done["errors"][0]["extensions"]["requestId"]


async def test_nothing_internal_leaks_in_a_part(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Query, info: Info) -> list[Any]:
        raise RuntimeError("secret of the cellar")

    root = house.gateway.door.schema._schema.get_root_type(OperationType.QUERY)
    assert root is not None
    field = root.fields["metrics"]
    monkeypatch.setattr(field, "resolve", broken)
    told = await parts(house, key, "{ __typename ... @defer { metrics { name } } }")

    assert b"cellar" not in orjson.dumps(told)
    [done] = [done for part in told for done in part.get("completed", ())]
    assert done["errors"][0]["extensions"]["code"] == "INTERNAL"


async def test_a_deferred_document_that_is_refused_is_one_part(house: House, key: str) -> None:
    told = await parts(house, key, ASK.replace("messageBuckets", "messageBuckets(granularity: MINUTE)"))
    [refused] = await parts(house, key, f"{{ a: __typename ...@defer {{ {WIDE} }} }}")

    assert told[-1]["hasNext"] is False
    assert refused["errors"][0]["extensions"]["code"] == "TOO_MUCH_AT_ONCE"


WIDE = " ".join(
    f"a{n}: campaigns(first: 100) {{ edges {{ node {{ timeSeries(window: {{last: {{count: 365, unit: DAY}}}})"
    " { buckets { start end value state metrics { logged } } } } } }"
    for n in range(2)
)
