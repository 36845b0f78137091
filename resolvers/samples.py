"""Rollups held against raw rows: days chosen by chance, counted anew, equal to the last unit.

raw rows − what a tier holds − what waits in the outbox = nothing, all of it seen in one snapshot
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """So many samples, half of them of days with raw rows, half of what tiers hold; fewer when there are
    none, and the same for the same chance."""
    uncounted = {(key, fact.name) for key, fact in await never_counted(db)}
    pairs = [(one, fact) for one in await every(db) for fact in FACTS if (one.id, fact.name) not in uncounted]
    found: list[Sample] = []
    ways = [_day_of_row, _day_of_slot]
    while pairs and len(found) < number:
        organization, fact = pair = chance.choice(pairs)
        for way in chance.sample(ways, len(ways)):
            if (day := await way(db, organization, fact, chance)) is not None:
                found.append(Sample(organization, fact, day))
                break
        else:
            pairs.remove(pair)
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


async def _day_of_row(
    db: AsyncConnection, organization: Organization, fact: Fact, chance: Random
) -> int | None:
    """The day of one of the rows, that retention has not taken; each stretch of time is as likely."""
    since, at = await _since(db, organization, fact), fact.time
    ends = mine(sa.select(sa.func.min(at), sa.func.max(at)), organization.id).where(at >= moment(since))
    first, last = (await db.execute(ends)).one()
    if first is None:
        return None
    some = first + (last - first) * chance.random()
    found = await _neighbour(db, ends, at, some, chance)
    return local_day(organization.timezone, minute(found))


async def _day_of_slot(
    db: AsyncConnection, organization: Organization, fact: Fact, chance: Random
) -> int | None:
    """A day that one of the tiers has numbers of, though no raw row may be left; of a month its first."""
    since = await _since(db, organization, fact)
    earliest = local_day(organization.timezone, since)
    places = [(tier, clock) for tier in TIERS[fact] for clock in tier.clocks]
    for tier, clock in chance.sample(places, len(places)):
        slot, zone = tier.table.c.slot, organization.timezone
        low = {DAY: earliest, MONTH: period_of_day(Granularity.MONTH, earliest)}.get(tier.unit, since)
        ours = mine(sa.select(sa.func.min(slot), sa.func.max(slot)), organization.id)
        ours = ours.where(tier.table.c.clock == clock, slot >= low)
        first, last = (await db.execute(ours)).one()
        if first is not None:
            found = await _neighbour(db, ours, slot, chance.randint(first, last), chance)
            return max(earliest, _day_in(tier, zone, found))
    return None


async def _neighbour(db: AsyncConnection, ends: Any, at: Any, some: Any, chance: Random) -> Any:
    """The next one from there or the last one up to there: with one of these, an end would never be drawn."""
    first, last = ends.where(at >= some), ends.where(at <= some)
    if chance.random() < 0.5:
        return (await db.execute(first)).one()[0]
    return (await db.execute(last)).one()[1]


def _day_in(tier: Tier, zone: str, slot: int) -> int:
    """The day of a slot, of a month its first."""
    if tier.unit == DAY:
        return slot
    return first_day(Granularity.MONTH, slot) if tier.unit == MONTH else local_day(zone, slot)


async def _since(db: AsyncConnection, organization: Organization, fact: Fact) -> int:
    """The first minute that raw rows and tiers are all kept of."""
    kept = (await progress(db, organization.id)).kept
    return max(minute(FIRST), *(kept.since(fact, one) for one in (None, *TIERS[fact])))


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
