"""Campaigns: by id, and page by page, newest first."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Campaign
from models.base import TENANT_KEY, Texts, one_of
from models.engine import Store, rows
from resolvers.scope import WHOSE, Whose, mine


@dataclass(frozen=True)
class CampaignFilter:
    """Which campaigns: of these statuses and channels, created in [start, end); everything when empty."""

    statuses: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What narrows, by the names of its parameters."""
        return {f"chosen_{name}": value for name, value in vars(self).items() if value}


# What is read of a campaign. An object of the table's own class takes ten times as long to make.
CampaignRow: Any = namedtuple("CampaignRow", [c.name for c in Campaign.__table__.columns])


@dataclass(frozen=True)
class Page:
    """Some rows, and whether more follow."""

    rows: list[Any]
    has_more: bool


async def campaigns_by_id(db: AsyncConnection, organization_id: int, ids: Sequence[str]) -> dict[str, Any]:
    """Those of the campaigns that there are."""
    select = mine(sa.select(Campaign.__table__).where(Campaign.id.in_(ids)), organization_id)
    return {row.id: row for row in map(CampaignRow._make, await db.execute(select))}


async def campaign_page(
    db: AsyncConnection | Store,
    organization_id: int,
    chosen: CampaignFilter,
    first: int,
    after: tuple[datetime, str] | None,
) -> Page:
    """`first` campaigns, newest first, those after the given (created_at, id)."""
    values = {TENANT_KEY: organization_id, "most": first + 1, **chosen.given}
    if after is not None:
        values |= {"after_at": after[0], "after_id": after[1]}
    found = await rows(db, _page(frozenset(chosen.given), after is not None), values)
    return Page([CampaignRow._make(row) for row in found[:first]], len(found) > first)


@lru_cache(maxsize=64)
def _page(given: frozenset[str], is_after: bool) -> sa.Select[Any]:
    """The statement of a page: which of the filters are given, and whether another page goes before."""
    place = (Campaign.created_at, Campaign.id)
    select = _narrowed(sa.select(Campaign.__table__), WHOSE, given)
    if is_after:
        after = (
            sa.bindparam("after_at", type_=Campaign.created_at.type),
            sa.bindparam("after_id", type_=sa.String),
        )
        select = select.where(sa.tuple_(*place) < sa.tuple_(*after))
    most: Any = sa.bindparam("most", type_=sa.Integer)
    return select.order_by(*(column.desc() for column in place)).limit(most)


async def count_campaigns(db: AsyncConnection, organization_id: int, chosen: CampaignFilter) -> int:
    """How many campaigns there are on all pages."""
    select = sa.select(sa.func.count()).select_from(Campaign.__table__)
    return (await db.execute(narrowed(select, organization_id, chosen))).scalar_one()


def narrowed(select: sa.Select[Any], organization_id: int, chosen: CampaignFilter) -> sa.Select[Any]:
    """The statement held to the chosen campaigns of one organization."""
    return _narrowed(select, organization_id, frozenset(chosen.given)).params(**chosen.given)


def _narrowed(select: sa.Select[Any], whose: Whose, given: frozenset[str]) -> sa.Select[Any]:
    return mine(select, whose).where(*(clause for name, clause in _CLAUSES.items() if name in given))


def _later(name: str, kind: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(f"chosen_{name}", type_=kind)


_CLAUSES: dict[str, Any] = {
    "chosen_statuses": one_of(Campaign.status, _later("statuses", Texts())),
    "chosen_channels": one_of(Campaign.channel, _later("channels", Texts())),
    "chosen_start": Campaign.created_at >= _later("start", Campaign.created_at.type),
    "chosen_end": Campaign.created_at < _later("end", Campaign.created_at.type),
}
