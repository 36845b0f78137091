"""Whole rows into a table, many at once and past the column types, to the driver.

COPY and arrays on PostgreSQL, one prepared statement on SQLite: however many rows, as many statements.
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
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import TENANT_KEY

Row = dict[str, Any]


async def append(db: AsyncConnection, table: sa.Table, rows: Collection[Sequence[Any]]) -> None:
    """Insert rows that are not there yet, each the values of all columns in their order."""
    if not rows:
        return
    if db.dialect.name == "sqlite":
        await db.exec_driver_sql(_insert(table), list(rows))
    else:
        await _copy(db, table.name, _names(table), rows)


async def update(db: AsyncConnection, table: sa.Table, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Set these columns of rows that are there; every column of a row must be given."""
    if not rows:
        return
    if db.dialect.name == "sqlite":
        values = map(itemgetter(*names, TENANT_KEY, "id"), rows)
        await db.exec_driver_sql(_update_one(table, tuple(names)), list(values))
    else:
        await db.exec_driver_sql(_stage(table))
        await _copy(db, f"new_{table.name}", _names(table), list(map(itemgetter(*_names(table)), rows)))
        await db.exec_driver_sql(_update_all(table, tuple(names)))
        await db.exec_driver_sql(f"DELETE FROM new_{table.name}")  # the same transaction may have more


async def _copy(db: AsyncConnection, name: str, columns: list[str], rows: Collection[Sequence[Any]]) -> None:
    driver: Any = (await db.get_raw_connection()).driver_connection
    try:
        await driver.copy_records_to_table(name, records=rows, columns=columns)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise sa.exc.DBAPIError(f"COPY {name}", None, error, hide_parameters=True) from error
    except asyncio.CancelledError:
        await (
            db.invalidate()
        )  # it does not know what the driver was in the middle of, and would wait for that
        raise


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
