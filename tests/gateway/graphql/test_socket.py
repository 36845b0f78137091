"""graphql-transport-ws, message by message, over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from gateway.graphql import socket
from gateway.graphql.requests import MAX_BODY
from tests.gateway.graphql.wire import listening
from tests.house import ACME, House, bearer, open_house
from tests.worlds import PATIENCE_S

CREATE = "mutation { createExport(input: {source: {campaigns: {}}}) { id } }"
FOLLOW = "subscription ($id: ID!) { exportUpdated(id: $id) { status } }"
WHO = {"query": "{ organization { slug } }"}


class Talk:
    """One connection, in messages of the protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, type: str, **more: Any) -> None:
        await self.connection.send(orjson.dumps({"type": type, **more}).decode())

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            return orjson.loads(await self.connection.recv())

    async def end(self) -> tuple[int, str]:
        """The code and the reason the server closes with."""
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await self.hear()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, closed.value.rcvd.reason


@asynccontextmanager
async def talking(house: House, path: str = "/graphql", **options: Any) -> AsyncGenerator[Talk]:
    """A fresh connection to the house."""
    options = {"subprotocols": [Subprotocol("graphql-transport-ws")], **options}
    async with listening(house) as address, connect(f"ws://{address}{path}", **options) as connection:
        yield Talk(connection)


@asynccontextmanager
async def welcomed(house: House, key: str) -> AsyncGenerator[Talk]:
    """A connection that has shown its key."""
    async with talking(house) as talk:
        await talk.say("connection_init", payload=bearer(key))
        assert await talk.hear() == {"type": "connection_ack"}
        yield talk


async def test_queries_mutations_and_subscriptions_share_a_connection(house: House, key: str) -> None:
    async with welcomed(house, key) as talk:
        await talk.say("subscribe", id="q", payload=WHO)
        answer = await talk.hear()
        assert (answer["id"], answer["type"], answer["payload"]["data"]) == (
            *("q", "next"),
            {"organization": {"slug": "acme"}},
        )
        assert await talk.hear() == {"id": "q", "type": "complete"}

        await talk.say("subscribe", id="q", payload={"query": CREATE})  # an id is free again
        made = (await talk.hear())["payload"]["data"]["createExport"]["id"]
        assert (await talk.hear())["type"] == "complete"

        await talk.say("subscribe", id="s", payload={"query": FOLLOW, "variables": {"id": made}})
        assert (await talk.hear())["payload"]["data"] == {"exportUpdated": {"status": "PENDING"}}
        await house.gateway.exporter.make_one()
        heard = [await talk.hear()]
        while heard[-1]["type"] != "complete":
            heard.append(await talk.hear())
        assert heard[-2]["payload"]["data"] == {"exportUpdated": {"status": "COMPLETED"}}


async def test_the_key_may_come_in_the_header_of_the_upgrade(house: House, key: str) -> None:
    async with talking(house, additional_headers=bearer(key)) as talk:
        await talk.say("connection_init")
        assert await talk.hear() == {"type": "connection_ack"}
        await talk.say("ping", payload={"at": 1})
        assert await talk.hear() == {"type": "pong"}


NO_KEYS = ({}, {"Authorization": "Bearer nonsense"}, {"authorization": 7})


async def test_who_has_no_key_is_turned_away_with_a_reason(house: House) -> None:
    for payload in NO_KEYS:
        async with talking(house) as talk:
            await talk.say("connection_init", payload=payload)
            code, reason = await talk.end()

        assert code == 4403, payload
        assert "API key" in reason, payload


async def test_who_cannot_be_looked_up_may_come_again(store_url: str) -> None:
    unsigned = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AAAA"  # {"alg": "RS256", "kid": "a"}
    away = "http://127.0.0.1:1/jwks.json"
    async with open_house(store_url, jwt_jwks_url=away) as house, talking(house) as talk:
        await talk.say("connection_init", payload=bearer(unsigned))
        code, reason = await talk.end()

    assert code == 1013
    assert "try again" in reason.lower(), reason


async def test_an_error_before_the_start_is_one_message_and_the_connection_stays(
    house: House, key: str
) -> None:
    async with welcomed(house, key) as talk:
        for payload, code in (
            ({"query": "{ nonsense }"}, "GRAPHQL_VALIDATION_FAILED"),
            ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
            ({"query": FOLLOW, "variables": {"id": "exp_nobody"}}, "NOT_FOUND"),
            ({"variables": {}}, "INVALID_INPUT"),
            ({"query": "{ a }", "variables": []}, "INVALID_INPUT"),
            ({"documentId": "sha256:" + "0" * 64}, "PERSISTED_QUERY_NOT_FOUND"),
            ({"query": "{" + "a " * 1_001 + "}"}, "DOCUMENT_TOO_BIG"),
        ):
            await talk.say("subscribe", id="x", payload=payload)
            told = await talk.hear()
            assert (told["id"], told["type"]) == ("x", "error"), told
            assert told["payload"][0]["extensions"]["code"] == code
            assert told["payload"][0]["extensions"]["requestId"]


AGAINST = (
    ([{"type": "subscribe", "id": "1", "payload": WHO}], 4401),
    ([{"type": "nonsense"}], 4400),
    ([{"id": "1"}], 4400),
    (["text"], 4400),
    ([{"type": "connection_init", "payload": 7}], 4400),
    (["KEY", "KEY"], 4429),
    (["KEY", {"type": "subscribe", "id": 7, "payload": WHO}], 4400),
    (["KEY", {"type": "subscribe", "id": "1", "payload": None}], 4400),
)


async def test_what_is_against_the_protocol_ends_the_connection_with_its_code(house: House, key: str) -> None:
    for messages, code in AGAINST:
        async with talking(house) as talk:
            for message in messages:
                init = {"type": "connection_init", "payload": bearer(key)}
                await talk.connection.send(orjson.dumps(init if message == "KEY" else message).decode())
            ended, _ = await talk.end()

        assert ended == code, messages


async def test_two_operations_of_one_id_cannot_run_at_once(house: House, key: str) -> None:
    made = (await house.ask(key, CREATE))["createExport"]["id"]
    async with welcomed(house, key) as talk:
        for _ in range(2):
            await talk.say("subscribe", id="s", payload={"query": FOLLOW, "variables": {"id": made}})
        assert await talk.end() == (4409, "Subscriber for s already exists")


async def test_what_is_completed_by_the_client_stops(house: House, key: str) -> None:
    made = (await house.ask(key, CREATE))["createExport"]["id"]
    async with welcomed(house, key) as talk:
        await talk.say("subscribe", id="s", payload={"query": FOLLOW, "variables": {"id": made}})
        await talk.hear()
        await talk.say("complete", id="s")
        await talk.say("subscribe", id="s", payload=WHO)
        heard = [await talk.hear(), await talk.hear()]

    assert [message["type"] for message in heard] == ["next", "complete"]
    assert heard[0]["payload"]["data"] == {"organization": {"slug": "acme"}}


async def test_a_subscription_ends_with_its_key(house: House, key: str) -> None:
    made = (await house.ask(key, CREATE))["createExport"]["id"]
    async with welcomed(house, key) as talk:
        await talk.say("subscribe", id="s", payload={"query": FOLLOW, "variables": {"id": made}})
        await talk.hear()
        await house.revoke(key)
        await house.gateway.exporter.make_one()
        told = await talk.hear()

    assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "UNAUTHENTICATED")


async def test_a_key_that_cannot_be_looked_up_in_time_ends_what_was_asked(postgres_store_url: str) -> None:
    async with open_house(postgres_store_url, request_timeout_seconds=2) as house:
        await house.take(ACME, count=False)
        async with welcomed(house, await house.key("acme")) as talk, house.store.writer.connect() as db:
            await db.execute(sa.text("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE"))
            house.gateway.auth._callers.clear()
            await talk.say("subscribe", id="q", payload=WHO)
            told = await talk.hear()

    assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "TOOK_TOO_LONG")


async def test_who_says_nothing_is_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "INIT_WITHIN_S", 0.05)

    async with talking(house) as talk:
        assert await talk.end() == (4408, "Connection initialisation timeout")


REFUSED: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"subprotocols": [Subprotocol("graphql-ws")]}, 400, "speak graphql-transport-ws"),
    ({"subprotocols": None}, 400, "speak graphql-transport-ws"),
    ({"origin": Origin("https://evil.example")}, 403, "CORS_ORIGINS"),
    *(({"path": path}, 404, "/graphql") for path in ("/", "/v1/events", "/static/icon.svg", "/slicktext/x")),
)


async def test_who_may_not_connect_is_told_why(house: House) -> None:
    for options, status, words in REFUSED:
        with pytest.raises(InvalidStatus) as refused:
            async with talking(house, **options):
                pass

        response = refused.value.response
        told = orjson.loads(response.body)
        assert (response.status_code, told["status"]) == (status, status), options
        assert words in told["title"], options
        assert told["request_id"] == response.headers["X-Request-Id"], options
        assert response.headers["X-Content-Type-Options"] == "nosniff", options


async def test_a_huge_message_is_refused(house: House, key: str) -> None:
    async with welcomed(house, key) as talk:
        await talk.say("subscribe", id="1", payload={"query": "#" * MAX_BODY})
        assert (await talk.end())[0] == 4400


async def test_one_connection_runs_a_hundred_operations_and_no_more(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "MOST_OPERATIONS", 2)
    made = (await house.ask(key, CREATE))["createExport"]["id"]
    async with welcomed(house, key) as talk:
        for id in ("a", "b", "c"):
            await talk.say("subscribe", id=id, payload={"query": FOLLOW, "variables": {"id": made}})
        heard = {message["id"]: message for message in [await talk.hear() for _ in range(3)]}

    assert heard["c"]["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"
    assert {heard["a"]["type"], heard["b"]["type"]} == {"next"}
