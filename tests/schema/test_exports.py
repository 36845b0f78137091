"""Exports as a client asks for them, finds them again and lists them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from resolvers.formats import FORMATS
from tests.gateway.exports.asking import CREATE, looked, made, requested
from tests.house import NOW, House, bearer, message

PAGE = """query ($first: Int!, $after: String, $statuses: [ExportStatus!]) {
    exports(first: $first, after: $after, statuses: $statuses) {
        edges { cursor node { externalId status } } pageInfo { hasNextPage endCursor } } }"""


async def test_an_export_waits_then_is_completed_then_gone(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T10:00:00Z"))

    asked = await requested(house, key, "NDJSON", messages={})

    assert asked["id"] == f"Export:{asked['externalId']}"
    assert len(asked["externalId"]) == len("exp_") + 22  # 130 random bits
    assert {name: asked[name] for name in asked if name not in ("id", "externalId")} == {
        "kind": "MESSAGES",
        "format": "NDJSON",
        "status": "PENDING",
        "rows": 0,
        "bytes": None,
        "sha256": None,
        "asOf": "2026-05-05T23:59:55Z",
        "createdAt": "2026-05-06T00:00:00Z",
        "completedAt": None,
        "expiresAt": None,
        "estimatedCompletion": "2026-05-06T00:01:00Z",
        "error": None,
        "downloadUrl": None,
    }

    house.now += timedelta(seconds=10)
    assert await house.gateway.exporter.make_one()
    done = await looked(house, key, asked["externalId"])
    assert (done["status"], done["rows"], done["estimatedCompletion"]) == ("COMPLETED", 1, None)
    assert (done["completedAt"], done["expiresAt"]) == ("2026-05-06T00:00:10Z", "2026-05-06T01:00:10Z")
    assert done["downloadUrl"].startswith(f"/exports/{asked['externalId']}.ndjson?organization=")
    assert done["asOf"] == asked["asOf"]

    house.now += timedelta(hours=1)
    await house.gateway.exporter.tidy()
    gone = await looked(house, key, asked["id"])
    assert (gone["status"], gone["downloadUrl"], gone["rows"]) == ("EXPIRED", None, 1)


async def test_nobody_else_finds_an_export(house: House, key: str) -> None:
    await house.take({"type": "organization", "id": "rival"})
    export = await made(house, key, campaigns={})
    ask = "query ($id: ID!) { export(id: $id) { id } node(id: $id) { id } exports { edges { cursor } } }"

    mine = await house.ask(key, ask, id=export["id"])
    theirs = await house.ask(await house.key("rival"), ask, id=export["id"])
    unknown = await house.ask(key, ask, id="Export:exp_0000000000000000000000")

    assert mine["export"] == mine["node"] == {"id": export["id"]}
    assert len(mine["exports"]["edges"]) == 1
    assert theirs == {"export": None, "node": None, "exports": {"edges": []}}
    assert (unknown["export"], unknown["node"]) == (None, None)


async def test_pages_of_exports_follow_one_another_newest_first(house: House, key: str) -> None:
    asked = []
    for _ in range(5):
        asked.append((await requested(house, key, campaigns={}))["externalId"])
        house.now += timedelta(seconds=1)
    await house.gateway.exporter.make_one()  # the oldest

    seen: list[str] = []
    after = None
    for _ in range(3):
        page = (await house.ask(key, PAGE, first=2, after=after))["exports"]
        seen += [edge["node"]["externalId"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    waiting = (await house.ask(key, PAGE, first=9, statuses=["PENDING", "FAILED"]))["exports"]["edges"]

    assert seen == asked[::-1]
    assert not page["pageInfo"]["hasNextPage"]
    assert [edge["node"]["externalId"] for edge in waiting] == asked[:0:-1]
    response = await house.post(key, PAGE, first=2, after=after, statuses=["FAILED"])
    assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"


async def test_twenty_exports_may_be_unfinished(house: House, key: str) -> None:
    await house.take({"type": "organization", "id": "rival"})
    for _ in range(20):
        await requested(house, key, campaigns={})

    refused = (await house.post(key, CREATE, input={"source": {"campaigns": {}}})).json()["errors"][0]

    assert refused["extensions"]["code"] == "TOO_MANY_EXPORTS"
    assert refused["extensions"]["max_unfinished"] == 20
    assert "20 exports of yours" in refused["message"]
    await house.gateway.exporter.make_one()
    await requested(house, await house.key("rival"), campaigns={})
    await requested(house, key, campaigns={})


@pytest.mark.parametrize(
    "source",
    ["{}", "{campaigns: {}, messages: {}}", "{campaigns: null}", "{messages: {filter: {campaign: 5}}}"],
)
async def test_exactly_one_source_is_asked_for(house: House, key: str, source: str) -> None:
    response = await house.post(key, f"mutation {{ createExport(input: {{source: {source}}}) {{ id }} }}")

    assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_format_that_cannot_be_written_here_is_refused(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.formats.is_installed", lambda: False)

    response = await house.post(key, CREATE, input={"source": {"campaigns": {}}, "format": "PARQUET"})

    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == "FORMAT_NOT_AVAILABLE"
    assert error["message"] == "This gateway cannot write parquet: pyarrow is not installed."


@pytest.mark.parametrize("format", list(FORMATS))
async def test_every_format_is_handed_out_as_what_it_is(house: House, key: str, format: str) -> None:
    export = await made(house, key, format.upper(), overallPerformance={})

    response = await house.client.get(export["downloadUrl"])

    assert export["rows"] == 1
    assert response.headers["content-type"] == FORMATS[format].media_type
    assert response.headers["content-disposition"].endswith(f'-2026-05-06.{format}"')


async def test_nothing_is_asked_for_by_get_or_without_a_key(house: House, key: str) -> None:
    document = "mutation { createExport(input: {source: {campaigns: {}}}) { id } }"

    by_get = await house.client.get("/graphql", params={"query": document}, headers=bearer(key))
    without = await house.client.post("/graphql", json={"query": document})

    assert by_get.json()["errors"]
    assert without.status_code == 401
    assert (await house.ask(key, "{ exports { edges { cursor } } }"))["exports"]["edges"] == []


async def test_an_export_made_longer_than_guessed_is_soon_done(house: House, key: str) -> None:
    asked = await requested(house, key, campaigns={})
    assert asked["estimatedCompletion"] == "2026-05-06T00:00:10Z"

    house.now = NOW + timedelta(minutes=1)

    assert (await looked(house, key, asked["id"]))["estimatedCompletion"] == "2026-05-06T00:01:05Z"
