"""The closed loop, against a server that says what it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from benchmarks.load import TAG, Loop, asked, closed_loop, request, told, unless


@asynccontextmanager
async def answering(answer: bytes, heard: Callable[[bytes], None] = lambda _: None) -> AsyncGenerator[int]:
    """The port of a server that gives one answer to every request without a body."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                heard(await reader.readuntil(b"\r\n\r\n"))
                writer.write(answer)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_an_answer_is_read_by_its_length() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello") as port:
        assert await asked(port, request("/")) == b"hello"


async def test_an_answer_is_read_in_chunks() -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n"
    )
    async with answering(chunked) as port:
        assert await asked(port, request("/")) == b"hello world"


async def test_a_refusal_ends_the_measurement() -> None:
    async with answering(b"HTTP/1.1 503 Away\r\nContent-Length: 4\r\n\r\naway") as port:
        with pytest.raises(RuntimeError, match=r"503 for .*away"):
            await asked(port, request("/"))


async def test_every_connection_asks_until_the_time_is_over() -> None:
    heard: list[bytes] = []
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", heard.append) as port:
        done = await closed_loop(port, request("/x", key="k"), 3, 0.05)

    assert len(done.took) == len(heard) >= 3
    assert done.seconds >= 0.05
    assert set(heard) == {request("/x", key="k")}


def test_a_percentile_is_the_time_within_which_that_share_was_answered() -> None:
    # of 0.001 … 0.100 seconds, half are answered within 51 ms, counted from 0
    done = Loop([number / 1000 for number in range(100, 0, -1)], 2.0)

    assert done.percentile(0.5) == pytest.approx(51)
    assert done.percentile(0.99) == pytest.approx(100)
    assert done.rate == 50


def test_a_request_has_its_body_its_length_and_its_key() -> None:
    head, _, body = request("/graphql", b"{}", "secret").partition(b"\r\n\r\n")

    assert head.startswith(b"POST /graphql HTTP/1.1\r\n")
    assert b"Authorization: Bearer secret\r\n" in head
    assert head.endswith(b"Content-Length: 2")
    assert body == b"{}"


async def test_an_answer_that_has_not_changed_has_no_body() -> None:
    async with answering(b'HTTP/1.1 304 Not Modified\r\nETag: "7"\r\n\r\n') as port:
        head, body = await told(port, request("/", kept=True))

    assert body == b""
    assert TAG.search(head)[1] == b'"7"'  # ty: ignore[not-subscriptable]


def test_a_request_by_who_has_an_answer_names_its_tag() -> None:
    head = unless(request("/graphql", b"{}"), b'W/"7"').partition(b"\r\n\r\n")[0]

    assert head.endswith(b'\r\nIf-None-Match: W/"7"')


def test_only_what_asks_for_it_may_be_answered_from_what_was_kept() -> None:
    assert b"Cache-Control: no-cache" in request("/")
    assert b"Cache-Control" not in request("/", kept=True)
