"""A store says when something has been committed, and says nothing while it cannot know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa

from gateway.news import follow
from gateway.unit import run
from models import RefreshLock
from models.engine import Store
from tests.worlds import PATIENCE_S, opened

WRITE = sa.update(RefreshLock).values(holder="somebody")
LISTENERS = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"


@asynccontextmanager
async def following(url: str) -> AsyncGenerator[Store]:
    """A store that hears of commits."""
    stop = asyncio.Event()
    async with opened(url) as store:
        task = asyncio.create_task(follow(store, stop))
        try:
            await until(lambda: store.version.now() is not None)
            yield store
        finally:
            stop.set()
            await task


async def until(holds: Callable[[], bool]) -> None:
    """Wait for it."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  there is no event for what another connection does
            await asyncio.sleep(0.005)


async def test_a_commit_of_anybody_is_another_version(store_url: str) -> None:
    async with following(store_url) as store, opened(store_url) as other:
        before = store.version.now()

        await run(other, lambda db: db.execute(WRITE))

        await until(lambda: store.version.now() not in (before, None))


async def test_ones_own_commit_is_another_version_at_once(store_url: str) -> None:
    async with following(store_url) as store:
        before = store.version.now()

        await run(store, lambda db: db.execute(WRITE))

        assert store.version.now() not in (before, None)


async def test_reading_moves_nothing(store_url: str) -> None:
    async with following(store_url) as store:
        await store.ping()  # the first connection to a file opens its journal
        before = store.version.now()

        for _ in range(3):
            await store.ping()

        assert store.version.now() == before


async def test_who_does_not_listen_to_postgresql_cannot_tell(postgres_store_url: str) -> None:
    async with opened(postgres_store_url) as store:
        assert store.version.now() is None


async def test_a_quiet_commit_is_not_told_of(postgres_store_url: str) -> None:
    async with following(postgres_store_url) as store, opened(postgres_store_url) as other:
        before = store.version.now()
        assert isinstance(before, int)

        await run(other, lambda db: db.execute(WRITE), quiet=True)
        quiet = store.version.now()
        await run(other, lambda db: db.execute(WRITE))
        await until(lambda: store.version.now() != before)

        # what is told of is told of in the order of its commits: one of the two was counted
        assert (quiet, store.version.now()) == (before, before + 1)


async def test_a_listener_that_is_cut_off_comes_back_and_relies_on_nothing_from_before(
    postgres_store_url: str,
) -> None:
    async with following(postgres_store_url) as store:
        before = store.version.now()
        async with store.reading() as db:
            [pid] = (await db.exec_driver_sql(LISTENERS)).scalars()
            await db.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")

        await until(lambda: store.version.now() is None)
        await until(lambda: store.version.now() is not None)

        assert store.version.now() != before


async def test_a_file_that_is_not_there_has_no_version_and_is_not_made(tmp_path: Path) -> None:
    async with opened(f"sqlite+aiosqlite:///{tmp_path}/heliograph.db") as store:
        assert store.version.now() is None
        assert list(tmp_path.iterdir()) == []
