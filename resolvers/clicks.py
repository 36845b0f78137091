"""Clicks link by link: every click, the messages clicked, and what machines did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Campaign, Link, MessageEvent, Workflow
from resolvers.periods import moment
from resolvers.scope import mine
from resolvers.watermarks import horizon_of

BEGAN: dict[str, Any] = {"campaign": Campaign, "workflow": Workflow}


@dataclass(frozen=True)
class Clicks:
    """How often a link was clicked, nobody knows where retention may have taken some; `link` is None where
    only its URL is known."""

    url: str
    link: Link | None = None
    clicks: int | None = None
    unique_clicks: int | None = None
    machine_clicks: int | None = None


async def link_clicks(db: AsyncConnection, organization_id: int, source: str, source_id: str) -> list[Clicks]:
    """The links of a campaign or workflow with their clicks: those that were told of by id, then others that
    were clicked in its messages, by URL. Clicks of a URL that several links share are nobody's."""
    links = await _links(db, organization_id, source, source_id)
    if not await _is_kept(db, organization_id, source, source_id):
        return [Clicks(link.url, link) for link in links]
    shared = Counter(link.url for link in links)
    names = {link.url: link.id for link in links if link.url and shared[link.url] == 1}
    counted = {row.name: row for row in await _counted(db, organization_id, source, source_id, names)}
    told = [_clicks(counted.pop(link.id, None), link.url, link) for link in links]
    return [*told, *(_clicks(row, name) for name, row in sorted(counted.items()) if name)]


def _clicks(row: Any, url: str, link: Link | None = None) -> Clicks:
    if row is None:
        return Clicks(url, link, 0, 0, 0)
    return Clicks(url, link, row.clicks, row.unique_clicks, row.machine_clicks)


async def _is_kept(db: AsyncConnection, organization_id: int, source: str, source_id: str) -> bool:
    """Clicks are kept one by one; all of them only of what began above the horizon."""
    since = (await horizon_of(db, organization_id)).detailed
    if not since:
        return True
    row = BEGAN[source]
    created = mine(sa.select(row.created_at).where(row.id == source_id), organization_id)
    began = (await db.execute(created)).scalar_one_or_none()
    return began is not None and began >= moment(since)


async def _links(db: AsyncConnection, organization_id: int, source: str, source_id: str) -> list[Link]:
    select = mine(
        sa.select(Link.__table__).where(Link.source == source, Link.source_id == source_id),
        organization_id,
    )
    return [Link(**row) for row in (await db.execute(select.order_by(Link.id))).mappings()]


async def _counted(
    db: AsyncConnection, organization_id: int, source: str, source_id: str, names: dict[str, str]
) -> list[Any]:
    """Clicks by what was clicked; `names` are the ids of links by URL."""
    event = MessageEvent
    human = event.actor == "human"
    name = sa.case(names, value=event.link, else_=event.link) if names else event.link
    clicked = mine(
        sa.select(name.label("name"), human.label("is_human"), event.message_id).where(
            event.campaign_id == source_id
            if source == "campaign"
            else sa.and_(event.source == source, event.source_id == source_id),
            event.kind == "clicked",
            event.is_test == sa.false(),
        ),
        organization_id,
    ).subquery("clicked")
    select = sa.select(
        clicked.c.name,
        sa.func.count(sa.case((clicked.c.is_human, 1))).label("clicks"),
        sa.func.count(sa.case((clicked.c.is_human, clicked.c.message_id)).distinct()).label("unique_clicks"),
        sa.func.count(sa.case((~clicked.c.is_human, 1))).label("machine_clicks"),
    ).group_by(clicked.c.name)
    return list((await db.execute(select)).all())
