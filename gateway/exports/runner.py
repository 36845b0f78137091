"""The runner of exports: claims one after the other, writes their files, and throws old files away.

waiting ──claim──▶ processing ──rows──▶ file.part ──rename──▶ file ──complete──▶ completed ──time──▶ expired

It may die anywhere: its lease runs out, and the next runner starts that export again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import structlog

from gateway.exports.attempt import Attempt, remove
from gateway.exports.storage import Storage
from gateway.unit import run
from models import Export
from models.engine import Store
from models.errors import HeliographError
from resolvers.exports.leases import (
    GIVEN_UP,
    MOST_ATTEMPTS,
    WHY,
    Key,
    Made,
    claim,
    complete,
    exhausted,
    expire,
    fail,
    give_back,
    give_up,
    outdated,
    put_off,
    waiting,
)

LOOKS_EVERY_S = 1.0
TIDIES_EVERY_S = 10.0
LONGEST_PAUSE_S = 5.0
log = structlog.stdlib.get_logger("heliograph")


@dataclass(frozen=True)
class Terms:
    """How long a runner may be silent, how long files are kept, and how many are written at a time."""

    lease: timedelta = timedelta(seconds=30)
    keep: timedelta = timedelta(hours=1)
    at_once: int = 1


class Exporter:
    """Makes the files of exports, a few at a time, until it is told to stop."""

    def __init__(self, store: Store, storage: Storage, clock: Callable[[], datetime], terms: Terms) -> None:
        self._store, self._storage, self._clock, self.terms = store, storage, clock, terms
        self._everyones = store.of_everyone(WHY)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Make exports until `stop`; those that are not done then go back to wait."""
        loops = [self._again(self.tidy, TIDIES_EVERY_S)]
        loops += [self._again(self.make_one, LOOKS_EVERY_S) for _ in range(self.terms.at_once)]
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(loop)

    def stop(self) -> None:
        """Let `run` end, soon."""
        self._stop.set()

    async def make_one(self) -> bool:
        """Make the export that has waited longest; whether there was one."""
        export = await self._claimed()
        if export is not None:
            await self._make(export)
        return export is not None

    async def tidy(self) -> bool:
        """Remove files that were kept long enough, give up what nobody could make; whether there was any."""
        now = self._clock()
        async with self._everyones.reading() as db:
            old, lost = await outdated(db, now), await exhausted(db, now)
        for key in old:
            await remove(self._storage, key)
            await run(self._of(key), lambda db, key=key: expire(db, key, now))
        for key in lost:
            if await run(self._of(key), lambda db, key=key: give_up(db, key, now)) is not None:
                log.error("an export was given up", export=key.id)
                await remove(self._storage, key)
        return bool(old or lost)

    async def _again(self, work: Callable[[], Coroutine[Any, Any, bool]], pause_s: float) -> None:
        """Do it until `stop`, with a pause when there is nothing to do, a longer one after an error."""
        wait_s = pause_s
        while not self._stop.is_set():
            try:
                if await work():
                    continue
                wait_s = pause_s
            except Exception:
                log.exception("exports failed", retry_in_s=wait_s)
                wait_s = min(wait_s * 2, LONGEST_PAUSE_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), wait_s)

    def _of(self, key: Key) -> Store:
        """The store for whose export that is."""
        return self._store.of(key.organization_id)

    async def _claimed(self) -> Export | None:
        now = self._clock()
        async with self._everyones.reading() as db:
            keys = await waiting(db, now)
        until, holder = now + self.terms.lease, token_hex(16)
        for key in keys:
            export = await run(self._of(key), lambda db, key=key: claim(db, key, holder, now, until))
            if export is not None:
                return export
        return None

    async def _make(self, export: Export) -> None:
        """Write its file while somebody holds the lease, and another listens for `stop`."""
        store = self._of(Key.of(export))
        attempt = Attempt(export, store, self._storage, self._clock, self.terms.lease)
        writing = asyncio.create_task(attempt.write())
        watchers = [asyncio.create_task(attempt.hold()), asyncio.create_task(self._stop.wait())]
        try:
            await asyncio.wait((writing, *watchers), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, *watchers):
                task.cancel()
            ends = await asyncio.gather(writing, *watchers, return_exceptions=True)
        await self._conclude(attempt, ends[0])

    async def _conclude(self, attempt: Attempt, ended: object) -> None:
        """Say in its row what became of it; nothing, when somebody else works on it by now."""
        export, store, now = attempt.export, attempt.store, self._clock()
        if not isinstance(ended, Made):
            await attempt.undo()
        if isinstance(ended, Made):
            until = now + self.terms.keep
            if await run(store, lambda db: complete(db, export, ended, now, until)):
                log.info("an export was made", export=export.id, rows=ended.rows, bytes=ended.bytes)
            else:
                await attempt.undo()
        elif isinstance(ended, asyncio.CancelledError):
            await run(store, lambda db: give_back(db, export))  # its holder may have changed: then not
        elif isinstance(ended, HeliographError) and ended.status < HeliographError.status:
            await run(store, lambda db: fail(db, export, ended.message, now))
        else:
            log.error("an export failed", export=export.id, attempt=export.attempts, exc_info=ended)
            if export.attempts >= MOST_ATTEMPTS:
                await run(store, lambda db: fail(db, export, GIVEN_UP, now))
            else:
                await run(store, lambda db: put_off(db, export, now))
