"""Buckets of a fact, as GraphQL answers them, in long form: a row for each bucket and group.

The window is asked for slice by slice, so that no answer outgrows the memory. With groups, a bucket has a
row for each group of which anything was counted in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from models import Clock, Fact
from resolvers.caller import Caller
from resolvers.exports.measures import at, measure_cells, measure_columns
from resolvers.exports.source import Asking, Params, Rows, Source
from resolvers.filters import Where
from resolvers.formats.columns import Column, Row, moment, text
from resolvers.limits import check_buckets, check_granularity
from resolvers.periods import Granularity, Window
from resolvers.question import Question
from resolvers.series import Series

SLICE, GROUPED_SLICE = 1_000, 30  # buckets asked for at once


class BucketsParams(Params):
    """A question for buckets, for several measures."""

    measures: tuple[str, ...]
    window: Window
    granularity: Granularity
    zone: str
    by: tuple[str, ...] = ()
    where: Where = ()
    clock: Clock = Clock.CREATED
    clip: bool = False

    def question(self, fact: Fact, organization_id: int) -> Question:
        """The question itself."""
        return Question(
            fact,
            organization_id,
            self.measures,
            self.window,
            self.granularity,
            self.zone,
            self.by,
            self.where,
            self.clock,
            self.clip,
        )


def buckets_of(fact: Fact) -> Source:
    """The source of a fact's buckets."""

    def columns(params: BucketsParams) -> tuple[Column, ...]:
        keys = (moment("start"), moment("end"), text("state"), *map(text, params.by))
        return (*keys, *measure_columns(fact, params.measures))

    async def rows(asking: Asking, params: BucketsParams) -> Rows:
        for question in slices(params.question(fact, asking.organization.id)):
            buckets = question.buckets
            assert buckets is not None
            series = Series(question, buckets, await asking.table(question), asking.as_of)
            yield await asyncio.to_thread(lambda found=series: list(_rows(found)))

    about = f"Buckets over time, a row for each bucket and group. {fact.about}"
    return Source(f"{fact.name}_buckets", about, fact, BucketsParams, columns, rows, _check)


def slices(question: Question) -> Iterator[Question]:
    """The same question about one part of its buckets after the other."""
    buckets = question.buckets
    assert buckets is not None
    step = GROUPED_SLICE if question.by else SLICE
    for first in range(0, len(buckets), step):
        last = min(first + step, len(buckets))
        yield replace(question, window=Window(buckets.moments[first], buckets.moments[last]))


async def _check(_: AsyncConnection, caller: Caller, params: BucketsParams) -> None:
    check_granularity(caller.plan, params.granularity)
    check_buckets(caller.plan, params.window, params.granularity, params.zone)


def _rows(series: Series) -> Iterator[Row]:
    question, moments = series.question, series.buckets.moments
    for place in range(len(series.buckets)):
        keys = (moments[place], moments[place + 1], series.state(place).value)
        for group, sums in _groups(series, place):
            yield (*keys, *map(str, group), *measure_cells(question.fact, question.measures, sums))


def _groups(series: Series, place: int) -> Iterator[tuple[tuple[str | int, ...], dict[str, int] | None]]:
    """The groups of a bucket with their sums, None where nothing is counted yet, or no longer kept."""
    is_counted, by = series.is_counted(place), series.question.by
    if not by or place in series.table.expired:
        found = series.table.groups.get((), {name: [0] * len(series.buckets) for name in series.table.sums})
        yield ("",) * len(by), at(found, place) if is_counted else None
        return
    for group in series.groups if is_counted else ():
        sums = at(series.table.groups[group], place)
        if any(sums.values()):
            yield group, sums
