"""What retention has left: which tiers still hold a span whole, and how to put one together.

span ──cover──▶ parts that one layer answers, the coarsest first, and gaps that none does
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from models import Fact, Tier
from models.base import EPOCH
from models.errors import Expired
from models.rollups import DAY, MINUTE, MONTH, QUARTER
from resolvers.periods import (
    Buckets,
    Granularity,
    Window,
    day_start,
    first_day,
    local_day,
    minute,
    moment,
    period_of_day,
)

LOCAL = {DAY: Granularity.DAY, MONTH: Granularity.MONTH}
STEPS = {MINUTE: timedelta(minutes=1), QUARTER: timedelta(minutes=15)}


@dataclass(frozen=True)
class Kept:
    """Since when an organization's events are kept: minutes since 1970, 0 since ever.

    `detailed` and `daily` are its horizons. `counted` says of a fact since when all its tiers know it.
    """

    detailed: int = 0
    daily: int = 0
    counted: Mapping[str, int] = field(default_factory=dict)

    def since(self, fact: Fact, tier: Tier | None) -> int:
        """The first minute that a tier holds whole, or the raw rows without one."""
        if not fact.expires:
            return 0
        if tier is None:
            return self.detailed
        taken = 0 if tier.goes_at is None else int(getattr(self, tier.goes_at))
        return max(taken, self.counted.get(fact.name, 0))

    def holds(self, fact: Fact, tier: Tier | None, span: Window | None) -> bool:
        """Whether a tier holds a span whole, or the raw rows without one; all time without a span."""
        since = self.since(fact, tier)
        return not since or (span is not None and span.start_minute >= since)


EVERYTHING = Kept()


@dataclass(frozen=True)
class Layer:
    """A tier, or the raw rows without a unit, that could answer a question: since when, and which spans."""

    unit: str | None
    since: int
    inside: Callable[[Window], Window | None]

    def part(self, span: Window) -> Window | None:
        """The longest part of the span that it answers."""
        start = max(span.start, moment(self.since))
        return self.inside(Window(start, span.end)) if start < span.end else None


def inside(unit: str | None, span: Window, zone: str) -> Window | None:
    """The longest part of a span that begins and ends where slots do; the raw rows can cut anywhere."""
    if unit is None:
        return span
    step = STEPS.get(unit, STEPS[MINUTE])
    first, last = span.start + (EPOCH - span.start) % step, span.end - (span.end - EPOCH) % step
    if unit in LOCAL:
        first, last = _next(LOCAL[unit], minute(first), zone), _last(LOCAL[unit], minute(last), zone)
    return Window(first, last) if first < last else None


def _next(width: Granularity, at: int, zone: str) -> datetime:
    """The first local day or month that begins at a minute or later."""
    number = period_of_day(width, local_day(zone, at))
    while (start := day_start(zone, first_day(width, number))) < at:
        number += 1
    return moment(start)


def _last(width: Granularity, at: int, zone: str) -> datetime:
    """The last local day or month that begins at a minute or before."""
    return moment(day_start(zone, first_day(width, period_of_day(width, local_day(zone, at)))))


def cover(span: Window, layers: Iterable[Layer]) -> tuple[list[Window], list[Window]]:
    """The parts of a span that layers answer, each one as much as it can of what those before have left; and
    the gaps."""
    parts: list[Window] = []
    gaps = [span]
    for layer in layers:
        left: list[Window] = []
        for gap in gaps:
            part = layer.part(gap)
            if part is None:
                left.append(gap)
                continue
            parts.append(part)
            left += [Window(a, b) for a, b in ((gap.start, part.start), (part.end, gap.end)) if a < b]
        gaps = left
    return parts, gaps


def whole_runs(made: Buckets, gaps: list[Window]) -> list[Window]:
    """The spans of neighbouring buckets that hold no gap."""
    runs: list[Window] = []
    for start, end in pairwise(made.moments):
        if any(gap.start < end and start < gap.end for gap in gaps):
            continue
        if runs and runs[-1].end == start:
            runs[-1] = Window(runs[-1].start, end)
        else:
            runs.append(Window(start, end))
    return runs


def left_out(made: Buckets, spans: list[Window]) -> frozenset[int]:
    """The places of the buckets that none of these spans holds."""
    starts = enumerate(made.moments[:-1])
    return frozenset(i for i, at in starts if not any(span.start <= at < span.end for span in spans))


def told(at: int) -> str:
    """A minute as callers read it."""
    return moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def expired(span: Window | None, exact: Iterable[Layer], coarser: Iterable[Layer]) -> Expired:
    """What to tell who asks for what is gone: since when this can be asked, or how much more coarsely.

    `exact` are the layers that answer such a question, `coarser` those that would without its buckets.
    """
    since = {one.unit: one.since for one in exact if span is None or one.inside(span) == span}
    earliest = told(min(since.values()))
    start = 0 if span is None else span.start_minute
    wide = [one.unit for one in coarser if one.unit in LOCAL and one.since <= start and one.unit not in since]
    details, hint = {"earliest": earliest}, ""
    if wide:
        details["granularity"] = str(wide[-1]).upper()
        hint = f", or for whole {wide[-1]}s of the organization's own time zone"
    return Expired(
        f"What lies before {earliest} is no longer kept as finely as this asks for; ask from there on{hint}.",
        **details,
    )
