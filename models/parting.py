"""Connections to PostgreSQL that are given up in the middle of something: nobody waits until they are gone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

WITHIN_S = 2.0
_PARTING: set[asyncio.Task[None]] = set()


def part(connection: Any) -> None:
    """Let a connection of asyncpg's go: what it still runs is cancelled, then it is closed, meanwhile."""
    try:
        task = asyncio.get_running_loop().create_task(_part(connection))
    except RuntimeError:  # there is no loop any more, nor anybody who waits
        connection.terminate()
        return
    _PARTING.add(task)
    task.add_done_callback(_PARTING.discard)


async def _part(connection: Any) -> None:
    from asyncpg import InterfaceError, PostgresError  # noqa: PLC0415  who keeps SQLite does not need it

    with suppress(OSError, TimeoutError, PostgresError, InterfaceError):
        await connection.close(timeout=WITHIN_S)


def part_at_once(dialect: sa.Dialect) -> None:
    """Let SQLAlchemy's pools do the same: whoever gave a connection up would wait until it is closed."""

    def terminate(connection: Any) -> None:
        part(connection.driver_connection)

    dialect.do_terminate = terminate  # ty: ignore[invalid-assignment]
