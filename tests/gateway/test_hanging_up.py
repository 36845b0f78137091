"""Callers who hang up, on real connections."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from gateway.connection import MOST_WAITING, Connection
from gateway.logs import AccessLog

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncGenerator[int]:
    """The port of a server with our way of handling connections."""
    config = uvicorn.Config(AccessLog(app), lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


class Answering:
    """Answers when it is told to; says whether it was given up."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.given_up = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.calls = 0

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        self.calls += 1
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


async def test_an_answer_is_given_up_as_soon_as_its_caller_hangs_up(caplog: pytest.LogCaptureFixture) -> None:
    app = Answering()
    async with serving(app) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST)
        await app.begun.wait()

        with caplog.at_level(logging.INFO):
            writer.close()
            async with asyncio.timeout(2):
                await app.given_up.wait()
            await asyncio.sleep(0)

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_all_that_was_asked_in_a_row_is_given_up_when_its_caller_hangs_up() -> None:
    app = Answering()
    async with serving(app) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST * 3)  # the second and the third wait for the first
        await app.begun.wait()

        writer.close()
        async with asyncio.timeout(2):
            await app.given_up.wait()
        await asyncio.sleep(0.01)

    assert app.calls == 1


async def test_more_in_a_row_than_are_read_ahead_are_all_answered() -> None:
    app, asked = Answering(), 2 * MOST_WAITING
    app.go_on.set()
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST * asked)
        async with asyncio.timeout(5):
            for _ in range(asked):
                assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.close()

    assert app.calls == asked


async def test_who_hangs_up_after_the_answer_disturbs_nobody() -> None:
    app = Answering()
    app.go_on.set()
    async with serving(app) as port:
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(REQUEST)
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            writer.close()
            await writer.wait_closed()

    assert not app.given_up.is_set()
