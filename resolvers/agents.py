"""Agents: who there is, whether they are there now, and how long they were away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Availability, User
from models.base import Utc, millis_between
from resolvers.periods import Window
from resolvers.scope import mine


@dataclass(frozen=True)
class Breaks:
    """How often somebody was away, and how long in all."""

    count: int = 0
    millis: int = 0


async def users(db: AsyncConnection, organization_id: int, only: str | None = None) -> list[User]:
    """The users of an organization, by name; only that one when it is given."""
    select = mine(sa.select(User.__table__), organization_id).order_by(User.name, User.id)
    if only is not None:
        select = select.where(User.id == only)
    return [User(**row) for row in (await db.execute(select)).mappings()]


async def breaks(
    db: AsyncConnection, organization_id: int, window: Window, now: datetime
) -> dict[str, Breaks]:
    """How long each user was away inside the window, by user; a break that lasts counts until now."""
    first, end = (sa.literal(moment, Utc()) for moment in (window.start, min(window.end, now)))
    last = sa.func.coalesce(Availability.ended_at, end)
    start = sa.case((Availability.started_at < first, first), else_=Availability.started_at)
    stop = sa.case((last > end, end), else_=last)
    millis = sa.cast(sa.func.sum(millis_between(start, stop)), sa.BigInteger)
    select = mine(
        sa.select(Availability.user_id, sa.func.count().label("count"), millis.label("millis")).where(
            Availability.is_available == sa.false(), Availability.started_at < end, last > first
        ),
        organization_id,
    )
    rows = await db.execute(select.group_by(Availability.user_id))
    return {row.user_id: Breaks(row.count, row.millis) for row in rows}


async def presence(db: AsyncConnection, organization_id: int, now: datetime) -> dict[str, Availability]:
    """The span that each user is in now, by user; who is in none is not there."""
    rank = sa.func.row_number().over(
        partition_by=Availability.user_id,
        order_by=(Availability.started_at.desc(), Availability.id.desc()),
    )
    running = mine(
        sa.select(Availability.__table__, rank.label("age")).where(
            Availability.started_at <= now,
            sa.or_(Availability.ended_at.is_(None), Availability.ended_at > now),
        ),
        organization_id,
    ).subquery("running")
    latest = sa.select(*(column for column in running.c if column.name != "age")).where(running.c.age == 1)
    return {row["user_id"]: Availability(**row) for row in (await db.execute(latest)).mappings()}
