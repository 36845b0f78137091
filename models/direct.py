"""Reads that go straight to the driver: compiled once, prepared by the connection, rows as they come.

SQLAlchemy builds every statement and spells it for the store; running one through its connections costs
several times what the driver itself takes. Statements that are built once and asked often come this way.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

PATIENCE_S = 5.0  # for a connection
Row = Sequence[Any]
Process = Callable[[Any], Any]


class Compiled:
    """A statement in the words of a store, and how values go in and come out."""

    def __init__(self, statement: sa.Select[Any], dialect: sa.Dialect) -> None:
        made: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self.text: str = made.string
        self._fixed: dict[str, Any] = made.params
        self._names: list[str] = made.positiontup or []
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
        self._dialect, self._turns = dialect, asyncio.Semaphore(size)
        self._idle: list[Any] = []
        self._compiled: WeakKeyDictionary[sa.Select[Any], Compiled] = WeakKeyDictionary()

    async def rows(self, statement: sa.Select[Any], given: dict[str, Any]) -> Sequence[Row]:
        """What the statement finds. It is compiled once: keep it, and give what varies as values."""
        made = self._compiled.get(statement)
        if made is None:
            made = self._compiled[statement] = Compiled(statement, self._dialect)
        values = made.values(given)
        if self._turns.locked():
            async with asyncio.timeout(PATIENCE_S):
                await self._turns.acquire()
        else:
            await self._turns.acquire()
        try:
            found = await self._asked(made.text, values)
        finally:
            self._turns.release()
        return made.rows(found)

    async def _asked(self, text: str, values: tuple[Any, ...]) -> Sequence[Row]:
        connection = self._idle.pop() if self._idle else await self._connect()
        try:
            return await self._fetch(connection, text, values)
        finally:
            self._idle.append(connection)

    async def _connect(self) -> Any:
        raise NotImplementedError

    async def _fetch(self, connection: Any, text: str, values: tuple[Any, ...]) -> Sequence[Row]:
        raise NotImplementedError

    async def close(self) -> None:
        """Give every connection back."""
        raise NotImplementedError


class PostgresDirect(Direct):
    """asyncpg's connections, each of which prepares a statement when it first meets it."""

    def __init__(self, dialect: sa.Dialect, size: int, url: sa.URL, settings: dict[str, str]) -> None:
        super().__init__(dialect, size)
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._settings = settings

    async def _connect(self) -> Any:
        import asyncpg  # noqa: PLC0415  who keeps SQLite does not need it

        return await asyncpg.connect(
            self._dsn, server_settings=self._settings, timeout=PATIENCE_S, statement_cache_size=500
        )

    async def _asked(self, text: str, values: tuple[Any, ...]) -> Sequence[Row]:
        from asyncpg import InterfaceError, PostgresConnectionError  # noqa: PLC0415

        while self._idle and self._idle[-1].is_closed():
            self._idle.pop()
        try:
            return await super()._asked(text, values)
        except (InterfaceError, PostgresConnectionError) as error:
            raise ConnectionError(str(error)) from error

    async def _fetch(self, connection: Any, text: str, values: tuple[Any, ...]) -> Sequence[Row]:
        return await connection.fetch(text, *values)

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()


class SqliteDirect(Direct):
    """Connections that only read, in threads of their own: one hop there and back for a statement."""

    def __init__(self, dialect: sa.Dialect, size: int, path: str, pragmas: Sequence[str]) -> None:
        super().__init__(dialect, size)
        self._path, self._pragmas = path, pragmas
        self._size, self._threads = size, ThreadPoolExecutor(size, "reads")

    async def _connect(self) -> Any:
        return await self._hop(self._open)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        for pragma in self._pragmas:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    async def _fetch(self, connection: Any, text: str, values: tuple[Any, ...]) -> Sequence[Row]:
        under_way = self._hop(_fetched, connection, text, values)
        try:
            return await asyncio.shield(under_way)
        except asyncio.CancelledError:
            connection.interrupt()  # nobody waits for it any more, and the next one needs the connection
            await asyncio.wait({under_way})
            under_way.exception()  # interrupted, as was wanted
            raise

    def _hop(self, job: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._threads, job, *arguments)

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        self._threads.shutdown(wait=False)
        self._threads = ThreadPoolExecutor(self._size, "reads")  # a store may be used again


def _fetched(connection: sqlite3.Connection, text: str, values: tuple[Any, ...]) -> list[Row]:
    return connection.execute(text, values).fetchall()
