"""The store behind a URL: pools for reading, for writing and for reading much.

SQLite has one writer, which takes the write lock as it begins. Readers begin no transaction; whoever reads
much sees one snapshot for as long as it takes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

from models import lock
from models.alive import SETTINGS, engine_of
from models.base import micros
from models.direct import PATIENCE_S, SILENT_S, Direct, PostgresDirect, SqliteDirect
from models.errors import TookTooLong, Unavailable
from models.parting import ENDED, from_postgres, from_sqlite, part_at_once, parted
from models.silence import Silence
from models.version import PostgresVersion, SqliteVersion, Version

CANCELLED = "57014"  # PostgreSQL's word for a statement that ran out of its time
LOST_COUNT = "InternalClientError"  # asyncpg's
OUTAGE_CLASSES = frozenset({"08", "53", "57"})  # connection, resources, operator intervention
SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=4000",
    "foreign_keys=ON",
    "cache_size=-65536",
)
READ_ONLY = "query_only=ON"
VANISHED_S = 30.0  # who says nothing for so long in a transaction is gone, and what it holds comes free


# Rows written in bulk go past the column types, straight to the driver.
sqlite3.register_adapter(datetime, micros)
sqlite3.register_adapter(date, date.isoformat)


# What was bound never reaches a log; wide statements are kept compiled, but not without end.
ENGINE: dict[str, Any] = {"hide_parameters": True, "query_cache_size": 200}


class Store:
    """Where the data is. `reading()` gives a connection that commits nothing, `writing()` is for the unit.
    `version` says whether anything has been committed.

    It is lent `of` an organization, or of everyone: as it is, PostgreSQL shows it no rows of tenants.
    """

    reach: int | None = None  # an organization's number
    _why: str | None = None  # everyone's rows are touched

    def __init__(self, url: str, pool_size: int = 5, statement_timeout_s: float = 5.0) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.writer = _sqlite(self.url, 1, "BEGIN IMMEDIATE")
            self.reader = _sqlite(self.url, pool_size, None)
            self.streamer = _sqlite(self.url, pool_size, "BEGIN", writes=False)
            pragmas = (*SQLITE_PRAGMAS, READ_ONLY)
            self.direct: Direct = SqliteDirect(
                self.reader.dialect, pool_size, self.url.database or "", pragmas
            )
            self.version: Version = SqliteVersion(self.url.database)
            self.silence: Silence | None = None  # a file always answers
        else:
            self.writer = _postgres(self.url, pool_size, None)
            lock.open_transactions(self.writer.sync_engine)
            reads = _postgres(self.url, pool_size, statement_timeout_s)
            lock.gate_reads(reads.sync_engine)
            self.reader = reads.execution_options(isolation_level="AUTOCOMMIT")
            settings = _settings(statement_timeout_s)
            self.direct = PostgresDirect(
                self.reader.dialect, pool_size, self.url, settings, statement_timeout_s + SILENT_S
            )
            streams = _postgres(self.url, pool_size, 0)
            lock.open_transactions(streams.sync_engine)
            self.streamer = streams.execution_options(isolation_level="REPEATABLE READ")
            listener = engine_of(self.url, poolclass=NullPool)
            part_at_once(listener.dialect, from_postgres)
            self.version, self.silence = PostgresVersion(listener, self.reader), Silence(listener)

        self.faults = {True: 0, False: 0}  # errors of the store: outages, and what it would not do
        for engine in (self.writer, self.reader, self.streamer):
            sa.event.listen(engine.sync_engine, "handle_error", lambda c: self._note(c.original_exception))
        self.direct.on_error = self._note

    def _note(self, error: BaseException) -> None:
        self.faults[is_outage(error)] += 1

    def pools(self) -> dict[str, tuple[int, int]]:
        """Of each pool how many connections are in use, of how many."""
        engines = {"writer": self.writer, "reader": self.reader, "streamer": self.streamer}
        pools: dict[str, Any] = {name: one.pool for name, one in engines.items()}
        sizes = {name: (pool.checkedout(), pool.size()) for name, pool in pools.items()}
        return {**sizes, "direct": (self.direct.in_use, self.direct.size)}

    def of(self, organization_id: int) -> Store:
        """The same store, to whoever works for this organization."""
        return self._lend(organization_id)

    def of_everyone(self, why: str) -> Store:
        """The same store, to whoever works for all organizations at once, or does not know yet for which."""
        return self._lend(lock.EVERYONE, why)

    def _lend(self, reach: int, why: str | None = None) -> Store:
        lent = object.__new__(type(self))  # `copy` takes five times as long, and each request is lent one
        lent.__dict__.update(self.__dict__, reach=reach, _why=why)
        return lent

    def reading(self) -> AsyncConnection:
        """A connection to read with: `async with store.reading() as db`."""
        return self._lent(self.reader)

    def streaming(self) -> AsyncConnection:
        """A connection to read much with, however long it takes: one snapshot until it is closed."""
        return self._lent(self.streamer)

    def writing(self) -> AsyncConnection:
        """A connection to write with."""
        return self._lent(self.writer)

    def _lent(self, engine: AsyncEngine) -> AsyncConnection:
        if self.reach is None or self.is_sqlite:
            return engine.connect()
        return engine.execution_options(reach=self.reach, everyones=self._why).connect()

    async def ping(self) -> None:
        """Raises when the store does not answer."""
        async with self.reading() as db:
            await db.execute(sa.select(1))

    async def close(self) -> None:
        """Give every connection back; those that the store does not answer are cut off."""
        self.version.close()
        if self.silence is not None:
            await self.silence.close()
        await self.writer.dispose()
        await self.reader.dispose()
        await self.streamer.dispose()
        await self.direct.close()
        await parted()


async def rows(
    db: AsyncConnection | Store, select: sa.Select[Any], values: dict[str, Any]
) -> Sequence[Sequence[Any]]:
    """What a statement that was built once finds: in somebody's transaction, or straight from the driver."""
    if isinstance(db, Store):
        return await db.direct.rows(select, values, db.reach)
    return (await db.execute(select, values)).all()


def make_folder(url: sa.URL) -> None:
    """The folder that an SQLite file is to stand in."""
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _sqlite(url: sa.URL, size: int, begin: str | None, writes: bool = True) -> AsyncEngine:
    engine = engine_of(url, poolclass=AsyncAdaptedQueuePool, pool_size=size, max_overflow=0, **ENGINE)
    part_at_once(engine.dialect, from_sqlite)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        if begin is None or not writes:
            cursor.execute(f"PRAGMA {READ_ONLY}")
        if not writes:
            cursor.execute("PRAGMA cache_size=-4096")  # what is read once need not be remembered
        cursor.close()

    if begin is not None:

        @sa.event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine


def _postgres(url: sa.URL, size: int, statement_timeout_s: float | None) -> AsyncEngine:
    engine = engine_of(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=PATIENCE_S,
        pool_pre_ping=False,
        connect_args={
            "server_settings": _settings(statement_timeout_s),
            "timeout": PATIENCE_S,
            "command_timeout": statement_timeout_s + SILENT_S if statement_timeout_s else None,
        },
        **ENGINE,
    )
    part_at_once(engine.dialect, from_postgres)

    @sa.event.listens_for(engine.sync_engine, "handle_error")
    def _broken(context: sa.engine.ExceptionContext) -> None:
        context.is_disconnect = context.is_disconnect or is_broken(context.original_exception)

    return engine


def _settings(statement_timeout_s: float | None) -> dict[str, str]:
    """What a connection to PostgreSQL sets; those that read have a time for their statements, 0 for any."""
    settings = {"application_name": "heliograph", "jit": "off", "TimeZone": "UTC", **SETTINGS}
    if statement_timeout_s is None:  # the writer: a plan made while tables were small must not outlive that
        settings["plan_cache_mode"] = "force_custom_plan"
        settings["idle_in_transaction_session_timeout"] = str(int(VANISHED_S * 1000))
    else:
        settings["statement_timeout"] = str(int(statement_timeout_s * 1000))
        settings["default_transaction_read_only"] = "on"
    return settings


def is_damaged(error: BaseException) -> bool:
    """Whether an SQLite file is damaged, or is none."""
    orig = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return getattr(orig, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def unavailable(error: BaseException) -> Unavailable:
    """What to tell of an outage: of a question that took too long, what to do about it."""
    orig = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return TookTooLong() if getattr(orig, "sqlstate", None) == CANCELLED else Unavailable()


def is_broken(error: BaseException | None) -> bool:
    """Whether PostgreSQL ends this connection or is silent on it, or asyncpg does not know any more how far
    it was with it: the next who takes it from the pool would only hear of it too."""
    state, cause = getattr(error, "sqlstate", None), getattr(error, "__cause__", None)
    lost_count = state is None and LOST_COUNT in (type(error).__name__, type(cause).__name__)
    return lost_count or state in ENDED or isinstance(error, TimeoutError)


def is_outage(error: BaseException) -> bool:
    """Whether the store could not be reached, had no connection left, or took too long."""
    if isinstance(error, sa.exc.TimeoutError | OSError | TimeoutError):
        return True
    if isinstance(error, sa.exc.DBAPIError) and is_broken(error.orig):
        return True
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
    orig = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(orig, sqlite3.OperationalError):
        # SQLite says the same of a locked file and of a table that is not there
        return orig.sqlite_errorcode != sqlite3.SQLITE_ERROR
    return (getattr(orig, "sqlstate", None) or "")[:2] in OUTAGE_CLASSES
