"""One look at how far counting has come, about once a second, for all who wait for an organization's numbers.

store ──look──▶ Beat ──▶ each listener takes the newest one when it is ready for it
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from time import monotonic

from models.engine import Store, is_outage, unavailable
from models.errors import HeliographError
from resolvers.caller import Caller
from resolvers.known import Knowledge
from resolvers.loaders import Loaders
from resolvers.organizations import get
from resolvers.watermarks import Progress

PATIENCE_S = 60.0  # an outage this long ends what was told as it happened


@dataclass(frozen=True, eq=False)
class Beat:
    """What one look saw. Whoever asks about it shares its loaders."""

    now: datetime
    progress: Progress
    loaders: Loaders


Look = Callable[[Beat | None], Awaitable[Beat]]


class Pulse:
    """Looks for an organization from its first listener to its last, every `every_s` seconds."""

    def __init__(
        self, store: Store, knowledge: Knowledge, clock: Callable[[], datetime], every_s: float
    ) -> None:
        self._store, self._knowledge = store, knowledge
        self._clock, self._every_s = clock, every_s
        self._hearts: dict[int, Heart] = {}

    @asynccontextmanager
    async def listen(self, caller: Caller) -> AsyncGenerator[Heart]:
        """The heart of the caller's organization; it stops with its last listener."""
        key = caller.organization.id
        heart = self._hearts.get(key)
        if heart is None:
            heart = self._hearts[key] = Heart(partial(self._look, caller), self._every_s)
        heart.listeners += 1
        try:
            yield heart
        finally:
            heart.listeners -= 1
            if not heart.listeners:
                del self._hearts[key]
                await heart.stop()

    async def _look(self, caller: Caller, last: Beat | None) -> Beat:
        organization = caller.organization if last is None else last.loaders.caller.organization
        now = self._clock()
        found = await self._knowledge.of(organization.id)
        if last is None or found.revisions != last.progress.revisions:
            async with self._store.reading() as db:
                organization = await get(db, organization.id)  # a new zone is a new revision of everything
        caller = replace(caller, organization=organization)
        return Beat(now, found, Loaders(self._store, caller, self._knowledge, found))


class Heart:
    """The looks at one organization. A listener that is slow misses beats, never the newest."""

    def __init__(self, look: Look, every_s: float) -> None:
        self.listeners = 0
        self._look, self._every_s = look, every_s
        self._beat: Beat | None = None
        self._failure: Exception | None = None
        self._news, self._stopped = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def after(self, seen: Beat | None) -> Beat:
        """The newest beat, once it is not the one that was seen. Raises Unavailable when the store has been
        away for a minute, or was not there to begin with."""
        while self._failure is None and self._beat is seen:
            await self._news.wait()
        if self._failure is not None:
            raise told(self._failure) from self._failure
        assert self._beat is not None
        return self._beat

    async def stop(self) -> None:
        """Look no more. A look under way comes to its end: a statement cut short costs its connection."""
        self._stopped.set()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        away_since: float | None = None
        while not self._stopped.is_set():
            try:
                self._beat, self._failure, away_since = await self._look(self._beat), None, None
            except Exception as error:  # noqa: BLE001  nobody is above: the listeners are told
                away_since = away_since or monotonic()
                if self._beat is None or not is_outage(error) or is_over(away_since):
                    self._failure = error
            self._news.set()
            self._news = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), self._every_s)


def is_over(away_since: float) -> bool:
    """Whether an outage has lasted for longer than anybody waits."""
    return monotonic() - away_since >= PATIENCE_S


def told(error: Exception) -> HeliographError:
    """What a listener may read of an error: between two answers nobody else keeps its words inside."""
    if isinstance(error, HeliographError):
        return error
    return unavailable(error) if is_outage(error) else HeliographError()
