"""Reads straight from the driver find what SQLAlchemy's connections find, and give their connections back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from models import Organization
from models.base import Texts, Utc, one_of
from models.engine import Store, is_outage, rows, unavailable
from models.errors import TookTooLong
from tests.worlds import PATIENCE_S, enrolled, opened

NAMED: Any = sa.select(Organization.slug, Organization.created_at).where(
    one_of(Organization.slug, sa.bindparam("slugs", type_=Texts()))
)
# counts a million million rows: days on either store
LONG = sa.text(
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000000000) SELECT count(*) AS count FROM n"
)
FOREVER: Any = sa.select(sa.column("count")).select_from(LONG.columns(sa.column("count")).subquery())


async def test_texts_and_moments_go_in_and_come_out_as_through_a_connection(store_url: str) -> None:
    async with opened(store_url) as store:
        slug = (await enrolled(store)).slug
        given = {"slugs": ("nobody", slug)}
        direct = await rows(store, NAMED, given)
        async with store.reading() as db:
            found = await rows(db, NAMED, given)

        assert [tuple(row) for row in direct] == [tuple(row) for row in found]
        assert direct[0][0] == slug
        assert direct[0][1].tzinfo is UTC


async def test_what_varies_is_told_with_each_read(store_url: str) -> None:
    moment = sa.select(sa.bindparam("at", type_=Utc()).label("at"))
    first, second = datetime(2026, 5, 5, tzinfo=UTC), datetime(2026, 5, 6, 7, 8, 9, 10, tzinfo=UTC)
    async with opened(store_url) as store:
        told = [(await rows(store, moment, {"at": at}))[0][0] for at in (first, second)]

        assert told == [first, second]


async def test_a_read_that_nobody_waits_for_any_more_frees_its_connection(store_url: str) -> None:
    async with opened(store_url, pool_size=1, statement_timeout_s=600) as store:
        reading = asyncio.create_task(store.direct.rows(FOREVER, {}))
        await asyncio.sleep(0.2)
        reading.cancel()
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(asyncio.CancelledError):
                await reading
            assert await rows(store, sa.select(sa.literal(1)), {}) is not None


async def test_a_read_that_was_given_up_before_it_began_is_stopped_too(store_url: str) -> None:
    async with opened(store_url, pool_size=1, statement_timeout_s=600) as store:
        for turns in range(12):  # of the event loop
            reading = asyncio.create_task(store.direct.rows(FOREVER, {}))
            for _ in range(turns):
                await asyncio.sleep(0)
            reading.cancel()
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.wait({reading})

        assert await rows(store, sa.select(sa.literal(1)), {})


async def test_the_url_may_have_options_that_sqlalchemy_knows(postgres_store_url: str) -> None:
    """As an operator writes it who has PgBouncer in between."""
    url = sa.make_url(postgres_store_url).update_query_dict({"prepared_statement_cache_size": "0"})
    async with opened(url.render_as_string(hide_password=False)) as store:
        for _ in range(2):
            assert [tuple(row) for row in await rows(store, sa.select(sa.literal(1)), {})] == [(1,)]


async def test_who_finds_no_connection_is_told_that_the_store_is_away(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.direct.PATIENCE_S", 0.05)
    async with opened(store_url, pool_size=1) as store:
        reading = asyncio.create_task(store.direct.rows(FOREVER, {}))
        await asyncio.sleep(0.1)
        with pytest.raises(TimeoutError) as refused:
            await store.direct.rows(sa.select(sa.literal(1)), {})
        reading.cancel()
        await asyncio.wait({reading})

        assert is_outage(refused.value)


async def test_a_statement_that_takes_too_long_is_told_as_such(postgres_store_url: str) -> None:
    async with opened(postgres_store_url, statement_timeout_s=0.1) as store:
        with pytest.raises(Exception, match="statement timeout") as refused:
            await store.direct.rows(FOREVER, {})

        assert is_outage(refused.value)
        assert isinstance(unavailable(refused.value), TookTooLong)


async def test_a_connection_that_was_lost_is_not_used_again(postgres_store_url: str) -> None:
    async with opened(postgres_store_url, pool_size=1) as store:
        one: Any = sa.select(sa.literal(1).label("one"))
        await rows(store, one, {})
        async with store.writer.connect() as db:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            await db.execute(sa.text(f"{others} AND datname = current_database() AND usename = current_user"))
        await asyncio.sleep(0.1)

        assert [tuple(row) for row in await rows(store, one, {})] == [(1,)]


async def test_a_closed_store_opens_again(store_url: str) -> None:
    store = Store(store_url)
    one: Any = sa.select(sa.literal(1).label("one"))
    for _ in range(2):
        assert [tuple(row) for row in await rows(store, one, {})] == [(1,)]
        await store.close()
