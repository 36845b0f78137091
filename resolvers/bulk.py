"""Whole rows into a table, many at once: arrays on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

_PG = postgresql.dialect()


async def put(db: AsyncConnection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows, or replace those whose key is there already. Every column of a row must be given."""
    if not rows:
        return
    names = [c.name for c in table.columns]
    if db.dialect.name == "sqlite":
        await db.exec_driver_sql(_sqlite_put(table), list(map(itemgetter(*names), rows)))
    else:
        await db.exec_driver_sql(_postgres_put(table), tuple([row[n] for row in rows] for n in names))


def keys_parameter(keys: Sequence[str], dialect: str) -> Any:
    """The value of `:keys` in `counting.among`."""
    return orjson.dumps(list(keys)).decode() if dialect == "sqlite" else list(keys)


@cache
def _sqlite_put(table: sa.Table) -> str:
    names = [_quoted(c.name) for c in table.columns]
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {_quoted(table.name)} ({', '.join(names)}) VALUES ({marks}) {_replace(table)}"


@cache
def _postgres_put(table: sa.Table) -> str:
    names = ", ".join(_quoted(c.name) for c in table.columns)
    arrays = ", ".join(f"${i}::{c.type.compile(_PG)}[]" for i, c in enumerate(table.columns, 1))
    return f"INSERT INTO {_quoted(table.name)} ({names}) SELECT * FROM unnest({arrays}) {_replace(table)}"


def _replace(table: sa.Table) -> str:
    key = ", ".join(_quoted(c.name) for c in table.primary_key)
    rest = ", ".join(
        f"{_quoted(c.name)} = excluded.{_quoted(c.name)}" for c in table.columns if not c.primary_key
    )
    return f"ON CONFLICT ({key}) DO UPDATE SET {rest}"


def _quoted(name: str) -> str:
    return f'"{name}"'
