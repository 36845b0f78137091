"""How many SQL statements PostgreSQL hears for an answer, as its log tells them."""

from __future__ import annotations

import asyncio
import re
import statistics
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import asyncpg

from benchmarks.load import Line
from benchmarks.postgres import Postgres, plain

ASKED = 5  # times, of which the median is told: something else may be going on meanwhile
SETTLES_WITHIN_S = 0.2  # until each connection has heard of a setting
CLEANED_WITHIN_S = 0.05  # a connection, once it is given back
EXECUTED = re.compile(rb"LOG:  (?:statement|execute [^:]*): ")


async def heard(server: Postgres, port: int, request: bytes) -> float | None:
    """Of one answer, with whatever begins, ends and cleans up; None when the log cannot be read."""
    if server.log is None:
        return None
    line = await Line.open(port)
    try:
        await line.ask(request)
        async with _listening(server) as count:
            counts = [count()]
            for _ in range(ASKED):
                await line.ask(request)
                await asyncio.sleep(CLEANED_WITHIN_S)
                counts.append(count())
        return statistics.median(after - before for before, after in pairwise(counts))
    finally:
        line.close()


@asynccontextmanager
async def _listening(server: Postgres) -> AsyncGenerator[Callable[[], int]]:
    """How many statements it has heard since the block began."""
    assert server.log is not None
    log, admin = server.log, await asyncpg.connect(plain(server.url))
    try:
        await _set(admin, "SET log_statement = 'all'")
        begin = log.stat().st_size
        yield lambda: executed(log.read_bytes()[begin:])
    finally:
        await _set(admin, "RESET log_statement")
        await admin.close()


async def _set(admin: asyncpg.Connection, what: str) -> None:
    await admin.execute(f"ALTER SYSTEM {what}")
    await admin.execute("SELECT pg_reload_conf()")
    await asyncio.sleep(SETTLES_WITHIN_S)


def executed(log: bytes) -> int:
    """The statements in a piece of a log with `log_statement = 'all'`."""
    return len(EXECUTED.findall(log))
