"""How far counting has come, fact by fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, OUTBOXES, RefreshLock, Watermark
from resolvers.scope import mine, unscoped_for_worker


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
    """How far counting has come for one organization."""
    boundary = sa.select(RefreshLock.minutes_from).scalar_subquery()
    select = sa.select(Watermark.fact, Watermark.as_of, Watermark.revision, boundary.label("minutes_from"))
    rows = (await db.execute(mine(select, organization_id))).all()
    return Progress({r.fact: Mark(r.fact, r.as_of, r.revision) for r in rows}, rows[0].minutes_from)


async def oldest(db: AsyncConnection) -> datetime | None:
    """The watermark that is furthest behind, of any organization."""
    why = "operators watch the lag of the whole installation"
    return (await db.execute(unscoped_for_worker(sa.select(sa.func.min(Watermark.as_of)), why))).scalar_one()


async def waiting(db: AsyncConnection) -> int:
    """Differences that no refresh has added up yet, of all organizations and facts."""
    counts = [sa.select(sa.func.count()).select_from(OUTBOXES[fact]).scalar_subquery() for fact in FACTS]
    why = "operators watch the backlog of the whole installation"
    return (await db.execute(unscoped_for_worker(sa.select(sum(counts[1:], counts[0])), why))).scalar_one()
