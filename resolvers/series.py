"""Series: a question answered bucket by bucket, with what is known of each bucket, and its earlier twin."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from models import Fact, Ratio
from models.base import EPOCH
from models.errors import Expired
from resolvers.filters import about_campaign
from resolvers.limits import check_buckets, check_granularity
from resolvers.loaders import Loaders
from resolvers.periods import Buckets, Granularity, Window, buckets
from resolvers.question import Question, Table
from resolvers.shifts import Comparison, shifted

Number = int | float | None
Group = tuple[str | int, ...]


class State(StrEnum):
    """How much of a bucket is counted."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    PENDING = "pending"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Series:
    """The numbers of a question, one place for each bucket, up to the watermark `as_of`."""

    question: Question
    buckets: Buckets
    table: Table
    as_of: datetime
    prior: Series | None = None
    elapsed: tuple[Table | None, Table | None] | None = None
    elapsed_until: datetime | None = None
    campaign: str | None = None

    @cached_property
    def asked(self) -> Question:
        """The question, narrowed to the campaign that it is about."""
        if self.campaign is None:
            return self.question
        return replace(self.question, where=about_campaign(self.campaign, self.question.where))

    @property
    def final(self) -> int:
        """How many buckets, from the first, are wholly counted."""
        return self.buckets.reached(self.as_of)[0]

    @property
    def known(self) -> int:
        """How many buckets, from the first, have begun to be counted."""
        return self.buckets.reached(self.as_of)[1]

    @cached_property
    def groups(self) -> list[Group]:
        """The groups that have any number, in order of their names."""
        return in_order(self.table.groups)

    def is_counted(self, place: int) -> bool:
        """Whether there are numbers of a bucket: it has begun to be counted, and is still kept."""
        return place < self.known and place not in self.table.expired

    def state(self, place: int) -> State:
        """How much of a bucket is counted."""
        if place in self.table.expired:
            return State.EXPIRED
        if place < self.final:
            return State.FINAL
        return State.PROVISIONAL if place < self.known else State.PENDING

    def values(self, measure: str, group: Group | None = None) -> list[Number]:
        """The measure in each bucket, of a group or of all; null where nothing is counted, or not kept."""
        chosen, found = self._sums(group), self.question.fact.measures[measure]
        known, expired = self.known, self.table.expired
        values: list[Any]
        if isinstance(found, Ratio):
            parts = self.question.fact.parts((measure,))
            columns = [_added([sums[name] for sums in chosen], len(self.buckets)) for name in parts]
            values = [*found.column(dict(zip(parts, columns, strict=True)))]
        else:
            values = [*_added([sums[measure] for sums in chosen], len(self.buckets))]
        if expired:
            values = [None if place in expired else number for place, number in enumerate(values)]
        return values if known == len(values) else [*values[:known], *[None] * (len(values) - known)]

    def total(self, measure: str, group: Group | None = None) -> Number:
        """The measure over all buckets that have begun to be counted; null when some are not kept."""
        if self.table.expired:
            return None
        known, chosen = self.known, self._sums(group)
        sums = {name: sum(sum(part[name][:known]) for part in chosen) for name in self.table.sums}
        return value(self.question.fact, measure, sums)

    def _sums(self, group: Group | None) -> list[dict[str, list[int]]]:
        if group is None:
            return list(self.table.groups.values())
        return [self.table.groups[group]] if group in self.table.groups else []


def in_order(groups: Iterable[Group]) -> list[Group]:
    """Each group once, by the names of its parts."""
    return sorted(set(groups), key=names_of)


def names_of(group: Group) -> tuple[str, ...]:
    """The parts of a group as texts."""
    return tuple(str(part) for part in group)


def begun(span: Window, granularity: Granularity, zone: str, as_of: datetime) -> Window | None:
    """The part of a span whose buckets have begun to be counted; None when none has."""
    if span.end <= as_of:
        return span
    if span.start >= as_of:
        return None
    last = buckets(Window(as_of - timedelta(microseconds=1), as_of), granularity, zone)
    return Window(span.start, min(last.window.end, span.end))


def value(fact: Fact, measure: str, sums: dict[str, int]) -> Number:
    """A measure of these sums: the sum itself, or the ratio."""
    found = fact.measures[measure]
    return found.of(sums) if isinstance(found, Ratio) else sums[measure]


async def series(
    loaders: Loaders,
    question: Question,
    compare: Comparison | None = None,
    as_of: datetime | None = None,
    with_totals: bool = True,
    shows_mark: bool = True,
) -> Series:
    """Answer a question that has a window and a granularity. Raises what its plan does not allow.

    `as_of` pins an earlier watermark, so that pages of one answer agree on what is known; `with_totals`
    asks for the totals of the comparison too. Without `shows_mark`, an answer whose buckets are all final
    does not stand on the watermark.
    """
    pinned = await _checked(loaders, question, as_of, shows_mark)
    if compare is None:
        return Series(question, _made(question), await loaders.tables.load(question), pinned)
    return await _compared(loaders, question, compare, pinned, with_totals)


async def series_of_campaigns(
    loaders: Loaders,
    question: Question,
    campaigns: Sequence[str],
    as_of: datetime | None = None,
    shows_mark: bool = True,
) -> list[Series]:
    """The same of each of some campaigns, in their order; one statement for all of them."""
    pinned, made = await _checked(loaders, question, as_of, shows_mark), _made(question)
    tables = await loaders.of_campaigns(question, campaigns)
    return [Series(question, made, tables[key], pinned, campaign=key) for key in campaigns]


async def _checked(
    loaders: Loaders, question: Question, as_of: datetime | None, shows_mark: bool
) -> datetime:
    """The watermark of a question that its plan allows; the earlier one, where one is pinned."""
    assert question.window is not None and question.granularity is not None
    plan = loaders.caller.plan
    check_granularity(plan, question.granularity)
    check_buckets(plan, question.window, question.granularity, question.zone)
    mark = (await loaders.progress()).marks[question.fact.mark]
    if shows_mark or _made(question).window.end > mark.as_of:
        await loaders.mark(question.fact.mark)
    return mark.as_of if as_of is None else min(mark.as_of, as_of)


async def _compared(
    loaders: Loaders, question: Question, compare: Comparison, as_of: datetime, with_totals: bool
) -> Series:
    """The series and its earlier twin."""
    window = shifted(_made(question).window, compare, question.granularity, question.zone, question.clip)
    twin = replace(question, window=window)
    tables = await asyncio.gather(loaders.tables.load(question), loaders.tables.load(twin))
    made = Series(question, _made(question), tables[0], as_of)
    made = replace(made, prior=Series(twin, _made(twin), tables[1], as_of))
    return await _with_totals(loaders, made) if with_totals else made


async def _with_totals(loaders: Loaders, made: Series) -> Series:
    """The totals of both windows, as far as the later one has passed; none of what is not kept."""
    assert made.prior is not None
    window, earlier = made.buckets.window, made.prior.buckets.window
    counted = _quarter(made.as_of)
    if counted < window.end:
        await loaders.mark(made.question.fact.mark)  # it says how far both are compared
    until = max(min(window.end, counted), window.start)
    if until == window.end:
        tables = tuple(None if one.expired else one for one in (made.table, made.prior.table))
    elif until == window.start:
        tables = (Table(None, made.table.sums), Table(None, made.table.sums))
    else:
        cut = min(earlier.start + (until - window.start), earlier.end)
        now, then = _whole(made, Window(window.start, until)), _whole(made.prior, Window(earlier.start, cut))
        tables = await asyncio.gather(_kept(loaders, now), _kept(loaders, then))
    return replace(made, elapsed=tables, elapsed_until=until)


async def _kept(loaders: Loaders, question: Question) -> Table | None:
    try:
        return await loaders.tables.load(question)
    except Expired:
        return None


def _whole(series: Series, window: Window) -> Question:
    return replace(series.question, window=window, granularity=None, clip=False)


def _quarter(as_of: datetime) -> datetime:
    """The last quarter of an hour that is wholly counted; every tier but days and months can cut there."""
    return as_of - (as_of - EPOCH) % timedelta(minutes=15)


def _made(question: Question) -> Buckets:
    assert question.window is not None and question.granularity is not None
    return buckets(question.window, question.granularity, question.zone, question.clip)


def _added(columns: list[list[int]], size: int) -> list[int]:
    if not columns:
        return [0] * size
    return columns[0] if len(columns) == 1 else [sum(row) for row in zip(*columns, strict=True)]
