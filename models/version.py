"""Whether anything has been committed since: what was read of a store holds while its version stays the same.

commit ──SQLite's own counter, or a notification from PostgreSQL──▶ another version

Nobody notices a notification that does not come. So the listener of PostgreSQL calls itself every few
seconds, over another connection; unless it hears that, behind a pooler for one, nobody can tell the version.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Hashable
from secrets import token_hex
from time import monotonic
from typing import Any, Protocol
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

CHANNEL = "heliograph"
CALLED_EVERY_S, HEARD_WITHIN_S = 5.0, 2.0
LOOKED_EVERY_S = 0.001  # for commits of other processes: nobody can have heard of them sooner
SOMETHING = ""  # what is said of a commit; a listener's own name is said by itself only
_SAY = sa.select(sa.func.pg_notify(CHANNEL, sa.bindparam("said")))


class Version(Protocol):
    """How a store says that it has moved."""

    def now(self) -> Hashable | None:
        """Another value once anything has been committed; None while nobody can tell."""

    def moved(self) -> None:
        """This process has committed something, which it need not be told."""

    async def tell(self, db: AsyncConnection) -> None:
        """Say to every process that what this transaction writes is there, once it is."""

    async def listen(self, stop: asyncio.Event) -> None:
        """Hear what is said, until told to stop. Raises when it cannot be heard, or no longer."""

    def close(self) -> None:
        """Give what is open back; asking again opens it anew."""


class SqliteVersion:
    """The counter that SQLite keeps for each connection: it moves when another one has committed."""

    def __init__(self, path: str | None) -> None:
        self._path, self._db, self._opened = path, None, 0
        self._seen: Hashable | None = None
        self._until = 0.0

    def now(self) -> Hashable | None:
        """Asked in the event loop: it takes some microseconds, and never waits."""
        if self._until < (now := monotonic()):
            self._seen, self._until = self._look(), now + LOOKED_EVERY_S
        return self._seen

    def moved(self) -> None:
        """Look again at once."""
        self._until = 0.0

    async def tell(self, db: AsyncConnection) -> None:
        """The counter will know."""

    async def listen(self, stop: asyncio.Event) -> None:
        """There is nothing to hear."""
        await stop.wait()

    def close(self) -> None:
        """Close its connection."""
        self._until = 0.0
        if self._db is not None:
            self._db.close()
            self._db = None

    def _look(self) -> Hashable | None:
        try:
            db = self._db or self._open()
            # all of it: a statement that is not over would go on seeing the same moment
            return None if db is None else (self._opened, *db.execute("PRAGMA data_version").fetchall())
        except sqlite3.Error:
            return None

    def _open(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        where = f"file:{quote(self._path)}?mode=rw"  # a file that is not there must not be made
        self._db = sqlite3.connect(where, timeout=0, uri=True, check_same_thread=False)
        self._opened += 1
        return self._db


class PostgresVersion:
    """How often somebody has said that something was committed, as long as we hear what is said."""

    def __init__(self, listener: AsyncEngine, caller: AsyncEngine) -> None:
        self._listener, self._caller, self._name = listener, caller, token_hex(8)
        self._count, self._heard_until = 0, 0.0
        self._heard, self._lost = asyncio.Event(), asyncio.Event()

    def now(self) -> Hashable | None:
        """The count, if we have heard ourselves lately."""
        return self._count if monotonic() < self._heard_until else None

    def moved(self) -> None:
        """Count it before the notification comes: who wrote may ask at once."""
        self._count += 1

    async def tell(self, db: AsyncConnection) -> None:
        """Sent with the commit, once for each transaction however often it is said."""
        await db.execute(_SAY, {"said": SOMETHING})

    async def listen(self, stop: asyncio.Event) -> None:
        """On a connection of its own; the version can be told from the first time that we hear ourselves."""
        async with self._listener.connect() as db:
            driver: Any = (await db.get_raw_connection()).driver_connection
            self._lost.clear()
            driver.add_termination_listener(lambda _: self._lost.set())
            await driver.add_listener(CHANNEL, self._told)
            self._count += 1  # nobody knows what was committed before
            try:
                while not stop.is_set():
                    await self.call()
                    await _either(stop, self._lost)
            finally:
                self._heard_until = 0.0

    def close(self) -> None:
        """Its connection is closed by `listen`."""

    async def call(self) -> None:
        """Hear our own name, for what is said is heard in order. Raises TimeoutError, ConnectionError."""
        if self._lost.is_set():
            raise ConnectionError("the listener was cut off")
        self._heard.clear()
        async with self._caller.connect() as db:
            await db.execute(_SAY, {"said": self._name})
        await asyncio.wait_for(self._heard.wait(), HEARD_WITHIN_S)
        self._heard_until = monotonic() + CALLED_EVERY_S + HEARD_WITHIN_S

    def _told(self, _: Any, __: int, ___: str, said: str) -> None:
        if said == SOMETHING:
            self._count += 1
        elif said == self._name:
            self._heard.set()


async def _either(one: asyncio.Event, other: asyncio.Event) -> None:
    """Wait for one of the two, for as long as nobody need be called."""
    ends = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    await asyncio.wait(ends, timeout=CALLED_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()
