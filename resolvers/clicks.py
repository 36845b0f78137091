"""Clicks link by link: every click, the messages clicked, and what machines did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Campaign, Link, MessageEvent
from models.errors import Expired
from resolvers.kept import told
from resolvers.periods import moment
from resolvers.scope import mine
from resolvers.watermarks import horizon_of


@dataclass(frozen=True)
class Clicks:
    """How often a link was clicked; `link` is None where only its URL is known."""

    url: str
    link: Link | None = None
    clicks: int = 0
    unique_clicks: int = 0
    machine_clicks: int = 0


async def link_clicks(db: AsyncConnection, organization_id: int, source: str, source_id: str) -> list[Clicks]:
    """The links of a campaign or workflow with their clicks: those that were told of by id, then others that
    were clicked in its messages, by URL. Raises Expired when retention may have taken some."""
    await _check_kept(db, organization_id, source, source_id)
    links = await _links(db, organization_id, source, source_id)
    counted = {row.link: row for row in await _counted(db, organization_id, source, source_id)}
    found = []
    for link in links:
        names = dict.fromkeys((link.id, link.url))
        rows = [row for name in names if name and (row := counted.pop(name, None)) is not None]
        found.append(replace(_sum(rows), url=link.url, link=link))
    return [*found, *(replace(_sum([row]), url=name) for name, row in sorted(counted.items()) if name)]


async def _check_kept(db: AsyncConnection, organization_id: int, source: str, source_id: str) -> None:
    """Clicks are kept one by one; all of them only of what began above the horizon."""
    since = (await horizon_of(db, organization_id)).detailed
    if not since:
        return
    began = mine(sa.select(Campaign.created_at).where(Campaign.id == source_id), organization_id)
    created = (await db.execute(began)).scalar_one_or_none() if source == "campaign" else None
    if created is None or created < moment(since):
        raise Expired("Clicks link by link are no longer kept since this began.", earliest=told(since))


def _sum(rows: Iterable[sa.Row[Any]]) -> Clicks:
    found = list(rows)
    return Clicks(
        "",
        None,
        sum(row.clicks for row in found),
        sum(row.unique_clicks for row in found),
        sum(row.machine_clicks for row in found),
    )


async def _links(db: AsyncConnection, organization_id: int, source: str, source_id: str) -> list[Link]:
    select = mine(
        sa.select(Link.__table__).where(sa.func.lower(Link.source) == source, Link.source_id == source_id),
        organization_id,
    )
    return [Link(**row) for row in (await db.execute(select.order_by(Link.id))).mappings()]


async def _counted(db: AsyncConnection, organization_id: int, source: str, source_id: str) -> list[Any]:
    event = MessageEvent
    human = event.actor == "human"
    belongs = (
        event.campaign_id == source_id
        if source == "campaign"
        else sa.and_(event.source == source, event.source_id == source_id)
    )
    select = mine(
        sa.select(
            event.link,
            sa.func.count(sa.case((human, 1))).label("clicks"),
            sa.func.count(sa.case((human, event.message_id)).distinct()).label("unique_clicks"),
            sa.func.count(sa.case((~human, 1))).label("machine_clicks"),
        ).where(belongs, event.kind == "clicked", event.is_test == sa.false()),
        organization_id,
    )
    return list((await db.execute(select.group_by(event.link))).all())
