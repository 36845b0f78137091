"""Audiences: the lists and segments that a campaign was meant for."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import CampaignAudience, ContactList, Segment
from resolvers.scope import own


@dataclass(frozen=True)
class Audience:
    """One audience, with the name of its list or segment where it has one."""

    row: CampaignAudience
    name: str | None


async def audiences_of(db: AsyncConnection, organization_id: int, campaign: str) -> list[Audience]:
    """The audiences of a campaign, by id."""
    audience, lists, segments = (one.__table__ for one in (CampaignAudience, ContactList, Segment))
    joined = audience.outerjoin(
        lists, sa.and_(lists.c.id == audience.c.list_id, own(lists, organization_id))
    ).outerjoin(segments, sa.and_(segments.c.id == audience.c.segment_id, own(segments, organization_id)))
    select = (
        sa.select(audience, sa.func.coalesce(lists.c.name, segments.c.name).label("of"))
        .select_from(joined)
        .where(own(audience, organization_id), audience.c.campaign_id == campaign)
        .order_by(audience.c.id)
    )
    found = [dict(row) for row in (await db.execute(select)).mappings()]
    return [Audience(name=row.pop("of"), row=CampaignAudience(**row)) for row in found]
