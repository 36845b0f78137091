"""Retention: what is older than its horizon goes, part by part, and nothing that only it could tell.

horizon raised and stored ──until no question relies on the old one──▶ rows with their events, fine slots

A row goes when the last thing that happened to it lies below the horizon, so what raw rows say of the time
above is whole on every clock. Its id stays, so that whatever comes late of it cannot count it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from models import (
    FACTS,
    MESSAGES,
    TIERS,
    CreditEntry,
    Fact,
    Forgotten,
    Horizon,
    Intake,
    Message,
    Organization,
    Reached,
    SaidBefore,
    Tier,
    Watermark,
)
from models.base import TENANT_KEY
from models.recipients import reaching
from models.rollups import DAILY, DAY, MINUTE, QUARTER
from resolvers.bulk import keys_parameter
from resolvers.counting import among
from resolvers.kept import EVERYTHING, Kept
from resolvers.organizations import get
from resolvers.periods import Granularity, day_start, first_day, local_day, minute, moment, period_of_day
from resolvers.rollup import hold
from resolvers.scope import mine, own
from resolvers.watermarks import horizon_of

ROWS_AT_ONCE = 2_000
RUNNING_DAY = timedelta(days=1)
SLOTS_AT_ONCE = {MINUTE: 1440, QUARTER: 7 * 1440, DAY: 31}  # minutes, minutes, days
ROOTS: tuple[Fact, ...] = tuple(fact for fact in FACTS if fact.expires and fact.part_of is None)  # no views
FINE: tuple[Tier, ...] = tuple(tier for fact in FACTS for tier in TIERS[fact] if tier.goes_at is not None)


@dataclass(frozen=True)
class Terms:
    """How long events are kept in detail and day by day; for ever without. `grace` is how long a question
    may run."""

    detailed: timedelta | None = None
    daily: timedelta | None = None
    grace: timedelta = timedelta(seconds=15)

    @property
    def is_on(self) -> bool:
        """Whether anything goes at all."""
        return self.detailed is not None or self.daily is not None


def horizons(terms: Terms, zone: str, now: datetime, ledger: datetime | None = None) -> Kept:
    """Where the horizons belong: at a local midnight, and at that of the first of a local month.

    So many days before the running one stay, whatever zone a question has its days in. Days since the
    `ledger` of credits began stay: its balance is drawn day by day.
    """

    def month_start(at: datetime) -> int:
        number = period_of_day(Granularity.MONTH, local_day(zone, minute(at)))
        return day_start(zone, first_day(Granularity.MONTH, number))

    today, detailed, daily = now - RUNNING_DAY, 0, 0
    if terms.detailed is not None:
        detailed = day_start(zone, local_day(zone, minute(today - terms.detailed)))
    if terms.daily is not None:
        since = today - terms.daily
        daily = month_start(since if ledger is None else min(since, ledger))
    return Kept(max(detailed, 0), max(daily, 0))


async def aimed_at(db: AsyncConnection, organization: Organization, terms: Terms, now: datetime) -> Kept:
    """Where the horizons of an organization are to be: they only rise, and wait for what is uncounted."""
    held = await horizon_of(db, organization.id)
    marks = sa.select(sa.func.count()).select_from(Watermark)
    marks = marks.where(Watermark.fact.in_([fact.name for fact in FACTS]))
    if (await db.execute(mine(marks, organization.id))).scalar_one() < len(FACTS):
        return held
    since = (await db.execute(mine(sa.select(sa.func.min(CreditEntry.at)), organization.id))).scalar_one()
    aim = horizons(terms, organization.timezone, now, since)
    return Kept(max(held.detailed, aim.detailed), max(held.daily, aim.daily))


async def raise_horizons(db: AsyncConnection, organization_id: int, terms: Terms, now: datetime) -> bool:
    """Store where the horizons are to be; whether they have risen. From then no new question looks below."""
    await _lock(db, organization_id)
    organization = await get(db, organization_id)
    held, aim = await horizon_of(db, organization_id), await aimed_at(db, organization, terms, now)
    if aim == held:
        return False
    row = {"detailed_from": aim.detailed, "daily_from": aim.daily, "raised_at": now}
    if not (await db.execute(mine(sa.update(Horizon).values(row), organization_id))).rowcount:
        await db.execute(sa.insert(Horizon).values({TENANT_KEY: organization_id, **row}))
    return True


async def due(db: AsyncConnection, organization_id: int, terms: Terms, now: datetime) -> Kept:
    """The horizons, as soon as they have stood long enough for every question to know them; else none."""
    raised = (await db.execute(mine(sa.select(Horizon.raised_at), organization_id))).scalar_one_or_none()
    if raised is None or now - raised < terms.grace:
        return EVERYTHING
    return await horizon_of(db, organization_id)


async def forget_rows(
    db: AsyncConnection, organization_id: int, fact: Fact, terms: Terms, now: datetime
) -> int:
    """Take the next rows of a fact that are over, with all that is part of them; says how many it were.

    Intake holds the same lock: a row is there and can be told more, or its id is among the forgotten.
    """
    await _lock(db, organization_id)
    kept = await due(db, organization_id, terms, now)
    over = sa.select(fact.key).where(is_over(fact, kept)).order_by(fact.time).limit(ROWS_AT_ONCE)
    keys = (await db.execute(mine(over, organization_id))).scalars().all() if kept.detailed else []
    if not keys:
        return 0
    dialect, table, key = db.dialect.name, fact.table, fact.table.c[fact.key.key]
    named = {"keys": keys_parameter(keys, dialect)}
    ids = sa.select(table.c[TENANT_KEY], sa.literal(fact.name, sa.String), key).where(among(key, dialect))
    forgotten = sa.insert(Forgotten).from_select([TENANT_KEY, "fact", "id"], mine(ids, organization_id))
    await db.execute(forgotten, named)
    if fact is MESSAGES:
        await db.execute(_reached(organization_id, dialect), named)
        await db.execute(_said_before(organization_id, dialect), named)
    taken = 0
    for part in (*_parts_of(fact), fact):
        column = key if part is fact else _whole_of(part)
        gone = sa.delete(part.table).where(among(column, dialect))
        taken += (await db.execute(mine(gone, organization_id), named)).rowcount
    return taken


def _reached(organization_id: int, dialect: str) -> Any:
    """Whom campaigns reached with these messages, for it is counted by the first of them."""
    found = reaching(lambda table: own(table, organization_id)).where(among(_table(Message).c.id, dialect))
    each = found.subquery("taken")
    key = (each.c[TENANT_KEY], each.c.campaign_id, each.c.contact_id)
    first = sa.select(*key, sa.func.min(each.c.at)).where(sa.true()).group_by(*key)
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(Reached)
    insert = insert.from_select([column.name for column in _table(Reached).columns], first)
    earlier = sa.case((Reached.at <= insert.excluded.at, Reached.at), else_=insert.excluded.at)
    key_names = [column.name for column in _table(Reached).primary_key]
    return insert.on_conflict_do_update(index_elements=key_names, set_={"at": earlier})


def _said_before(organization_id: int, dialect: str) -> Any:
    """How many of these messages belong to each session of the chatbot, which counts them for ever."""
    message = _table(Message)
    key = (message.c[TENANT_KEY], message.c.session_id)
    said = (
        sa.select(*key, sa.func.count())
        .where(
            own(message, organization_id),
            among(message.c.id, dialect),
            message.c.session_id != "",
            message.c.is_test == sa.false(),
        )
        .group_by(*key)
    )
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(SaidBefore)
    insert = insert.from_select([column.name for column in _table(SaidBefore).columns], said)
    more = SaidBefore.messages + insert.excluded.messages
    key_names = [column.name for column in _table(SaidBefore).primary_key]
    return insert.on_conflict_do_update(index_elements=key_names, set_={"messages": more})


async def forget_slots(
    db: AsyncConnection, organization: Organization, tier: Tier, terms: Terms, now: datetime
) -> int:
    """Take the oldest slots of a tier that are below its horizon; says how many rows it were."""
    await hold(db, "retention")
    end = end_of(tier, await due(db, organization.id, terms, now), organization.timezone)
    slot = tier.table.c.slot
    for clock in tier.clocks:
        here = (own(tier.table, organization.id), tier.table.c.clock == int(clock), slot < end)
        first = (await db.execute(sa.select(sa.func.min(slot)).where(*here))).scalar_one()
        if first is not None:
            some = sa.delete(tier.table).where(*here, slot < first + SLOTS_AT_ONCE[tier.unit])
            return (await db.execute(some)).rowcount
    return 0


def end_of(tier: Tier, kept: Kept, zone: str) -> int:
    """The first slot of a tier that stays."""
    at = kept.daily if tier.goes_at == DAILY else kept.detailed
    return local_day(zone, at) if at and tier.unit == DAY else at


def is_over(fact: Fact, kept: Kept) -> sa.ColumnElement[bool]:
    """Whether everything that happened to a row, and to what is part of it, lies below the horizon."""
    before, table = moment(kept.detailed), fact.table
    moments = [table.c[name] for name in fact.moments]
    over = [sa.or_(at.is_(None), at < before) if at.nullable else at < before for at in moments]
    for part in _parts_of(fact):
        late = sa.or_(*(part.table.c[name] >= before for name in part.moments))
        own_parts = (
            part.table.c[TENANT_KEY] == table.c[TENANT_KEY],
            _whole_of(part) == table.c[fact.key.key],
        )
        over.append(~sa.exists().where(*own_parts, late))
    return sa.and_(*over)


@dataclass(frozen=True)
class Share:
    """How many rows of a table retention takes, and since when it keeps them; None since ever."""

    table: str
    rows: int
    kept_from: datetime | None


async def census(db: AsyncConnection, organization: Organization, kept: Kept) -> list[Share]:
    """What lies below these horizons, table by table."""
    found = []
    for table, count, at in _counts(organization, kept):
        rows = (await db.execute(mine(count, organization.id))).scalar_one() if at else 0
        found.append(Share(table, rows, moment(at) if at else None))
    return found


def _counts(organization: Organization, kept: Kept) -> Iterator[tuple[str, sa.Select[Any], int]]:
    number = sa.func.count()
    for fact in ROOTS:
        over = sa.select(fact.key).where(own(fact.table, organization.id), is_over(fact, kept))
        yield (
            fact.table.name,
            sa.select(number).select_from(fact.table).where(is_over(fact, kept)),
            kept.detailed,
        )
        for part in _parts_of(fact):
            gone = sa.select(number).select_from(part.table).where(_whole_of(part).in_(over))
            yield part.table.name, gone, kept.detailed
    for tier in FINE:
        below = tier.table.c.slot < end_of(tier, kept, organization.timezone)
        at = kept.daily if tier.goes_at == DAILY else kept.detailed
        yield tier.table.name, sa.select(number).select_from(tier.table).where(below), at


def _parts_of(fact: Fact) -> list[Fact]:
    return [one for one in FACTS if one.part_of is not None and one.part_of[0] is fact]


def _whole_of(part: Fact) -> sa.Column[Any]:
    """The column that names the row it goes with."""
    assert part.part_of is not None
    return part.table.c[part.part_of[1].key]


def _table(kind: Any) -> sa.Table:
    return kind.__table__


async def _lock(db: AsyncConnection, organization_id: int) -> None:
    """No batch of the organization is taken in meanwhile."""
    await db.execute(mine(sa.update(Intake).values(batches=Intake.batches), organization_id))
