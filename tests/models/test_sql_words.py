"""The SQL words that the stores spell differently say the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Texts, Utc, iso_second, json_text, millis_between, minus_seconds, one_of
from models.engine import Store
from models.records import ContactRecord
from resolvers.intake.fold import fold
from tests.house import store_at
from tests.worlds import TESTS, at, bounded

MICROSECOND = timedelta(microseconds=1)
SECONDS = st.integers(0, 3_155_673_599).map(lambda second: at("2000-01-01") + timedelta(seconds=second))
MOMENTS = st.builds(
    lambda second, micros: second + timedelta(microseconds=micros),
    SECONDS,
    st.sampled_from([0, 1, 499_999, 500_000, 999_499, 999_500, 999_999]),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
VALUES = st.one_of(
    TEXTS, st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.booleans()
)


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """An open store."""
    opened = store_at(store_url).of_everyone(TESTS)
    yield opened
    await opened.close()


async def row(db: AsyncConnection, *expressions: Any) -> list[Any]:
    """These expressions, in one statement."""
    return list((await db.execute(sa.select(*(e.label(f"c{i}") for i, e in enumerate(expressions))))).one())


def told(moment: datetime | None) -> Any:
    return sa.literal(moment, Utc) if moment is not None else sa.cast(sa.null(), Utc)


@given(moments=st.lists(MOMENTS, min_size=1, max_size=40))
@example([at("2026-05-05 23:59:59.999999"), at("2000-01-01"), at("2024-02-29 12:00:00.500000")])
@bounded(10)
async def test_a_moment_is_written_cut_to_the_second_never_rounded(
    store: Store, moments: list[datetime]
) -> None:
    async with store.reading() as db:
        found = await row(db, *(iso_second(told(moment)) for moment in moments))
        none = await row(db, iso_second(told(None)))

    assert found == [f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}Z" for moment in moments]
    assert none == [""]


@given(pairs=st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=40))
@bounded(10)
async def test_milliseconds_between_two_moments_are_cut_towards_nought(
    store: Store, pairs: list[tuple[datetime, datetime]]
) -> None:
    async with store.reading() as db:
        found = await row(db, *(millis_between(told(start), told(end)) for start, end in pairs))

    # Whole microseconds first, for a division of integers is exact; int() of the quotient cuts towards nought.
    micros = [(end - start) // MICROSECOND for start, end in pairs]
    assert found == [abs(number) // 1000 * (1 if number >= 0 else -1) for number in micros]


@pytest.mark.parametrize(
    ("micros", "millis"),
    [
        (0, 0),
        (999, 0),
        (1000, 1),
        (1999, 1),
        (-1, 0),
        (-999, 0),
        (-1000, -1),
        (-1999, -1),
        (86_400_000_001, 86_400_000),
    ],
)
async def test_a_part_of_a_millisecond_does_not_count(store: Store, micros: int, millis: int) -> None:
    start = at("2026-05-05 12:00:00.000700")

    async with store.reading() as db:
        end = start + timedelta(microseconds=micros)
        assert await row(db, millis_between(told(start), told(end))) == [millis]
        assert await row(db, millis_between(told(start), told(None))) == [None]


@given(moments=st.lists(MOMENTS, min_size=1, max_size=20), seconds=st.integers(0, 40 * 86_400))
@bounded(8)
async def test_seconds_are_taken_off_to_the_microsecond(
    store: Store, moments: list[datetime], seconds: int
) -> None:
    taken = [sa.cast(minus_seconds(told(moment), sa.literal_column(str(seconds))), Utc) for moment in moments]

    async with store.reading() as db:
        assert await row(db, *taken) == [moment - timedelta(seconds=seconds) for moment in moments]


@given(custom=st.dictionaries(TEXTS.filter(bool), VALUES, max_size=6))
@example(
    {'a"b': "x", "$.a": "ü", "a.b": "'", "a[0]": "\\", "größe": "\u2028", "": "x"} | {"t": True, "f": False}
)
@example(
    {"int": 7, "whole": 7.0, "half": 7.5, "tiny": 1e-9, "huge": 1e300, "zero": 0, "text": "7", "said": "true"}
)
@bounded(12)
async def test_a_custom_field_is_the_text_that_was_told(store: Store, custom: dict[str, Any]) -> None:
    # Numbers and booleans become text on their way in, so that no store writes them in its own way.
    custom.pop("", None)
    record = ContactRecord(type="contact", id="1", created_at=at("2026-05-05"), custom=custom)
    ((_, rows),) = fold([record]).kept.items()
    column = sa.literal(rows["1"]["custom"], sa.Text)
    texts = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in custom.items()
    }

    async with store.reading() as db:
        assert await row(db, *(json_text(column, name) for name in (*custom, "never told"))) == [
            *texts.values(),
            "",
        ]


async def test_a_custom_field_that_is_told_as_none_is_not_there(store: Store) -> None:
    told: Any = {"none": None, "yes": True, "no": False, "n": 3, "long": 10**40}
    record = ContactRecord(type="contact", id="1", created_at=at("2026-05-05"), custom=told)
    ((_, rows),) = fold([record]).kept.items()

    long = "1" + "0" * 40  # as it was told: it is longer than a number that JSON libraries write
    assert rows["1"]["custom"] == f'{{"long":"{long}","n":"3","no":"false","yes":"true"}}'
    async with store.reading() as db:
        column = sa.literal(rows["1"]["custom"], sa.Text)
        assert await row(db, *(json_text(column, name) for name in told)) == ["", "true", "false", "3", long]


@given(texts=st.lists(TEXTS, max_size=8), asked=TEXTS)
@bounded(8)
async def test_a_text_is_one_of_a_list_when_it_is_in_it(store: Store, texts: list[str], asked: str) -> None:
    listed = sa.literal(tuple(texts), Texts())

    async with store.reading() as db:
        for text in (*texts, asked):
            assert await row(db, sa.cast(one_of(sa.literal(text), listed), sa.Boolean)) == [text in texts]
