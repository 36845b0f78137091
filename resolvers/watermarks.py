"""How far counting has come, fact by fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, OUTBOXES, Horizon, Intake, Organization, RefreshLock, Watermark
from models.base import EPOCH, TENANT_KEY
from resolvers.kept import EVERYTHING, Kept
from resolvers.scope import WHOSE, mine, unscoped_for_worker

NO_MINUTES = 1 << 31  # a minute that never comes


@dataclass(frozen=True)
class Mark:
    """Up to `as_of` everything that had come in is counted; `revision` grows when numbers move."""

    fact: str
    as_of: datetime
    revision: int


@dataclass(frozen=True)
class Progress:
    """The watermark of every fact, the first minute that the minute tiers hold, and what retention left."""

    marks: dict[str, Mark]
    minutes_from: int
    kept: Kept = EVERYTHING

    @property
    def revisions(self) -> tuple[int, ...]:
        """The revision of every fact: another one when any number has moved."""
        return tuple(mark.revision for mark in self.marks.values())


def _progress() -> Any:
    """Every request asks this, so it is built once."""
    lock = (
        sa.select(column).scalar_subquery().label(column.key)
        for column in (RefreshLock.minutes_from, RefreshLock.counted_to)
    )
    horizons = (
        mine(sa.select(column), WHOSE).scalar_subquery().label(column.key)
        for column in (Horizon.detailed_from, Horizon.daily_from)
    )
    marks = (Watermark.fact, Watermark.revision, Watermark.counted_from)
    return mine(sa.select(*marks, *lock, *horizons), WHOSE)


_PROGRESS = _progress()
_HORIZON = mine(sa.select(Horizon.__table__), WHOSE)


async def progress(db: AsyncConnection, organization_id: int) -> Progress:
    """How far counting has come for one organization; nowhere for a fact that was never counted."""
    rows = (await db.execute(_PROGRESS, {TENANT_KEY: organization_id})).all()
    marks = {fact.name: Mark(fact.name, EPOCH, 0) for fact in FACTS}
    marks |= {row.fact: Mark(row.fact, row.counted_to, row.revision) for row in rows}
    if not rows:
        return Progress(marks, NO_MINUTES, await horizon_of(db, organization_id))
    counted = {row.fact: row.counted_from for row in rows if row.counted_from}
    kept = Kept(rows[0].detailed_from or 0, rows[0].daily_from or 0, counted)
    return Progress(marks, rows[0].minutes_from, kept)


async def horizon_of(db: AsyncConnection, organization_id: int) -> Kept:
    """The horizons of an organization."""
    row = (await db.execute(_HORIZON, {TENANT_KEY: organization_id})).one_or_none()
    return EVERYTHING if row is None else Kept(row.detailed_from, row.daily_from)


async def batches(db: AsyncConnection, organization_id: int) -> int:
    """How many batches have come in for one organization: more, when any of its rows may have changed."""
    return (await db.execute(mine(sa.select(Intake.batches), organization_id))).scalar_one()


async def oldest(db: AsyncConnection) -> datetime | None:
    """Up to when every fact of every organization is counted; 1970 when one is not, None of nobody."""
    why = "operators watch the lag of the whole installation"
    marks = sa.select(sa.func.count()).select_from(Watermark)
    number = (await db.execute(unscoped_for_worker(marks, why))).scalar_one()
    organizations = (await db.execute(sa.select(sa.func.count()).select_from(Organization))).scalar_one()
    if not organizations:
        return None
    mark = (await db.execute(sa.select(RefreshLock.counted_to))).scalar_one()
    return mark if number >= organizations * len(FACTS) else EPOCH


async def waiting(db: AsyncConnection) -> int:
    """Differences that no refresh has added up yet, of all organizations and facts."""
    counts = [sa.select(sa.func.count()).select_from(OUTBOXES[fact]).scalar_subquery() for fact in FACTS]
    why = "operators watch the backlog of the whole installation"
    return (await db.execute(unscoped_for_worker(sa.select(sum(counts[1:], counts[0])), why))).scalar_one()
