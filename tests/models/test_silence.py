"""A line to PostgreSQL that went dead: nothing comes, and nobody says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from drills.line import line
from models.engine import Store, is_outage
from tests.worlds import PATIENCE_S, opened

ONE: Any = sa.select(sa.literal(1).label("one"))


async def through_the_pool(store: Store) -> Any:
    async with store.reading() as db:
        return (await db.execute(ONE)).all()


async def straight(store: Store) -> Any:
    return await store.direct.rows(ONE, {})


@pytest.mark.parametrize("read", [through_the_pool, straight])
async def test_a_read_does_not_wait_for_ever_for_a_dead_line(
    postgres_store_url: str, read: Callable[[Store], Awaitable[Any]]
) -> None:
    async with (
        line(postgres_store_url) as through,
        opened(through.url, pool_size=2, statement_timeout_s=1) as store,
    ):
        await read(store)
        with through.dead():
            async with asyncio.timeout(PATIENCE_S):
                with pytest.raises(Exception) as told:
                    await read(store)

        assert is_outage(told.value)
        assert [tuple(row) for row in await read(store)] == [(1,)]


async def test_whoever_listens_to_a_dead_line_hears_nothing(postgres_store_url: str) -> None:
    async with line(postgres_store_url) as through, opened(through.url) as store:
        assert store.silence is not None
        with through.dead():
            one, other = store.silence.listen(), store.silence.listen()

            assert one is other  # a crowd asks once
            assert await one
        assert not await store.silence.listen()


async def test_a_store_that_is_not_there_is_silent() -> None:
    async with opened("postgresql+asyncpg://nobody@127.0.0.1:1/nothing") as store:
        assert store.silence is not None
        assert await store.silence.listen()
