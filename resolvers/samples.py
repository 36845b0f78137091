"""Rollups held against raw rows: days chosen by chance, counted anew, equal to the last unit.

raw rows − what a tier holds − what waits in the outbox = nothing, all of it seen in one snapshot
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, OUTBOXES, TIERS, Fact, Organization, Tier
from models.base import TENANT_KEY, Utc
from models.rollups import DAY, MINUTE, MONTH, QUARTER
from resolvers.counting import ZERO, lines, touched, whole
from resolvers.organizations import every
from resolvers.periods import (
    FIRST,
    Granularity,
    Window,
    day_start,
    first_day,
    local_day,
    minute,
    moment,
    period_of_day,
)
from resolvers.rollup import never_counted
from resolvers.scope import WHOSE, mine
from resolvers.watermarks import progress


@dataclass(frozen=True)
class Sample:
    """A fact of an organization on one of its days, since 1970-01-01, and in the month around it."""

    organization: Organization
    fact: Fact
    day: int


@dataclass(frozen=True)
class Compared:
    """So many buckets of a tier were compared, and so many of them differ."""

    tier: Tier
    buckets: int
    wrong: int


@dataclass(frozen=True)
class _Span:
    """What is compared: slots of a tier, [low, high), and the time that they stand for."""

    low: int
    high: int
    window: Window


class _Moments(NamedTuple):
    """A window that is told when its statement runs."""

    start: sa.BindParameter[Any]
    end: sa.BindParameter[Any]


async def chosen(db: AsyncConnection, number: int, chance: Random) -> list[Sample]:
    """So many samples that have rows, fewer when there are none; the same for the same chance."""
    uncounted = {(key, fact.name) for key, fact in await never_counted(db)}
    pairs = [(one, fact) for one in await every(db) for fact in FACTS if (one.id, fact.name) not in uncounted]
    found: list[Sample] = []
    while pairs and len(found) < number:
        organization, fact = pair = chance.choice(pairs)
        if (at := await _some_moment(db, organization, fact, chance)) is None:
            pairs.remove(pair)
        else:
            found.append(Sample(organization, fact, local_day(organization.timezone, minute(at))))
    return found


async def compared(db: AsyncConnection, sample: Sample) -> list[Compared]:
    """Each tier that still holds the sample whole, against the raw rows. Wants one snapshot."""
    known = await progress(db, sample.organization.id)
    found: list[Compared] = []
    for tier in TIERS[sample.fact]:
        span = _span(tier, sample, known.minutes_from)
        if span is None or not all(known.kept.holds(sample.fact, one, span.window) for one in (None, tier)):
            continue
        told = {"low": span.low, "high": span.high, "start": span.window.start, "end": span.window.end}
        told |= {"start_minute": span.window.start_minute, "end_minute": span.window.end_minute}
        told[TENANT_KEY] = sample.organization.id
        buckets, wrong = (await db.execute(_differences(tier), told)).one()
        found.append(Compared(tier, int(buckets), int(wrong or 0)))
    return found


async def _some_moment(
    db: AsyncConnection, organization: Organization, fact: Fact, chance: Random
) -> datetime | None:
    """When one of the rows is, that retention has not taken; each stretch of time is as likely."""
    kept = (await progress(db, organization.id)).kept
    since = max(moment(max(kept.since(fact, one) for one in (None, *TIERS[fact]))), FIRST)
    at = fact.time
    ends = mine(sa.select(sa.func.min(at), sa.func.max(at)).where(at >= since), organization.id)
    first, last = (await db.execute(ends)).one()
    if first is None:
        return None
    after = mine(
        sa.select(sa.func.min(at)).where(at >= first + (last - first) * chance.random()), organization.id
    )
    return (await db.execute(after)).scalar_one()


def _span(tier: Tier, sample: Sample, minutes_from: int) -> _Span | None:
    """The slots of a tier that lie within the sample; of a month, all of it."""
    zone, day = sample.organization.timezone, sample.day
    if tier.unit == MONTH:
        month = period_of_day(Granularity.MONTH, day)
        first, after = (first_day(Granularity.MONTH, number) for number in (month, month + 1))
        return _Span(month, month + 1, _window(day_start(zone, first), day_start(zone, after)))
    start, end = day_start(zone, day), day_start(zone, day + 1)
    if tier.unit == DAY:
        return _Span(day, day + 1, _window(start, end))
    width = 15 if tier.unit == QUARTER else 1
    if tier.unit == MINUTE:
        start = max(start, minutes_from)
    start, end = -(-start // width) * width, end // width * width
    return _Span(start, end, _window(start, end)) if start < end else None


def _window(start: int, end: int) -> Window:
    return Window(moment(start), moment(end))


@cache
def _lines(fact: Fact) -> sa.Subquery:
    """What the raw rows of the window count for."""
    window: Any = _Moments(*(sa.bindparam(name, type_=Utc()) for name in ("start", "end")))
    rows = mine(sa.select(fact.table).where(touched(fact, window)), WHOSE).cte("everything")
    return lines(fact, rows, window=window)


@cache
def _differences(tier: Tier) -> Any:
    """How many buckets there are, and in how many raw rows, tier and outbox do not come out even."""
    fact, table, outbox = tier.fact, tier.table, OUTBOXES[tier.fact]
    low, high, start, end = (
        sa.bindparam(name, type_=sa.Integer) for name in ("low", "high", "start_minute", "end_minute")
    )
    raw: Any = _lines(fact)
    ours = (outbox.c.minute >= start, outbox.c.minute < end)
    waiting: Any = mine(sa.select(outbox).where(*ours), WHOSE).subquery("waiting")
    parts = sa.union_all(
        _part(tier, raw, low if tier.is_local else tier.slot_of(raw), 1),
        _part(tier, waiting, low if tier.is_local else tier.slot_of(waiting), -1),
        mine(_part(tier, table, table.c.slot, -1).where(table.c.slot >= low, table.c.slot < high), WHOSE),
    ).subquery("parts")
    is_wrong = sa.or_(*(sa.func.sum(parts.c[one.name]) != ZERO for one in fact.sums))
    keys = [parts.c.clock, parts.c.slot, *(parts.c[one.name] for one in tier.dimensions)]
    buckets = sa.select(sa.case((is_wrong, 1), else_=0).label("wrong")).group_by(*keys).subquery("buckets")
    return sa.select(sa.func.count(), sa.func.sum(buckets.c.wrong)).select_from(buckets)


def _part(tier: Tier, source: Any, slot: Any, sign: int) -> sa.Select[*tuple[Any, ...]]:
    """Clock, slot, dimensions and sums of a tier, with a sign."""
    sums = ((source.c[one.name] * whole(sign)).label(one.name) for one in tier.fact.sums)
    dimensions = (source.c[one.name] for one in tier.dimensions)
    clocks = [whole(clock) for clock in tier.clocks]
    slot = sa.cast(slot, sa.Integer).label("slot")
    return sa.select(source.c.clock, slot, *dimensions, *sums).where(source.c.clock.in_(clocks))
