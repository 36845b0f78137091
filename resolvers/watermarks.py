"""How far counting has come, fact by fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, OUTBOXES, Horizon, Intake, Organization, RefreshLock, Watermark
from models.base import EPOCH, TENANT_KEY
from models.engine import Store, rows
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
    """The watermark of every fact, the first minute that the minute tiers hold, and what retention left.

    `batches` is how many have come in: more, when any of the organization's rows may have changed.
    """

    marks: dict[str, Mark]
    minutes_from: int
    kept: Kept = EVERYTHING
    batches: int = 0

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
    came_in = mine(sa.select(Intake.batches), WHOSE).scalar_subquery().label("batches")
    return mine(sa.select(*marks, *lock, *horizons, came_in), WHOSE)


_PROGRESS = _progress()
_BATCHES: Any = mine(sa.select(Intake.batches), WHOSE)
_HORIZON: Any = mine(sa.select(Horizon.detailed_from, Horizon.daily_from), WHOSE)


async def progress(db: AsyncConnection | Store, organization_id: int) -> Progress:
    """How far counting has come for one organization; nowhere for a fact that was never counted."""
    found = await rows(db, _PROGRESS, {TENANT_KEY: organization_id})
    marks = {fact.name: Mark(fact.name, EPOCH, 0) for fact in FACTS}
    if not found:
        horizon, came_in = await horizon_of(db, organization_id), await batches(db, organization_id)
        return Progress(marks, NO_MINUTES, horizon, came_in)
    minutes_from, counted_to, detailed, daily, came_in = found[0][3:]
    marks |= {fact: Mark(fact, counted_to, revision) for fact, revision, *_ in found}
    counted = {fact: since for fact, _, since, *_ in found if since}
    return Progress(marks, minutes_from, Kept(detailed or 0, daily or 0, counted), came_in)


async def horizon_of(db: AsyncConnection | Store, organization_id: int) -> Kept:
    """The horizons of an organization."""
    found = await rows(db, _HORIZON, {TENANT_KEY: organization_id})
    return Kept(*found[0]) if found else EVERYTHING


async def batches(db: AsyncConnection | Store, organization_id: int) -> int:
    """How many batches have come in for one organization."""
    [[number]] = await rows(db, _BATCHES, {TENANT_KEY: organization_id})
    return int(number)


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
