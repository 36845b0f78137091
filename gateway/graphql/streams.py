"""Streams of answers: as server-sent events, or as the parts of a multipart body.

Events are one connection for each operation, as graphql-sse's distinct mode wants; parts are how @defer is
delivered, which takes no longer than any request. Silent events send a comment now and then, so that nobody
in between hangs up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

import orjson
from starlette.responses import StreamingResponse

from gateway.answer import Answer
from gateway.auth import VARY
from gateway.graphql.accept import Media

KEPT_ALIVE_S = 12.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": f"Accept, {VARY}"}
BOUNDARY = "-"


@dataclass(frozen=True)
class Framing:
    """How answers are written one after the other."""

    content_type: str
    begin: bytes
    each: Callable[[bytes], bytes]
    idle: bytes
    end: bytes


EVENTS = Framing(
    f"{Media.EVENTS.value}; charset=utf-8",
    b"",
    lambda body: b"event: next\ndata: " + body + b"\n\n",
    b":\n\n",  # a comment
    b"event: complete\ndata:\n\n",
)
PARTS = Framing(
    f'{Media.PARTS.value}; boundary="{BOUNDARY}"',
    b"---",
    lambda body: b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n" + body + b"\r\n---",
    b"",
    b"--\r\n",
)


def stream(answers: AsyncGenerator[Answer], framing: Framing) -> StreamingResponse:
    """The answers as they come, then the end."""
    headers = {**HEADERS, "Content-Type": framing.content_type}
    return StreamingResponse(_framed(answers, framing), headers=headers)


async def _framed(answers: AsyncGenerator[Answer], framing: Framing) -> AsyncGenerator[bytes]:
    waiting = asyncio.ensure_future(anext(answers, None))
    try:
        yield framing.begin
        while True:
            await asyncio.wait({waiting}, timeout=KEPT_ALIVE_S)
            if not waiting.done():
                if framing.idle:
                    yield framing.idle
                continue
            answer = waiting.result()
            if answer is None:
                break
            yield framing.each(orjson.dumps(answer.body))
            waiting = asyncio.ensure_future(anext(answers, None))
        yield framing.end
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await answers.aclose()
