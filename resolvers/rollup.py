"""Differences into tiers: the refresh that adds them up, and the rebuild that counts anew from raw rows.

Each runs inside one snapshot transaction of the caller, so dying anywhere changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, OUTBOXES, TIERS, Fact, Intake, Organization, RefreshLock, Tier, Watermark
from models.base import TENANT_KEY, Utc, month_of_day
from models.rollups import DAY, MINUTE, MONTH
from resolvers.counting import ZERO, day_of, lines, whole
from resolvers.periods import (
    LAST,
    Granularity,
    Window,
    first_day,
    local_day,
    minute,
    moment,
    period_of_day,
    yearly_segments,
)
from resolvers.scope import mine, unscoped_for_worker
from resolvers.watermarks import horizon_of

WHY = "the refresh counts every organization at once"
RAISED_BY = 60  # minutes
# What every refresh asks is built once, for most of them find nothing to do.
_UNTIL = sa.bindparam("until", type_=Utc())
_COUNTED = sa.update(RefreshLock).where(RefreshLock.counted_to < _UNTIL).values(counted_to=_UNTIL)
_SOME = (sa.exists(sa.select(sa.literal(1)).select_from(OUTBOXES[fact])) for fact in FACTS)
_WAITING = unscoped_for_worker(sa.select(*_SOME), WHY)


@dataclass(frozen=True)
class Keep:
    """How the worker counts: how far the watermark stays behind, how long minutes are kept."""

    watermark_delay: timedelta = timedelta(seconds=5)
    minutes: timedelta = timedelta(days=8)

    def minutes_from(self, now: datetime) -> int:
        """The first minute that a minute tier is to hold."""
        return minute(now - self.minutes)


async def refresh(db: AsyncConnection, now: datetime, keep: Keep) -> int:
    """Add every waiting difference to every tier and move the watermarks; says how many there were.

    Wants a transaction that sees one snapshot: in READ COMMITTED a difference that is committed between
    two of these statements would reach one tier and not the other, or be deleted uncounted.
    """
    await hold(db, "refresh")
    minutes_from = await _minutes_from(db, now, keep)
    waiting = 0
    await db.execute(_COUNTED, {"until": now - keep.watermark_delay})
    for fact in await _waiting(db):
        outbox = OUTBOXES[fact]
        await db.execute(_revised(fact))
        for tier in TIERS[fact]:
            await db.execute(_add(tier, outbox, db.dialect.name, minutes_from))
        waiting += (await db.execute(_gone(outbox))).rowcount
    return waiting


async def rebuild(
    db: AsyncConnection,
    organization: Organization,
    now: datetime,
    keep: Keep,
    facts: tuple[Fact, ...] = FACTS,
) -> None:
    """Count one organization anew from its raw rows: repair, a new time zone, or a new release.

    What retention has left no raw rows of stays as it was counted.
    """
    await hold(db, "rebuild")
    minutes_from = await _minutes_from(db, now, keep)
    await db.execute(mine(sa.update(Intake).values(batches=Intake.batches), organization.id))
    horizon = (await horizon_of(db, organization.id)).detailed
    for fact in facts:
        outbox, since = OUTBOXES[fact], horizon if fact.expires else 0
        for tier in TIERS[fact] if since else ():  # what waits may be about rows that are gone since
            await db.execute(_add(tier, outbox, db.dialect.name, minutes_from, organization.id))
        await db.execute(mine(sa.delete(outbox), organization.id))
        await db.execute(_recount(fact, organization, now, since))
        for tier in TIERS[fact]:
            await _clear(db, tier, organization, since)
            await db.execute(_add(tier, outbox, db.dialect.name, minutes_from, organization.id))
        await db.execute(mine(sa.delete(outbox), organization.id))
        await _revise(db, fact, organization.id, since)


async def _clear(db: AsyncConnection, tier: Tier, organization: Organization, since: int) -> None:
    """Empty a tier from a local midnight on. A month that it cuts is left with its days before."""
    gone = mine(sa.delete(tier.table), organization.id)
    if not since:
        await db.execute(gone)
        return
    day = local_day(organization.timezone, since)
    first = {DAY: day, MONTH: period_of_day(Granularity.MONTH, day)}.get(tier.unit, since)
    await db.execute(gone.where(tier.table.c.slot >= first))
    if tier.unit == MONTH and (days := _days(tier)) is not None:
        span = (first_day(Granularity.MONTH, first), day)
        await db.execute(_months_of(tier, days, organization.id, span))


def _days(tier: Tier) -> Tier | None:
    return next((one for one in TIERS[tier.fact] if one.unit == DAY), None)


def _months_of(tier: Tier, days: Tier, organization_id: int, span: tuple[int, int]) -> sa.Insert:
    """Into the months what the days [first, end) add up to."""
    table, slot = days.table, days.table.c.slot
    dimensions = [table.c[d.name] for d in tier.dimensions]
    month = month_of_day(slot).label("month")
    sums = [sa.cast(sa.func.sum(table.c[s.name]), sa.BigInteger) for s in tier.fact.sums]
    select = (
        sa.select(table.c[TENANT_KEY], table.c.clock, month, *dimensions, *sums)
        .where(slot >= span[0], slot < span[1])
        .group_by(table.c[TENANT_KEY], table.c.clock, sa.text("month"), *dimensions)
    )
    return sa.insert(tier.table).from_select([c.name for c in tier.table.c], mine(select, organization_id))


async def _revise(db: AsyncConnection, fact: Fact, organization_id: int, since: int) -> None:
    """A new revision; the first watermark of a fact that this release has brought, counted since then."""
    moved = sa.update(Watermark).where(Watermark.fact == fact.name).values(revision=Watermark.revision + 1)
    if not (await db.execute(mine(moved, organization_id))).rowcount:
        first = {TENANT_KEY: organization_id, "fact": fact.name, "revision": 1}
        await db.execute(sa.insert(Watermark).values(**first, counted_from=since))


async def never_counted(db: AsyncConnection) -> list[tuple[int, Fact]]:
    """Organizations and facts without a watermark: a migration that changes a fact takes it away."""
    why = "a new release counts every organization anew"
    marks = sa.select(Watermark.organization_id, Watermark.fact)
    marked = {tuple(row) for row in await db.execute(unscoped_for_worker(marks, why))}
    organizations = (await db.execute(sa.select(Organization.id).order_by(Organization.id))).scalars().all()
    return [(key, fact) for key in organizations for fact in FACTS if (key, fact.name) not in marked]


async def hold(db: AsyncConnection, holder: str) -> None:
    """One that writes tiers at a time."""
    if db.dialect.name == "postgresql":
        # Who waits for a table has no snapshot yet; who waits for a row has one, stale once it comes free.
        await db.execute(sa.text("LOCK TABLE refresh_lock IN EXCLUSIVE MODE"))
    await db.execute(sa.update(RefreshLock).values(holder=holder))


@lru_cache(maxsize=64)  # building the statements of one refresh takes longer than running them
def _add(
    tier: Tier, outbox: sa.Table, dialect: str, minutes_from: int, organization_id: int | None = None
) -> Any:
    """INSERT INTO tier SELECT sums of the outbox, added to what is there."""
    slot = tier.slot_of(outbox)
    dimensions = [outbox.c[d.name] for d in tier.dimensions]
    sums = [sa.cast(sa.func.sum(outbox.c[s.name]), sa.BigInteger) for s in tier.fact.sums]
    select = (
        sa.select(outbox.c[TENANT_KEY], outbox.c.clock, slot.label("slot"), *dimensions, *sums)
        .group_by(outbox.c[TENANT_KEY], outbox.c.clock, sa.text("slot"), *dimensions)
        .having(sa.or_(*(sa.func.sum(outbox.c[s.name]) != ZERO for s in tier.fact.sums)))
    )
    if tier.unit == MINUTE:
        select = select.where(outbox.c.minute >= whole(minutes_from))
    if tier.clocks != tier.fact.clocks:
        select = select.where(outbox.c.clock.in_([whole(clock) for clock in tier.clocks]))
    if organization_id is not None:
        select = mine(select, organization_id)
    table = tier.table
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    insert = insert.from_select([c.name for c in table.c], select)
    insert = insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={s.name: table.c[s.name] + insert.excluded[s.name] for s in tier.fact.sums},
    )
    return unscoped_for_worker(insert, WHY) if organization_id is None else insert


def _recount(fact: Fact, organization: Organization, now: datetime, since: int) -> sa.Insert:
    """Into the outbox everything that the organization's raw rows count for, from a minute on."""
    outbox = OUTBOXES[fact]
    rows = mine(sa.select(fact.table), organization.id).cte("everything")
    counted = lines(fact, rows, window=Window(moment(since), LAST) if since else None)
    zone = yearly_segments(
        organization.timezone, datetime(2000, 1, 1, tzinfo=now.tzinfo), now + timedelta(days=366)
    )
    keys = [
        counted.c[TENANT_KEY],
        counted.c.clock,
        counted.c.minute,
        *(counted.c[d.name] for d in fact.dimensions),
    ]
    sums = [sa.cast(sa.func.sum(counted.c[s.name]), sa.BigInteger) for s in fact.sums]
    select = sa.select(*keys[:3], day_of(counted.c.minute, zone), *keys[3:], *sums).group_by(*keys)
    return sa.insert(outbox).from_select([c.name for c in outbox.c], select)


async def _waiting(db: AsyncConnection) -> list[Fact]:
    """The facts of which differences wait; most of the time none, so one statement asks for all."""
    found = (await db.execute(_WAITING)).one()
    return [fact for fact, is_waiting in zip(FACTS, found, strict=True) if is_waiting]


@cache
def _revised(fact: Fact) -> Any:
    """A new revision for who has waiting differences."""
    waiting = sa.select(OUTBOXES[fact].c[TENANT_KEY]).distinct()
    theirs = sa.update(Watermark).where(Watermark.fact == fact.name, Watermark.organization_id.in_(waiting))
    return unscoped_for_worker(theirs.values(revision=Watermark.revision + 1), WHY)


@cache
def _gone(outbox: sa.Table) -> Any:
    return unscoped_for_worker(sa.delete(outbox), WHY)


async def _minutes_from(db: AsyncConnection, now: datetime, keep: Keep) -> int:
    """The first minute to count in the minute tiers; once an hour the boundary rises and old rows go.

    The planner trusts the stored boundary. What goes has been below it for an hour, so no question that
    is still running can rely on it, whatever clocks and settings say.
    """
    held = (await db.execute(sa.select(RefreshLock.minutes_from))).scalar_one()
    wanted = keep.minutes_from(now)
    if wanted - held < RAISED_BY:
        return held
    await db.execute(sa.update(RefreshLock).values(minutes_from=wanted))
    for fact in FACTS:
        for tier in TIERS[fact]:
            if tier.unit == MINUTE:
                old = sa.delete(tier.table).where(tier.table.c.slot < held)
                await db.execute(unscoped_for_worker(old, WHY))
    return held or wanted  # the first time there is nothing older to be complete about
