"""How far counting has come, fact by fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, OUTBOXES, Organization, RefreshLock, Watermark
from models.base import EPOCH
from resolvers.scope import mine, unscoped_for_worker

NO_MINUTES = 1 << 31  # a minute that never comes


@dataclass(frozen=True)
class Mark:
    """Up to `as_of` everything that had come in is counted; `revision` grows when numbers move."""

    fact: str
    as_of: datetime
    revision: int


@dataclass(frozen=True)
class Progress:
    """The watermark of every fact, and the first minute that the minute tiers hold."""

    marks: dict[str, Mark]
    minutes_from: int


async def progress(db: AsyncConnection, organization_id: int) -> Progress:
    """How far counting has come for one organization; nowhere for a fact that was never counted."""
    boundary = sa.select(RefreshLock.minutes_from).scalar_subquery()
    select = sa.select(Watermark.fact, Watermark.as_of, Watermark.revision, boundary.label("minutes_from"))
    rows = (await db.execute(mine(select, organization_id))).all()
    marks = {fact.name: Mark(fact.name, EPOCH, 0) for fact in FACTS}
    marks |= {row.fact: Mark(row.fact, row.as_of, row.revision) for row in rows}
    return Progress(marks, rows[0].minutes_from if rows else NO_MINUTES)


async def oldest(db: AsyncConnection) -> datetime | None:
    """The watermark that is furthest behind, of any organization; 1970 when one is missing."""
    why = "operators watch the lag of the whole installation"
    marks = sa.select(sa.func.count(), sa.func.min(Watermark.as_of)).select_from(Watermark)
    number, mark = (await db.execute(unscoped_for_worker(marks, why))).one()
    organizations = (await db.execute(sa.select(sa.func.count()).select_from(Organization))).scalar_one()
    return mark if number >= organizations * len(FACTS) else EPOCH


async def waiting(db: AsyncConnection) -> int:
    """Differences that no refresh has added up yet, of all organizations and facts."""
    counts = [sa.select(sa.func.count()).select_from(OUTBOXES[fact]).scalar_subquery() for fact in FACTS]
    why = "operators watch the backlog of the whole installation"
    return (await db.execute(unscoped_for_worker(sa.select(sum(counts[1:], counts[0])), why))).scalar_one()
