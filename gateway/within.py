"""One time for all that a request waits for: who is asking, what is known, the answer itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar
from time import monotonic
from typing import Any, TypeVar

import structlog

from gateway.begun import Begun
from models.engine import Store
from models.errors import TookTooLong, Unavailable

Result = TypeVar("Result")
# By its task: on asyncio's own loop a connection keeps the context of a request that waited for its body.
_counted: ContextVar[asyncio.Task[Any] | None] = ContextVar("whose seconds are counted", default=None)
log = structlog.stdlib.get_logger("heliograph")


async def within(seconds: float | None, work: Awaitable[Result], store: Store) -> Result:
    """What comes of the work. Raises TookTooLong when it does not come in time, Unavailable when that is
    because the store has not said a word meanwhile.

    The outermost counts: what it does within this has no time of its own. Work that need not wait gets no
    timer, which would take as long as finding a kept answer.
    """
    task = asyncio.current_task()
    if _counted.get() is task:
        return await work
    counting, since = _counted.set(task), monotonic()
    try:
        begun = Begun(work)
        if begun.is_over:
            return await begun
        try:
            async with asyncio.timeout(seconds) as time:
                return await begun
        except TimeoutError as error:
            if not time.expired():
                raise
            is_silent = store.is_silent_since(since)
            log.warning("out of time", store="silent" if is_silent else "answers")
            raise (Unavailable() if is_silent else TookTooLong()) from error
    finally:
        _counted.reset(counting)
