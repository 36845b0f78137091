"""A WebSocket whose other end asks and asks and never reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from gateway.graphql import socket
from tests.gateway.abuse.raw import END, PING, TEXT, UPGRADE, connected, frame, request
from tests.gateway.graphql.test_socket import talking
from tests.gateway.graphql.wire import listening
from tests.house import ACME, House, bearer, open_house
from tests.worlds import PATIENCE_S

LONG = "x" * 10_000  # an id, which comes back with every answer: what nobody reads soon fills all there is


@pytest.fixture
async def house(sqlite_store_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_store_url) as opened:
        await opened.take(ACME, count=False)
        yield opened


def said(**message: Any) -> bytes:
    return frame(TEXT, orjson.dumps(message))


@asynccontextmanager
async def deaf(house: House) -> AsyncGenerator[asyncio.StreamWriter]:
    """A WebSocket that has shown its key and reads no more."""
    key = await house.key("acme")
    async with listening(house) as address, connected(address) as (reader, writer):
        writer.write(request(UPGRADE, method=b"GET", length=False))
        await reader.readuntil(END)
        writer.write(said(type="connection_init", payload=bearer(key)))
        await reader.readuntil(b"connection_ack")
        yield writer


async def is_held(writer: asyncio.StreamWriter, told: list[bytes]) -> bool:
    """Whether the other side stops to take this before it has taken all of it."""
    try:
        for one in told:
            writer.write(one)
            async with asyncio.timeout(1):
                await writer.drain()
    except TimeoutError:
        return True
    return False


async def test_who_reads_no_answers_is_not_read_from_either(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "MOST_OPERATIONS", 2)
    broken: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: broken.append(context))
    nothing = {"query": "{ nothing }"}
    asked = [said(type="subscribe", id=f"{n}{LONG}", payload=nothing) for n in range(4_000)]  # 40 MB
    async with deaf(house) as writer:
        before = len(asyncio.all_tasks())

        assert await is_held(writer, asked)
        assert len(asyncio.all_tasks()) - before <= 2
        writer.transport.abort()

    assert not broken


async def test_no_message_may_be_packed(house: House) -> None:
    async with talking(house) as talk:  # the client offers to, as browsers do
        assert talk.connection.protocol.extensions == []


async def test_who_reads_no_pongs_is_not_read_from_either(house: House) -> None:
    pings = [frame(PING, bytes(125)) * 100] * 2_000  # 26 MB, and as much comes back

    async with deaf(house) as writer:
        assert await is_held(writer, pings)
        writer.transport.abort()


async def test_who_reads_nothing_for_long_is_hung_up_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.listening.PING_S", 0.2)

    async with deaf(house) as writer:
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    writer.write(frame(PING, bytes(125)) * 100)
                    await writer.drain()
