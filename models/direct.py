"""Reads that go straight to the driver: compiled once, prepared by the connection, rows as they come.

SQLAlchemy builds every statement and spells it for the store; running one through its connections costs
several times what the driver itself takes. Statements that are built once and asked often come this way.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from models.alive import ask_at_times
from models.lock import gated
from models.parting import ENDED, from_postgres, part

PATIENCE_S, TICK_S = 5.0, 0.01  # for a connection; between two tries to interrupt
SILENT_S = 1.0  # after a statement's time is up: PostgreSQL would have said so by then
MOST_PREPARED = 500  # statements that a connection remembers
SQLALCHEMYS_OWN = {"async_fallback", "async_creator_fn", "prepared_statement_name_func"}
Row = Sequence[Any]
Process = Callable[[Any], Any]


class Compiled:
    """A statement in the words of a store, and how values go in and come out."""

    def __init__(self, statement: sa.Select[Any], dialect: sa.Dialect) -> None:
        made: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self.text: str = made.string
        self._fixed: dict[str, Any] = made.params
        self._names: list[str] = made.positiontup or []
        self.gated = gated(self.text, len(self._names))
        kinds = {name: made.binds[name].type for name in self._names if name in made.binds}
        self._into = {name: found for name, kind in kinds.items() if (found := _bound(kind, dialect))}
        out = [_told(column.type, dialect) for column in statement.selected_columns]
        self._out = [(place, process) for place, process in enumerate(out) if process is not None]

    def values(self, given: dict[str, Any]) -> tuple[Any, ...]:
        """The parameters in the order of their places."""
        found = {**self._fixed, **given}
        for name, process in self._into.items():
            found[name] = process(found[name])
        return tuple([found[name] for name in self._names])

    def rows(self, found: Sequence[Row]) -> Sequence[Row]:
        """Rows of the driver with values of ours."""
        if not self._out:
            return found
        made = [list(row) for row in found]
        for place, process in self._out:
            for row in made:
                row[place] = process(row[place])
        return made


def _bound(kind: Any, dialect: sa.Dialect) -> Process | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _told(kind: Any, dialect: sa.Dialect) -> Process | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


class Direct:
    """Reads of one store over up to `size` connections of their own, opened when they are needed."""

    def __init__(self, dialect: sa.Dialect, size: int) -> None:
        self._dialect, self._turns, self.size = dialect, asyncio.Semaphore(size), size
        self._is_locked = dialect.name == "postgresql"
        self.in_use = 0
        self.on_error: Callable[[Exception], None] = lambda _: None
        self._idle: list[Any] = []
        self._compiled: WeakKeyDictionary[sa.Select[Any], Compiled] = WeakKeyDictionary()

    async def rows(
        self, statement: sa.Select[Any], given: dict[str, Any], reach: int | None = None
    ) -> Sequence[Row]:
        """What the statement finds. It is compiled once: keep it, and give what varies as values."""
        made = self._compiled.get(statement)
        if made is None:
            made = self._compiled[statement] = Compiled(statement, self._dialect)
        text, values = self._held(made, made.values(given), reach)
        if self._turns.locked():
            async with asyncio.timeout(PATIENCE_S):
                await self._turns.acquire()
        else:
            await self._turns.acquire()
        self.in_use += 1
        try:
            found = await self._found(text, values)
        except Exception as error:
            self.on_error(error)
            raise
        finally:
            self.in_use -= 1
            self._turns.release()
        return made.rows(found)

    def _held(
        self, made: Compiled, values: tuple[Any, ...], reach: int | None
    ) -> tuple[str, tuple[Any, ...]]:
        """What is sent so that the store shows no other rows than these."""
        if reach is None or not self._is_locked:
            return made.text, values
        return made.gated, (*values, str(reach))

    async def _found(self, text: str, values: tuple[Any, ...]) -> Sequence[Row]:
        """The rows, over a connection that is idle afterwards if it is still good for anything."""
        raise NotImplementedError

    async def close(self) -> None:
        """Give every connection back, those in use when they are done; who asks again gets new ones."""
        raise NotImplementedError


class PostgresDirect(Direct):
    """asyncpg's connections, each of which prepares a statement when it first meets it."""

    def __init__(
        self, dialect: sa.Dialect, size: int, url: sa.URL, settings: dict[str, str], within_s: float
    ) -> None:
        super().__init__(dialect, size)
        self._url, self._settings, self._within_s = url, settings, within_s

    async def _connect(self) -> Any:
        import asyncpg  # noqa: PLC0415  who keeps SQLite does not need it

        _, options = self._dialect.create_connect_args(self._url)
        prepared = int(options.pop("prepared_statement_cache_size", MOST_PREPARED))  # 0 behind PgBouncer
        options = {name: value for name, value in options.items() if name not in SQLALCHEMYS_OWN}
        connection = await asyncpg.connect(
            **{"statement_cache_size": prepared, **options},
            server_settings=self._settings,
            timeout=PATIENCE_S,
            command_timeout=self._within_s,
        )
        ask_at_times(connection)
        return connection

    async def _found(self, text: str, values: tuple[Any, ...]) -> Sequence[Row]:
        from asyncpg import (  # noqa: PLC0415
            InterfaceError,
            InternalClientError,  # it has lost count of a connection that broke in the middle
            PostgresConnectionError,
            PostgresError,
        )

        idle = self._idle
        while idle and idle[-1].is_closed():
            idle.pop()
        connection, is_good = idle.pop() if idle else await self._connect(), False
        try:
            found = await connection.fetch(text, *values)
            is_good = True
        except (InterfaceError, InternalClientError, PostgresConnectionError) as error:
            raise ConnectionError("the connection to PostgreSQL was lost") from error
        except PostgresError as error:
            is_good = getattr(error, "sqlstate", None) not in ENDED
            raise
        finally:
            if is_good and idle is self._idle:
                idle.append(connection)
            else:
                # cut off in the middle of something, perhaps because nothing came
                part(from_postgres(connection))
        return found

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            part(from_postgres(connection))


class SqliteDirect(Direct):
    """Connections that only read, in threads of their own: one hop there and back for a statement."""

    def __init__(self, dialect: sa.Dialect, size: int, path: str, pragmas: Sequence[str]) -> None:
        super().__init__(dialect, size)
        self._path, self._pragmas, self._size = path, pragmas, size
        self._threads = ThreadPoolExecutor(size, "reads")

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        for pragma in self._pragmas:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    async def _found(self, text: str, values: tuple[Any, ...]) -> Sequence[Row]:
        idle = self._idle
        connection = idle.pop() if idle else await self._hop(self._open)
        under_way = self._hop(_fetched, connection, text, values)
        under_way.add_done_callback(partial(self._back, connection, idle))
        try:
            return await asyncio.shield(under_way)
        except asyncio.CancelledError:
            while not under_way.done():  # it may not have begun, and then hears nothing
                connection.interrupt()
                await asyncio.wait({under_way}, timeout=TICK_S)
            raise

    def _back(self, connection: sqlite3.Connection, idle: list[Any], done: asyncio.Future[Any]) -> None:
        """The thread is done with the connection, whoever has waited for that."""
        done.exception()  # told by the future itself, or to nobody
        if idle is self._idle:
            idle.append(connection)
        else:
            connection.close()

    def _hop(self, job: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._threads, job, *arguments)

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        self._threads.shutdown(wait=False)
        self._threads = ThreadPoolExecutor(self._size, "reads")  # it has no thread until it is used again


def _fetched(connection: sqlite3.Connection, text: str, values: tuple[Any, ...]) -> list[Row]:
    return connection.execute(text, values).fetchall()
