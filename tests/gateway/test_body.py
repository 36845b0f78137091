"""Bodies are read whole, up to a size and within a time, whether they come at once or bit by bit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request

from gateway import body
from gateway.begun import Begun
from gateway.body import Unreadable, read_body

MOST = 10
Receive = Callable[[], Awaitable[dict[str, Any]]]


def parts(*texts: bytes, late: bool = False) -> Receive:
    """The parts of a body as a server hands them over: at once, or only after others had their turn."""
    waiting = [
        {"type": "http.request", "body": text, "more_body": place < len(texts)}
        for place, text in enumerate(texts, 1)
    ]

    async def receive() -> dict[str, Any]:
        if late:
            await asyncio.sleep(0.001)
        return waiting.pop(0)

    return receive


async def read(receive: Receive) -> bytes:
    return await read_body(Request({"type": "http", "headers": []}, receive), MOST)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("sent", [(b"",), (b"0123456789",), (b"01234", b"56789"), (b"0", b"", b"123456789")])
async def test_a_body_is_read_whole(sent: tuple[bytes, ...], late: bool) -> None:
    assert await read(parts(*sent, late=late)) == b"".join(sent)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("sent", [(b"0123456789a",), (b"0123456789", b"a"), (b"0123456789a", b"")])
async def test_a_body_that_is_too_large_is_refused(sent: tuple[bytes, ...], late: bool) -> None:
    with pytest.raises(Unreadable) as refused:
        await read(parts(*sent, late=late))

    assert refused.value.status == 413


async def test_a_body_that_does_not_come_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body, "READ_TIMEOUT_S", 0.01)

    with pytest.raises(Unreadable) as refused:
        await read(asyncio.Event().wait)  # ty: ignore

    assert refused.value.status == 408


@pytest.mark.parametrize("late", [False, True])
async def test_a_body_whose_sender_is_gone_is_refused(late: bool) -> None:
    async def receive() -> dict[str, Any]:
        if late:
            await asyncio.sleep(0.001)
        return {"type": "http.disconnect"}

    with pytest.raises(Unreadable) as refused:
        await read(receive)

    assert refused.value.status == 400


async def test_what_was_begun_ends_as_if_it_were_awaited() -> None:
    async def slow() -> int:
        await asyncio.sleep(0.001)
        return 7

    async def fails() -> None:
        await asyncio.sleep(0.001)
        raise LookupError("after a while")

    begun, failing = Begun(slow()), Begun(fails())

    assert not begun.is_over
    assert (await begun, await begun) == (7, 7)
    with pytest.raises(LookupError, match="after a while"):
        await failing


async def test_who_waits_for_what_was_begun_can_be_cancelled() -> None:
    ended = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    begun = Begun(endless())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await begun

    assert ended == [True]
