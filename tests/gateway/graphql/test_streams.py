"""Server-sent events: an export is followed until it is over, and everything else answers once."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import sqlalchemy as sa

from tests.house import ACME, House, bearer, open_house
from tests.worlds import PATIENCE_S

CREATE = "mutation { createExport(input: {source: {campaigns: {}}}) { id } }"
FOLLOW = "subscription ($id: ID!) { exportUpdated(id: $id) { status rows downloadUrl } }"


async def heard(house: House, key: str, query: str, **variables: Any) -> list[tuple[str, Any]]:
    """Every event of a document: its name and its data."""
    response = await house.client.post(
        "/graphql",
        json={"query": query, "variables": variables},
        headers={**bearer(key), "Accept": "text/event-stream"},
    )
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    told = [part.split("\n") for part in response.text.split("\n\n") if part and not part.startswith(":")]
    return [
        (
            name.removeprefix("event: "),
            orjson.loads(text) if (text := data.removeprefix("data:")).strip() else None,
        )
        for name, data in told
    ]


async def test_an_export_is_followed_until_it_is_over(house: House, key: str) -> None:
    made = await house.ask(key, CREATE)
    following = asyncio.create_task(heard(house, key, FOLLOW, id=made["createExport"]["id"]))
    await asyncio.sleep(0.1)
    await house.gateway.exporter.make_one()

    events = await asyncio.wait_for(following, PATIENCE_S)

    assert [name for name, _ in events] == [*["next"] * (len(events) - 1), "complete"]
    states = [data["data"]["exportUpdated"]["status"] for _, data in events[:-1]]
    assert states[0] == "PENDING"
    assert states[-1] == "COMPLETED"
    assert events[-2][1]["data"]["exportUpdated"]["downloadUrl"].startswith("/exports/exp_")


async def test_who_cannot_be_looked_up_again_in_time_is_told_no_more(postgres_store_url: str) -> None:
    async with open_house(postgres_store_url, request_timeout_seconds=2) as house:
        await house.take(ACME, count=False)
        key = await house.key("acme")
        made = await house.ask(key, CREATE)
        following = asyncio.create_task(heard(house, key, FOLLOW, id=made["createExport"]["id"]))
        await asyncio.sleep(0.5)
        async with house.store.writer.connect() as db:
            await db.execute(sa.text("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE"))
            house.gateway.auth._callers.clear()
            await house.gateway.exporter.make_one()
            events = await asyncio.wait_for(following, PATIENCE_S)

    assert events[0][1]["data"]["exportUpdated"]["status"] == "PENDING"
    assert events[-2][1]["errors"][0]["extensions"]["code"] == "TOOK_TOO_LONG"


async def test_what_is_no_subscription_answers_once(house: House, key: str) -> None:
    [(name, answer), end] = await heard(house, key, "{ organization { slug } }")

    assert (name, answer["data"], end) == ("next", {"organization": {"slug": "acme"}}, ("complete", None))


async def test_a_stranger_and_nonsense_are_told_in_an_event(house: House, key: str) -> None:
    [stranger, end] = await heard(house, key, FOLLOW, id="exp_nobody")
    [nonsense, _] = await heard(house, key, "subscription { nothing }")

    assert end == ("complete", None)
    assert stranger[1]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert nonsense[1]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "data" not in nonsense[1]


async def test_who_has_no_key_is_refused_before_anything_is_streamed(house: House) -> None:
    response = await house.client.post(
        "/graphql", json={"query": FOLLOW}, headers={"Accept": "text/event-stream"}
    )

    assert response.status_code == 401


async def test_a_get_changes_nothing_and_what_cannot_be_read_is_told(house: House, key: str) -> None:
    response = await house.client.get(
        "/graphql", params={"query": CREATE}, headers={**bearer(key), "Accept": "text/event-stream"}
    )
    [unread, end] = await heard(house, key, "{")

    assert '"data"' not in response.text and "errors" in response.text
    assert (await house.ask(key, "{ exports { edges { node { id } } } }"))["exports"]["edges"] == []
    assert unread[1]["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert end == ("complete", None)


async def test_a_stream_ends_with_its_key(house: House, key: str) -> None:
    made = await house.ask(key, CREATE)
    following = asyncio.create_task(heard(house, key, FOLLOW, id=made["createExport"]["id"]))
    await asyncio.sleep(0.1)
    await house.revoke(key)
    await house.gateway.exporter.make_one()

    events = await asyncio.wait_for(following, PATIENCE_S)

    assert events[0][1]["data"]["exportUpdated"]["status"] == "PENDING"
    assert events[-2][1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert events[-1] == ("complete", None)
