"""The unit of work: the one place that begins and commits transactions."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.engine import Store

Connection = AsyncConnection
Result = TypeVar("Result")
# Serialization failure, deadlock; and a key that somebody else made first: the next attempt finds it.
RETRIED = frozenset({"40001", "40P01", "23505"})
ATTEMPTS = 8


@asynccontextmanager
async def work(store: Store, snapshot: bool = False, quiet: bool = False) -> AsyncGenerator[AsyncConnection]:
    """A connection in a transaction: committed when the block ends well, rolled back when it does not.

    Every process is told that it was, so that none relies on what it has read before; a `quiet` one writes
    nothing that an answer is made of.
    """
    async with store.writing() as db:
        if snapshot and not store.is_sqlite:
            await db.execution_options(isolation_level="REPEATABLE READ")
        async with db.begin():
            yield db
            if not quiet:
                await store.version.tell(db)
    if not quiet:
        store.version.moved()


async def run(
    store: Store,
    job: Callable[[AsyncConnection], Awaitable[Result]],
    snapshot: bool = False,
    quiet: bool = False,
) -> Result:
    """Do the job in a transaction, and again from the start when another one got in its way."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with work(store, snapshot, quiet) as db:
                return await job(db)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in RETRIED or attempt == ATTEMPTS:
                raise
        await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  it only spreads the retries
    raise AssertionError("unreachable")
