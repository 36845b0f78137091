"""Campaigns: by id, and page by page, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Campaign
from resolvers.scope import mine


@dataclass(frozen=True)
class CampaignFilter:
    """Which campaigns: of these statuses and channels, created in [start, end); everything when empty."""

    statuses: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Some rows, and whether more follow."""

    rows: list[Campaign]
    has_more: bool


async def campaigns_by_id(
    db: AsyncConnection, organization_id: int, ids: Sequence[str]
) -> dict[str, Campaign]:
    """Those of the campaigns that there are."""
    select = mine(sa.select(Campaign.__table__).where(Campaign.id.in_(ids)), organization_id)
    return {row["id"]: Campaign(**row) for row in (await db.execute(select)).mappings()}


async def campaign_page(
    db: AsyncConnection,
    organization_id: int,
    chosen: CampaignFilter,
    first: int,
    after: tuple[datetime, str] | None,
) -> Page:
    """`first` campaigns, newest first, those after the given (created_at, id)."""
    place = (Campaign.created_at, Campaign.id)
    select = narrowed(sa.select(Campaign.__table__), organization_id, chosen)
    if after is not None:
        select = select.where(
            sa.tuple_(*place) < sa.tuple_(sa.literal(after[0], Campaign.created_at.type), after[1])
        )
    select = select.order_by(*(column.desc() for column in place)).limit(first + 1)
    rows = [Campaign(**row) for row in (await db.execute(select)).mappings()]
    return Page(rows[:first], len(rows) > first)


async def count_campaigns(db: AsyncConnection, organization_id: int, chosen: CampaignFilter) -> int:
    """How many campaigns there are on all pages."""
    select = sa.select(sa.func.count()).select_from(Campaign.__table__)
    return (await db.execute(narrowed(select, organization_id, chosen))).scalar_one()


def narrowed(select: sa.Select[Any], organization_id: int, chosen: CampaignFilter) -> sa.Select[Any]:
    """The statement held to the chosen campaigns of one organization."""
    select = mine(select, organization_id)
    if chosen.statuses:
        select = select.where(Campaign.status.in_(chosen.statuses))
    if chosen.channels:
        select = select.where(Campaign.channel.in_(chosen.channels))
    if chosen.start is not None:
        select = select.where(Campaign.created_at >= chosen.start)
    if chosen.end is not None:
        select = select.where(Campaign.created_at < chosen.end)
    return select
