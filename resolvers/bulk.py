"""Whole rows into a table, many at once and past the column types, to the driver.

COPY and arrays on PostgreSQL, one prepared statement on SQLite: however many rows, as many statements.
"""

from __future__ import annotations

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
_PG = postgresql.dialect()


async def append(db: AsyncConnection, table: sa.Table, rows: Collection[Sequence[Any]]) -> None:
    """Insert rows that are not there yet, each the values of all columns in their order."""
    if not rows:
        return
    if db.dialect.name == "sqlite":
        await db.exec_driver_sql(_insert(table), list(rows))
    else:
        driver: Any = (await db.get_raw_connection()).driver_connection
        try:
            await driver.copy_records_to_table(table.name, records=rows, columns=_names(table))
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise sa.exc.DBAPIError(f"COPY {table.name}", None, error, hide_parameters=True) from error


async def update(
    db: AsyncConnection, table: sa.Table, names: Sequence[str], rows: Sequence[Row], organization_id: int
) -> None:
    """Set these columns of rows of an organization that are there; they are known by their `id`."""
    if not rows:
        return
    if db.dialect.name == "sqlite":
        values = map(itemgetter(*names, TENANT_KEY, "id"), rows)
        await db.exec_driver_sql(_update_one(table, tuple(names)), list(values))
    else:
        columns = ([row[name] for row in rows] for name in ("id", *names))
        await db.exec_driver_sql(_update_all(table, tuple(names)), (organization_id, *columns))


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


@lru_cache
def _update_all(table: sa.Table, names: tuple[str, ...]) -> str:
    arrays = ", ".join(
        f"${place}::{table.c[name].type.compile(_PG)}[]" for place, name in enumerate(("id", *names), 2)
    )
    told = ", ".join(_quoted(name) for name in ("id", *names))
    news = ", ".join(f"{_quoted(name)} = told.{_quoted(name)}" for name in names)
    return (
        f"UPDATE {_quoted(table.name)} AS held SET {news} FROM unnest({arrays}) AS told ({told}) "
        f"WHERE held.{TENANT_KEY} = $1 AND held.id = told.id"
    )


def _quoted(name: str) -> str:
    return f'"{name}"'
