"""Answers as server-sent events: one connection for each operation, as graphql-sse's distinct mode wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import orjson
from starlette.responses import StreamingResponse

from gateway.door import Answer

MEDIA_TYPE = "text/event-stream"
KEPT_ALIVE_S = 12.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept, Authorization"}


def events(answers: AsyncGenerator[Answer]) -> StreamingResponse:
    """The answers as they come, then the end."""
    return StreamingResponse(_lines(answers), headers=HEADERS, media_type=MEDIA_TYPE)


async def _lines(answers: AsyncGenerator[Answer]) -> AsyncGenerator[bytes]:
    waiting = asyncio.ensure_future(anext(answers, None))
    try:
        while True:
            await asyncio.wait({waiting}, timeout=KEPT_ALIVE_S)
            if not waiting.done():
                yield b":\n\n"  # a comment, so that nobody in between hangs up
                continue
            answer = waiting.result()
            if answer is None:
                break
            yield b"event: next\ndata: " + orjson.dumps(body_of(answer)) + b"\n\n"
            waiting = asyncio.ensure_future(anext(answers, None))
        yield b"event: complete\ndata:\n\n"
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await answers.aclose()


def body_of(answer: Answer) -> dict[str, object]:
    """An answer as JSON says it: no `data` where the document was refused."""
    body: dict[str, object] = {} if answer.was_refused else {"data": answer.data}
    if answer.errors:
        body["errors"] = answer.errors
    return body
