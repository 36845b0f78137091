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
        return await _counted_down(begun, _Watch(seconds, store.silence))
    finally:
        _counted.reset(counting)


async def _counted_down(begun: Begun[Result], watch: _Watch) -> Result:
    try:
        async with watch.time:
            try:
                return await begun
            finally:
                watch.stop()
    except TimeoutError as error:
        if not watch.time.expired():
            raise
        log.warning("out of time", store="silent" if watch.hears_nothing else "answers")
        raise (Unavailable() if watch.hears_nothing else TookTooLong()) from error


class _Watch:
    """Counts the seconds, and in the last of them listens to the store. Its timer mostly never rings."""

    def __init__(self, seconds: float, silence: Silence | None) -> None:
        self._loop, self._silence = asyncio.get_running_loop(), silence
        self._last_s = min(LISTENED_S, seconds / 2)
        self._heard: asyncio.Task[bool] | None = None
        self.time = asyncio.timeout(None)
        self._timer = self._loop.call_later(seconds - self._last_s, self._listen)

    def stop(self) -> None:
        """Whatever it was about is over."""
        self._timer.cancel()

    @property
    def hears_nothing(self) -> bool:
        """Whether the store is silent, or has been so far; a file never is."""
        return self._heard is not None and (not self._heard.done() or self._heard.result())

    def _listen(self) -> None:
        if self._silence is not None:
            self._heard = self._silence.listen()
        self.time.reschedule(self._loop.time() + self._last_s)
