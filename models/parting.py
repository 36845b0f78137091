"""Connections that are given up, perhaps in the middle of something: nobody waits until they are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import sqlalchemy as sa

WITHIN_S = 2.0
ENDED = frozenset({"57P01", "57P02", "57P03", "57P05"})  # by a shutdown, a crash, a start, idleness
Goodbye = Callable[[Any], Coroutine[Any, Any, None]]
_PARTING: set[asyncio.Task[Any]] = set()


async def from_postgres(connection: Any) -> None:
    """What it still runs is cancelled, then it is closed; cut off when PostgreSQL does not answer."""
    async with asyncio.timeout(WITHIN_S):
        await connection.close()


async def from_sqlite(connection: Any) -> None:
    """It is closed as soon as its thread has heard of it."""
    await connection.close()


def part(goodbye: Coroutine[Any, Any, None]) -> None:
    """Say it meanwhile, whatever comes of that."""
    task = asyncio.get_running_loop().create_task(_said(goodbye))
    _PARTING.add(task)
    task.add_done_callback(_PARTING.discard)


async def parted() -> None:
    """Wait until all are gone that are going."""
    loop = asyncio.get_running_loop()
    if going := [task for task in _PARTING if task.get_loop() is loop]:
        await asyncio.wait(going, timeout=WITHIN_S)


async def _said(goodbye: Coroutine[Any, Any, None]) -> None:
    await asyncio.gather(goodbye, return_exceptions=True)


def part_at_once(dialect: sa.Dialect, goodbye: Goodbye) -> None:
    """Let SQLAlchemy's pools part so: whoever gives a connection up would wait until it is closed."""

    def terminate(connection: Any) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # it is only being collected
            connection.terminate()
        else:
            part(goodbye(connection.driver_connection))

    dialect.do_terminate = dialect.do_close = terminate  # ty: ignore[invalid-assignment]
