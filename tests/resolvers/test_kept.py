"""What is left, put together: parts and gaps are the span, each part is one that its layer answers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Expired
from resolvers.kept import Layer, cover, expired, inside, left_out, whole_runs
from resolvers.periods import Granularity, Window, buckets, minute
from tests.worlds import at

MADRID = "Europe/Madrid"
UNITS = ("month", "day", "quarter", "minute", None)
START = at("2026-01-01")


def layer(unit: str | None, since: str | None = None, zone: str = MADRID) -> Layer:
    """A layer that is kept since then."""
    return Layer(unit, 0 if since is None else minute(at(since)), partial(inside, unit, zone=zone))


def told(parts: list[Window]) -> list[tuple[str, str]]:
    """Windows as they are read."""
    return [(f"{part.start:%m-%d %H:%M}", f"{part.end:%m-%d %H:%M}") for part in parts]


def test_the_coarsest_layer_takes_what_it_can_and_the_finer_ones_the_rest() -> None:
    # Months of Madrid begin at 23:00Z in winter; its day of 4 April at 22:00Z on the 3rd.
    layers = [layer("month"), layer("day", "2026-02-28 23:00"), layer("quarter", "2026-04-03 22:00")]

    parts, gaps = cover(Window(at("2026-01-20"), at("2026-04-04 12:07")), layers)

    assert told(parts) == [
        ("01-31 23:00", "03-31 22:00"),  # February and March
        ("03-31 22:00", "04-03 22:00"),  # three days
        ("04-03 22:00", "04-04 12:00"),  # quarters
    ]
    assert told(gaps) == [("01-20 00:00", "01-31 23:00"), ("04-04 12:00", "04-04 12:07")]


@given(
    st.integers(0, 10**7),
    st.integers(1, 10**7),
    st.lists(st.tuples(st.sampled_from(UNITS), st.integers(0, 300_000)), max_size=5),
    st.sampled_from(["UTC", MADRID, "Asia/Kathmandu", "America/Los_Angeles"]),
)
def test_parts_and_gaps_are_the_span(
    first: int, length: int, made: list[tuple[str | None, int]], zone: str
) -> None:
    start = START + timedelta(seconds=first)
    span = Window(start, start + timedelta(seconds=length))
    layers = [Layer(unit, minute(START) + since, partial(inside, unit, zone=zone)) for unit, since in made]

    parts, gaps = cover(span, layers)

    pieces = sorted([*parts, *gaps], key=lambda piece: piece.start)
    assert (pieces[0].start, pieces[-1].end) == (span.start, span.end)
    assert all(before.end == after.start for before, after in pairwise(pieces))
    for part in parts:
        assert any(one.inside(part) == part and minute(part.start) >= one.since for one in layers)
    for gap in gaps:
        assert all(one.part(gap) is None for one in layers)


def test_buckets_with_a_gap_are_left_out() -> None:
    made = buckets(Window(at("2026-04-01"), at("2026-04-06")), Granularity.DAY, "UTC")
    gap = Window(at("2026-04-02 23:59"), at("2026-04-03 00:01"))

    runs = whole_runs(made, [gap])

    assert told(runs) == [("04-01 00:00", "04-02 00:00"), ("04-04 00:00", "04-06 00:00")]
    assert left_out(made, runs) == {1, 2}
    assert left_out(made, []) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("start", "earliest", "granularity"),
    [
        ("2026-03-05 10:00", "2026-04-03T22:00:00Z", "DAY"),
        ("2026-01-05 10:00", "2026-04-03T22:00:00Z", "MONTH"),
        ("2026-01-04 23:00", "2026-02-28T23:00:00Z", "MONTH"),  # whole days
    ],
)
def test_who_asks_for_what_is_gone_hears_what_could_be_asked(
    start: str, earliest: str, granularity: str
) -> None:
    layers = [layer("month"), layer("day", "2026-02-28 23:00"), layer(None, "2026-04-03 22:00")]

    error = expired(Window(at(start), at("2026-04-30 22:00")), layers, layers)

    assert isinstance(error, Expired)
    assert error.details == {"earliest": earliest, "granularity": granularity}
    assert f"whole {granularity.lower()}s" in error.message
