"""One attempt at an export: its file is written, while a heartbeat holds the lease."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from gateway.exports.storage import Storage
from gateway.exports.writing import Written
from gateway.unit import Connection, run
from models import Export
from models.engine import Store, is_outage
from resolvers.exports.leases import MOST_ATTEMPTS, Key, Made, extend
from resolvers.exports.pour import pour
from resolvers.exports.threads import to_the_end

BEATS_EVERY = timedelta(seconds=5)


class LostLease(Exception):
    """Somebody else may work on this export by now."""


def file_of(key: Key, attempt: int) -> str:
    """What the file of an attempt is called: no two attempts ever write the same file."""
    return f"{key.id}-{attempt}.{key.format}"


async def remove(storage: Storage, key: Key) -> None:
    """Remove every file that any attempt at this export has left."""
    for attempt in range(1, MOST_ATTEMPTS + 1):
        await asyncio.to_thread(storage.remove, file_of(key, attempt))


@dataclass
class Attempt:
    """One attempt at an export that has been claimed; `rows` is how far it is."""

    export: Export
    store: Store
    storage: Storage
    clock: Callable[[], datetime]
    lease: timedelta
    rows: int = field(default=0, init=False)

    @property
    def name(self) -> str:
        """What its file is called."""
        return file_of(Key.of(self.export), self.export.attempts)

    async def write(self) -> Made:
        """Write the file, and let it appear when it is whole."""
        for earlier in range(1, self.export.attempts):
            await asyncio.to_thread(self.storage.remove, file_of(Key.of(self.export), earlier))
        path = await asyncio.to_thread(self.storage.draft, self.name)
        with Written(path) as file:
            async with self.store.streaming() as db:
                await pour(db, self.export, file, self._told)
        await to_the_end(self.storage.publish, path, self.name)
        return Made(self.name, self.rows, file.size, file.sha256)

    async def hold(self) -> None:
        """Extend the lease again and again. Raises LostLease."""
        held_until = self.clock() + self.lease
        while True:
            await asyncio.sleep(min(self.lease / 3, BEATS_EVERY).total_seconds())
            until = self.clock() + self.lease
            try:
                held = await run(self.store, partial(self._extend, until=until), quiet=True)
            except Exception as error:
                if not is_outage(error) or self.clock() >= held_until:
                    raise
                continue
            if not held:
                raise LostLease()
            held_until = until

    async def undo(self) -> None:
        """Leave no file behind."""
        await asyncio.to_thread(self.storage.remove, self.name)

    async def _extend(self, db: Connection, until: datetime) -> bool:
        return await extend(db, self.export, until, self.rows)

    def _told(self, rows: int) -> None:
        self.rows = rows
