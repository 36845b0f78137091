"""Whole rows into a table, many at once and past the column types, to the driver.

COPY and arrays on PostgreSQL, one prepared statement on SQLite: however many rows, as many statements.
A table with policies takes no COPY, so many rows go through a temporary one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import TENANT_KEY

Row = dict[str, Any]
_POSTGRESQL = postgresql.dialect()
FEW = 200  # rows that arrays take in for less than a temporary table costs


async def append(db: AsyncConnection, table: sa.Table, rows: Collection[Sequence[Any]]) -> None:
    """Insert rows that are not there yet, each the values of all columns in their order."""
    if not rows:
        return
    if db.dialect.name == "sqlite":
        await db.exec_driver_sql(_insert(table), list(rows))
    elif len(rows) <= FEW:
        await db.exec_driver_sql(_insert_arrays(table), tuple(map(list, zip(*rows, strict=True))))
    else:
        await _staged(db, table, rows, _insert_staged(table))


async def update(db: AsyncConnection, table: sa.Table, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Set these columns of rows that are there; every column of a row must be given."""
    if not rows:
        return
    if db.dialect.name == "sqlite":
        values = map(itemgetter(*names, TENANT_KEY, "id"), rows)
        await db.exec_driver_sql(_update_one(table, tuple(names)), list(values))
    else:
        whole = list(map(itemgetter(*_names(table)), rows))
        await _staged(db, table, whole, _update_all(table, tuple(names)))


async def _staged(
    db: AsyncConnection, table: sa.Table, rows: Collection[Sequence[Any]], statement: str
) -> None:
    """Run a statement that finds the rows in a temporary table."""
    name = f"new_{table.name}"
    await db.exec_driver_sql(_stage(table))
    driver: Any = (await db.get_raw_connection()).driver_connection
    try:
        await driver.copy_records_to_table(name, records=rows, columns=_names(table))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise sa.exc.DBAPIError(f"COPY {name}", None, error, hide_parameters=True) from error
    except asyncio.CancelledError:
        await db.invalidate()  # it does not know what the driver was in the middle of, and would wait
        raise
    await db.exec_driver_sql(statement)
    await db.exec_driver_sql(f"DELETE FROM {name}")  # the same transaction may have more


def keys_parameter(keys: Sequence[str], dialect: str) -> Any:
    """The value of `:keys` in `counting.among`."""
    return orjson.dumps(list(keys)).decode() if dialect == "sqlite" else list(keys)


def _names(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns]


@cache
def _insert(table: sa.Table) -> str:
    names = ", ".join(_quoted(name) for name in _names(table))
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({marks})"


@cache
def _insert_arrays(table: sa.Table) -> str:
    names = ", ".join(map(_quoted, _names(table)))
    kinds = (column.type.compile(_POSTGRESQL) for column in table.columns)
    columns = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(kinds, 1))
    return f"INSERT INTO {_quoted(table.name)} ({names}) SELECT * FROM unnest({columns})"


@cache
def _insert_staged(table: sa.Table) -> str:
    names = ", ".join(map(_quoted, _names(table)))
    return f"INSERT INTO {_quoted(table.name)} ({names}) SELECT {names} FROM new_{table.name}"


@lru_cache
def _update_one(table: sa.Table, names: tuple[str, ...]) -> str:
    news = ", ".join(f"{_quoted(name)} = ?" for name in names)
    return f"UPDATE {_quoted(table.name)} SET {news} WHERE {TENANT_KEY} = ? AND id = ?"


@cache
def _stage(table: sa.Table) -> str:
    return (
        f"CREATE TEMP TABLE IF NOT EXISTS new_{table.name} (LIKE {_quoted(table.name)}) ON COMMIT DELETE ROWS"
    )


@lru_cache
def _update_all(table: sa.Table, names: tuple[str, ...]) -> str:
    # By way of a conflict that is sure to come: it is found by the key, whatever statistics say. A plain
    # UPDATE over an organization that they do not know yet reads all its rows for each that changes.
    told = ", ".join(map(_quoted, _names(table)))
    key = ", ".join(_quoted(column.name) for column in table.primary_key)
    news = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in names)
    return (
        f"INSERT INTO {_quoted(table.name)} ({told}) SELECT {told} FROM new_{table.name} "
        f"ON CONFLICT ({key}) DO UPDATE SET {news}"
    )


def _quoted(name: str) -> str:
    return f'"{name}"'
