"""How far counting has come, fact by fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, OUTBOXES, Watermark
from resolvers.scope import mine, unscoped_for_worker


@dataclass(frozen=True)
class Mark:
    """Up to `as_of` everything that had come in is counted; `revision` grows when numbers move."""

    fact: str
    as_of: datetime
    revision: int


async def marks(db: AsyncConnection, organization_id: int) -> dict[str, Mark]:
    """The watermark of every fact of one organization."""
    select = mine(sa.select(Watermark.fact, Watermark.as_of, Watermark.revision), organization_id)
    return {row.fact: Mark(row.fact, row.as_of, row.revision) for row in await db.execute(select)}


async def oldest(db: AsyncConnection) -> datetime | None:
    """The watermark that is furthest behind, of any organization."""
    why = "operators watch the lag of the whole installation"
    return (await db.execute(unscoped_for_worker(sa.select(sa.func.min(Watermark.as_of)), why))).scalar_one()


async def waiting(db: AsyncConnection) -> int:
    """Differences that no refresh has added up yet, of all organizations and facts."""
    counts = [sa.select(sa.func.count()).select_from(OUTBOXES[fact]).scalar_subquery() for fact in FACTS]
    why = "operators watch the backlog of the whole installation"
    return (await db.execute(unscoped_for_worker(sa.select(sum(counts[1:], counts[0])), why))).scalar_one()
