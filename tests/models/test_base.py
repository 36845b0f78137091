"""Moments and the words that the stores spell differently, the same on both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import EPOCH, Utc, epoch_minute, micros, month_of_day
from models.engine import Store
from tests.house import store_at
from tests.worlds import TESTS, at, bounded

TABLE = sa.Table("moments", sa.MetaData(), sa.Column("at", Utc))
OFFSETS = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=9, minutes=30))])
MOMENTS = st.builds(
    lambda microseconds, offset: (EPOCH + timedelta(microseconds=microseconds)).astimezone(offset),
    st.integers(micros(at("2000-01-01")), micros(at("2099-12-31"))),
    OFFSETS,
)
# One microsecond before a whole minute: where rounding a float would show.
LAST_MICROS = st.builds(
    lambda minutes: EPOCH + timedelta(minutes=minutes, microseconds=-1),
    st.integers(1, micros(at("2099-12-31")) // 60_000_000),
)


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """An open store."""
    opened = store_at(store_url).of_everyone(TESTS)
    yield opened
    await opened.close()


async def scalars(db: AsyncConnection, expression: Any, values: list[Any]) -> list[Any]:
    """The expression over each of the values, in one statement."""
    columns = [expression(value).label(f"c{place}") for place, value in enumerate(values)]
    return list((await db.execute(sa.select(*columns))).one())


@given(moments=st.lists(st.one_of(MOMENTS, LAST_MICROS), min_size=1, max_size=50))
@example([datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)])
@bounded(20)
async def test_a_moment_comes_back_to_the_microsecond_and_in_utc(
    store: Store, moments: list[datetime]
) -> None:
    async with store.reading() as db:
        found = await scalars(db, lambda moment: sa.cast(sa.literal(moment, Utc), Utc), moments)
        minutes = await scalars(db, lambda moment: epoch_minute(sa.literal(moment, Utc)), moments)

    assert found == moments
    assert {moment.utcoffset() for moment in found} == {timedelta(0)}
    assert minutes == [micros(moment) // 60_000_000 for moment in moments]


async def test_no_moment_stays_no_moment(store: Store) -> None:
    async with store.reading() as db:
        assert await scalars(db, lambda moment: sa.cast(sa.literal(moment, Utc), Utc), [None]) == [None]


async def test_a_moment_without_an_offset_is_refused(store: Store) -> None:
    naive = at("2026-05-05 10:00").replace(tzinfo=None)

    async with store.reading() as db:
        with pytest.raises(sa.exc.StatementError, match="naive datetime"):
            await db.execute(sa.select(sa.literal(naive, Utc)))
    with pytest.raises(ValueError, match="naive datetime"):
        micros(naive)


async def test_moments_are_compared_as_moments(store: Store) -> None:
    moments = [at("2026-05-05 00:00:00.000001"), at("2026-05-05"), at("2026-05-05 00:00:01")]
    values = sa.union_all(*(sa.select(sa.literal(moment, Utc).label("at")) for moment in moments)).subquery()

    async with store.reading() as db:
        found = await db.execute(
            sa.select(sa.cast(values.c.at, Utc)).where(values.c.at > moments[1]).order_by(values.c.at)
        )
        assert list(found.scalars()) == [moments[0], moments[2]]


@given(days=st.lists(st.dates(date(1970, 1, 1), date(2099, 12, 31)), min_size=1, max_size=100))
@example([date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1), date(1970, 1, 1)])
@bounded(20)
async def test_a_day_belongs_to_its_month(store: Store, days: list[date]) -> None:
    numbers = [(day - date(1970, 1, 1)).days for day in days]

    async with store.reading() as db:
        found = await scalars(db, lambda number: month_of_day(sa.literal(number, sa.Integer)), numbers)

    assert found == [day.year * 12 + day.month - 1 for day in days]
