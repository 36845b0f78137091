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

from gateway.connection import MAX_HEAD, MOST_WAITING, Connection
from gateway.logs import AccessLog
from tests.worlds import PATIENCE_S

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE = b"GET / HTTP/1.1\r\nX: " + b"x" * (MAX_HEAD + 1) + b"\r\n\r\n"


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
            async with asyncio.timeout(PATIENCE_S):
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
        async with asyncio.timeout(PATIENCE_S):
            await app.given_up.wait()
        await asyncio.sleep(0.01)

    assert app.calls == 1


async def test_who_asks_too_much_in_a_row_is_answered_what_came_first_and_then_left() -> None:
    app, asked = Answering(), 20_000
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST * asked)
        await app.begun.wait()
        app.go_on.set()
        async with asyncio.timeout(PATIENCE_S):
            answers = await reader.read()
        writer.close()

    # one was answered, so many waited behind it, and the rest was not listened to
    assert app.calls == 1 + MOST_WAITING
    assert answers.count(b"HTTP/1.1 200") == 1 + MOST_WAITING


async def test_as_many_as_may_wait_are_all_answered_and_more_after_them() -> None:
    app = Answering()
    app.go_on.set()
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(REQUEST * MOST_WAITING)
            async with asyncio.timeout(PATIENCE_S):
                for _ in range(MOST_WAITING):
                    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.close()

    assert app.calls == 3 * MOST_WAITING


@pytest.mark.parametrize("behind", [b"", REQUEST, REQUEST * 5])
@pytest.mark.parametrize("noise", [CHUNKED + b"no number\r\n", b"noise\r\n\r\n", LARGE])
async def test_what_is_whole_is_answered_whatever_comes_behind_it(behind: bytes, noise: bytes) -> None:
    app = Answering()
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST + behind)
        await app.begun.wait()
        writer.write(noise)
        await asyncio.sleep(0.05)
        app.go_on.set()
        async with asyncio.timeout(PATIENCE_S):
            answers = await reader.read()
        writer.close()

    whole = 1 + behind.count(b"GET")
    assert answers.count(b"HTTP/1.1") == answers.count(b"HTTP/1.1 200") == whole
    assert app.calls == whole


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
