"""Every row of a store, whatever kind of store and whichever of our schemas, as plain values and back.

Moments are microseconds since 1970 and days are text, as SQLite has them; PostgreSQL makes its own of them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Organization
from models.base import EPOCH, Base
from models.engine import is_outage
from models.errors import InvalidInput
from resolvers.bulk import append
from resolvers.scope import unscoped_for_worker

ROWS_AT_ONCE = 2_000
FORBIDDEN = "42"  # of PostgreSQL: what our role may not do, which is no mistake of a file
WHY = "a backup holds every organization"
Plain = list[list[Any]]


class Misfit(ValueError):
    """A value is of another kind than its column."""


class Kind(NamedTuple):
    """What plain values are in columns of some types."""

    about: str
    types: frozenset[type]
    is_sound: Callable[[Any], bool] | None = None  # or raises ValueError


NUMBERS = Kind("whole numbers", frozenset({int}))
TEXTS = Kind("texts", frozenset({str}))
# the first that fits; what fits none may hold anything
KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], Kind], ...] = (
    (sa.Boolean, Kind("yes and no", frozenset({int, bool}), lambda one: one in (0, 1))),
    (sa.Integer, NUMBERS),
    (sa.DateTime, NUMBERS),
    (sa.Date, Kind("days", frozenset({str}), lambda one: date.fromisoformat(one).isoformat() == one)),
    (sa.String, TEXTS),
)


@dataclass(frozen=True)
class Held:
    """A table as this store has it: its columns in their order, each with how a plain value goes in, and what
    plain values it has."""

    table: sa.Table
    into: dict[str, Callable[[Any], Any] | None]
    kinds: dict[str, Kind | None]
    numbered: tuple[str, ...]  # columns that PostgreSQL numbers

    def check(self, name: str, values: Sequence[Any]) -> None:
        """Raises Misfit unless the column can have these."""
        kind = self.kinds[name]
        if kind is None:
            return
        wrong = {*map(type, values)} - kind.types - {NoneType}
        if wrong or (kind.is_sound and not all(_holds(kind.is_sound, one) for one in values)):
            raise Misfit(f"{self.table.name}.{name} holds something else than {kind.about}")


def _holds(is_sound: Callable[[Any], bool], value: Any) -> bool:
    try:
        return value is None or is_sound(value)
    except ValueError:
        return False


async def tables(db: AsyncConnection) -> dict[str, Held]:
    """Our tables, those that others point at first."""
    return await db.run_sync(_tables)


async def count(db: AsyncConnection, held: Held) -> int:
    """How many rows it has."""
    return (await db.execute(_all(sa.select(sa.func.count()).select_from(held.table)))).scalar_one()


async def rows(db: AsyncConnection, held: Held) -> AsyncGenerator[Plain]:
    """All its rows, some at a time; moments and days are still as the driver has them."""
    async with db.stream(_all(sa.select(held.table))) as found:
        async for some in found.partitions(ROWS_AT_ONCE):
            yield [list(row) for row in some]


async def has_data(db: AsyncConnection) -> bool:
    """Whether anybody is known here."""
    return (await db.execute(sa.select(sa.exists(sa.select(Organization.id))))).scalar_one()


async def empty(db: AsyncConnection, found: dict[str, Held]) -> None:
    """Delete every row."""
    for held in reversed(found.values()):
        await db.execute(_all(sa.delete(held.table)))


async def put(db: AsyncConnection, held: Held, names: Sequence[str], plain: Plain) -> None:
    """Insert rows of these columns, which are those of the table in any order."""
    told = dict(zip(names, zip(*plain, strict=True), strict=True))
    for name, values in told.items():
        held.check(name, values)
    made = (
        told[name] if into is None else [None if one is None else into(one) for one in told[name]]
        for name, into in held.into.items()
    )
    await append(db, held.table, list(zip(*made, strict=True)))


@contextmanager
def sound(path: Path) -> Generator[None]:
    """Raises InvalidInput for what the file holds that is no row, or that the store does not take."""
    try:
        yield
    except Misfit as error:
        raise InvalidInput(f"{path}: {error}.") from error
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidInput(f"{path} holds something that is no row of a table.") from error
    except sa.exc.DBAPIError as error:
        if is_outage(error) or (getattr(error.orig, "sqlstate", None) or "")[:2] == FORBIDDEN:
            raise
        raise InvalidInput(f"{path} holds rows that the store does not take.") from error


async def settle(db: AsyncConnection, found: dict[str, Held]) -> None:
    """After the last row: numbers go on where they were, and the planner knows what there is."""
    if db.dialect.name == "sqlite":
        return
    for held in found.values():
        for name in held.numbered:
            sequence = sa.func.pg_get_serial_sequence(held.table.name, name)
            last = sa.func.coalesce(sa.func.max(held.table.c[name]), 0) + 1
            await db.execute(_all(sa.select(sa.func.setval(sequence, last, sa.false()))))
        await db.execute(sa.text(f'ANALYZE "{held.table.name}"'))


def _tables(connection: sa.Connection) -> dict[str, Held]:
    inspector = sa.inspect(connection)
    columns = {str(name): told for (_, name), told in inspector.get_multi_columns().items()}
    known = (str(table.name) for table in Base.metadata.sorted_tables)
    return {name: _held(name, columns[name], connection.dialect.name) for name in known if name in columns}


def _held(name: str, columns: Sequence[Any], dialect: str) -> Held:
    kinds = {str(one["name"]): one["type"] for one in columns}
    plain = {column: _plain(kind) for column, kind in kinds.items()}
    if dialect == "sqlite":  # its values are plain as they are, whatever they stand for
        return Held(sa.Table(name, sa.MetaData(), *map(sa.Column, kinds)), dict.fromkeys(kinds), plain, ())
    table = sa.Table(name, sa.MetaData(), *(sa.Column(column, kind) for column, kind in kinds.items()))
    numbered = (str(one["name"]) for one in columns if "nextval" in (one["default"] or ""))
    into = {column: _into(kind) for column, kind in kinds.items()}
    return Held(table, into, plain, tuple(numbered))


def _plain(kind: Any) -> Kind | None:
    return next((plain for types, plain in KINDS if isinstance(kind, types)), None)


def _into(kind: Any) -> Callable[[Any], Any] | None:
    """How PostgreSQL's driver wants a plain value of this type."""
    if isinstance(kind, sa.DateTime):
        return lambda micros: EPOCH + timedelta(microseconds=micros)
    if isinstance(kind, sa.Date):
        return date.fromisoformat
    return bool if isinstance(kind, sa.Boolean) else None


def _all(statement: Any) -> Any:
    return unscoped_for_worker(statement, WHY)
