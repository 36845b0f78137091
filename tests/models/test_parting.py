"""Connections that are given up: their statements end, and nobody waits for that."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.unit import run, work
from models import RefreshLock
from models.engine import SQLITE_PRAGMAS, Store, is_outage
from tests.worlds import PATIENCE_S, opened

SLEEPING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND state = 'active' "
    "AND pid <> pg_backend_pid() AND datname = current_database()"
)
SLEEP: Any = sa.select(sa.func.pg_sleep(sa.literal_column("600")).label("slept"))


async def through_the_pool(store: Store) -> None:
    async with store.reading() as db:
        await db.execute(SLEEP)


async def straight(store: Store) -> None:
    await store.direct.rows(SLEEP, {})


async def sleeping(store: Store, until: int) -> None:
    """Wait until so many statements sleep."""
    async with asyncio.timeout(PATIENCE_S), store.writer.connect() as db:
        while (await db.execute(SLEEPING)).scalar_one() != until:
            await db.rollback()
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("read", [through_the_pool, straight])
async def test_a_statement_that_nobody_waits_for_ends_on_postgresql(
    postgres_store_url: str, read: Callable[[Store], Awaitable[None]]
) -> None:
    async with opened(postgres_store_url, statement_timeout_s=600) as store:
        reading = asyncio.ensure_future(read(store))
        await sleeping(store, 1)
        reading.cancel()
        await asyncio.wait({reading})

        await sleeping(store, 0)
        await store.ping()


async def test_who_gives_up_a_locked_file_does_not_wait_for_the_lock(
    sqlite_store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.engine.SQLITE_PRAGMAS", (*SQLITE_PRAGMAS, "busy_timeout=600000"))
    async with opened(sqlite_store_url) as store:
        await run(store, lambda db: db.execute(sa.update(RefreshLock).values(holder="nobody")))
        path = store.url.database or ""
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            async with asyncio.timeout(PATIENCE_S):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2), work(store):
                        pass
            other.execute("ROLLBACK")

        await run(store, lambda db: db.execute(sa.update(RefreshLock).values(holder="somebody")))


async def test_a_connection_that_postgresql_ended_fails_once_at_most(postgres_store_url: str) -> None:
    async with opened(postgres_store_url, pool_size=3) as store, opened(postgres_store_url) as other:
        await asyncio.gather(*(store.ping() for _ in range(3)))
        asking = [asyncio.ensure_future(through_the_pool(store)) for _ in range(2)]
        asking += [asyncio.ensure_future(straight(store)) for _ in range(2)]
        await sleeping(other, 4)
        async with other.writer.connect() as db:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            await db.execute(sa.text(f"{ended} AND datname = current_database() AND usename = current_user"))

        ends = await asyncio.gather(*asking, return_exceptions=True)

        assert all(isinstance(end, Exception) and is_outage(end) for end in ends)
        await asyncio.gather(*(store.ping() for _ in range(3)))
        one: Any = sa.select(sa.literal(1).label("one"))
        found = await asyncio.gather(*(store.direct.rows(one, {}) for _ in range(3)))
        assert [tuple(row) for rows in found for row in rows] == [(1,)] * 3
