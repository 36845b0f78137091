"""One time for all that a request waits for: who is asking, what is known, the answer itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any, TypeVar

import structlog

from gateway.begun import Begun
from models.engine import Store
from models.errors import TookTooLong, Unavailable
from models.silence import LISTENED_S, Silence

Result = TypeVar("Result")
# By its task: on asyncio's own loop a connection keeps the context of a request that waited for its body.
_counted: ContextVar[asyncio.Task[Any] | None] = ContextVar("whose seconds are counted", default=None)
log = structlog.stdlib.get_logger("heliograph")


async def within(seconds: float | None, work: Awaitable[Result], store: Store) -> Result:
    """What comes of the work. Raises TookTooLong when it does not come in time, Unavailable when that is
    because the store is silent, to which we listen shortly before.

    The outermost counts: what it does within this has no time of its own. Work that need not wait gets no
    timer, which would take as long as finding a kept answer.
    """
    task = asyncio.current_task()
    if _counted.get() is task:
        return await work
    counting = _counted.set(task)
    try:
        begun = Begun(work)
        if begun.is_over or seconds is None:
            return await begun
        return await _counted_down(seconds, begun, _Ear(store.silence))
    finally:
        _counted.reset(counting)


async def _counted_down(seconds: float, begun: Begun[Result], ear: _Ear) -> Result:
    listening = asyncio.get_running_loop().call_later(seconds - min(LISTENED_S, seconds / 2), ear.listen)
    try:
        async with asyncio.timeout(seconds) as time:
            return await begun
    except TimeoutError as error:
        if not time.expired():
            raise
        log.warning("out of time", store="silent" if ear.hears_nothing else "answers")
        raise (Unavailable() if ear.hears_nothing else TookTooLong()) from error
    finally:
        listening.cancel()


class _Ear:
    """What is heard of a store once somebody listens."""

    def __init__(self, silence: Silence | None) -> None:
        self._silence = silence
        self._heard: asyncio.Task[bool] | None = None

    def listen(self) -> None:
        """A file is never silent."""
        if self._silence is not None:
            self._heard = self._silence.listen()

    @property
    def hears_nothing(self) -> bool:
        """Whether the store is silent, or has been so far."""
        return self._heard is not None and (not self._heard.done() or self._heard.result())
