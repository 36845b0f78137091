"""The store behind a URL: pools for reading, for writing and for reading much, and its migrations.

SQLite has one writer, which takes the write lock as it begins. Readers begin no transaction; whoever reads
much sees one snapshot for as long as it takes.
"""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from models.base import micros

OUTAGE_CLASSES = frozenset({"08", "53", "57"})  # connection, resources, operator intervention
MIGRATIONS = Path(__file__).parent / "migrations"
SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=5000",
    "foreign_keys=ON",
    "cache_size=-65536",
)


# Rows written in bulk go past the column types, straight to the driver.
sqlite3.register_adapter(datetime, micros)
sqlite3.register_adapter(date, date.isoformat)


# What was bound never reaches a log; wide statements are kept compiled, but not without end.
ENGINE: dict[str, Any] = {"hide_parameters": True, "query_cache_size": 200}


class Store:
    """Where the data is. `reading()` gives a connection that commits nothing; the writer is the unit's."""

    def __init__(self, url: str, pool_size: int = 5, statement_timeout_s: float = 5.0) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _make_folder(self.url)
            self.writer = _sqlite(self.url, 1, "BEGIN IMMEDIATE")
            self.reader = _sqlite(self.url, pool_size, None)
            self.streamer = _sqlite(self.url, pool_size, "BEGIN", writes=False)
        else:
            self.writer = _postgres(self.url, pool_size, None)
            reads = _postgres(self.url, pool_size, statement_timeout_s)
            self.reader = reads.execution_options(isolation_level="AUTOCOMMIT")
            streams = _postgres(self.url, pool_size, 0)
            self.streamer = streams.execution_options(isolation_level="REPEATABLE READ")

    def reading(self) -> AsyncConnection:
        """A connection to read with: `async with store.reading() as db`."""
        return self.reader.connect()

    def streaming(self) -> AsyncConnection:
        """A connection to read much with, however long it takes: one snapshot until it is closed."""
        return self.streamer.connect()

    async def ping(self) -> None:
        """Raises when the store does not answer."""
        async with self.reading() as db:
            await db.execute(sa.select(1))

    async def close(self) -> None:
        """Give every connection back."""
        await self.writer.dispose()
        await self.reader.dispose()
        await self.streamer.dispose()


async def migrate(url: str, may_lose_history: bool = False) -> None:
    """Bring the store to the newest schema; safe to call again. Raises HistoryWouldGo unless it may go."""
    _make_folder(sa.make_url(url))
    config = alembic_config(url)
    config.attributes["may_lose_history"] = may_lose_history
    await asyncio.to_thread(command.upgrade, config, "head")


def alembic_config(url: str) -> Config:
    """Alembic's settings for this store."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def _make_folder(url: sa.URL) -> None:
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _sqlite(url: sa.URL, size: int, begin: str | None, writes: bool = True) -> AsyncEngine:
    engine = create_async_engine(
        url, poolclass=AsyncAdaptedQueuePool, pool_size=size, max_overflow=0, **ENGINE
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        if begin is None or not writes:
            cursor.execute("PRAGMA query_only=ON")
        if not writes:
            cursor.execute("PRAGMA cache_size=-4096")  # what is read once need not be remembered
        cursor.close()

    if begin is not None:

        @sa.event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine


def _postgres(url: sa.URL, size: int, statement_timeout_s: float | None) -> AsyncEngine:
    settings = {"application_name": "heliograph", "jit": "off", "TimeZone": "UTC"}
    if statement_timeout_s is None:  # the writer: a plan made while tables were small must not outlive that
        settings["plan_cache_mode"] = "force_custom_plan"
    else:
        settings["statement_timeout"] = str(int(statement_timeout_s * 1000))
        settings["default_transaction_read_only"] = "on"
    return create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=False,
        connect_args={"server_settings": settings, "timeout": 5},
        **ENGINE,
    )


def is_outage(error: BaseException) -> bool:
    """Whether the store could not be reached, had no connection left, or took too long."""
    if isinstance(error, sa.exc.TimeoutError | OSError | TimeoutError):
        return True
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        # SQLite says the same of a locked file and of a table that is not there
        return getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
    return (getattr(error.orig, "sqlstate", None) or "")[:2] in OUTAGE_CLASSES


async def is_current(url: str) -> bool:
    """Whether every migration has been applied."""
    wanted = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    engine = create_async_engine(url)
    try:
        async with engine.connect() as db:
            found = await db.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    finally:
        await engine.dispose()
    return found == wanted
