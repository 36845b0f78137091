"""Strawberry as its documentation shows it: its own view, SQLAlchemy sessions, a dataloader, no caches."""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from benchmarks.peers.statements import OVERVIEW_SUMS, RATE_SUMS, SERIES_SUMS, SUMMARY_SUMS, YEAR_SUMS
from models import MESSAGES, TIERS, Campaign
from models.base import EPOCH

DAILY, QUARTERLY = (
    next(tier.table for tier in TIERS[MESSAGES] if tier.name == name) for name in ("day", "slim_quarter")
)
ORGANIZATION = int(os.environ["PEER_ORGANIZATION"])
engine = create_async_engine(os.environ["PEER_SQLALCHEMY_URL"], pool_size=5, max_overflow=0)
sessions = async_sessionmaker(engine)
BigInt = strawberry.scalar(name="BigInt", serialize=int, parse_value=int)


@strawberry.enum
class Granularity(Enum):
    HOUR = "hour"
    DAY = "day"


@strawberry.enum
class MessageMetric(Enum):
    DELIVERED = "delivered"


@strawberry.input
class Between:
    start: datetime
    end: datetime


@strawberry.input
class WindowInput:
    between: Between


@strawberry.type
class MessageMetrics:
    total: int = 0
    logged: int = 0
    received: int = 0
    attempted: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    opened: int = 0
    clicked: int = 0
    delivery_rate: float | None = None
    read_rate: float | None = None


@strawberry.type
class MessageBucket:
    start: datetime
    value: int | None = None
    metrics: MessageMetrics | None = None


@strawberry.type
class MessageBuckets:
    total: int
    buckets: list[MessageBucket]


@strawberry.type
class HeatmapCell:
    weekday: int
    hour: int
    value: int


@strawberry.type
class Heatmap:
    total: int
    cells: list[HeatmapCell]


@strawberry.type
class Overview:
    messages: MessageMetrics


class Span(NamedTuple):
    """What a series of a campaign is asked with."""

    campaign: str
    first: int
    last: int


@strawberry.type
class CampaignNode:
    external_id: str
    name: str

    @strawberry.field
    async def summary(self, info: Info) -> MessageMetrics:
        return await info.context["summaries"].load(self.external_id)

    @strawberry.field
    async def time_series(self, info: Info, window: WindowInput, granularity: Granularity) -> MessageBuckets:
        first, last = days_of(window)
        found = await info.context["series"].load(Span(self.external_id, first, last))
        buckets = [
            MessageBucket(start=day_start(day), metrics=found.get(day) or MessageMetrics())
            for day in range(first, last)
        ]
        return MessageBuckets(total=0, buckets=buckets)


@strawberry.type
class CampaignEdge:
    node: CampaignNode


@strawberry.type
class CampaignConnection:
    edges: list[CampaignEdge]


def days_of(window: WindowInput) -> tuple[int, int]:
    """The window in days since 1970."""
    return (window.between.start - EPOCH).days, (window.between.end - EPOCH).days


def minutes_of(window: WindowInput) -> tuple[int, int]:
    """The window in minutes since 1970."""
    first, last = days_of(window)
    hours = (window.between.start - EPOCH).seconds // 3600, (window.between.end - EPOCH).seconds // 3600
    return first * 1440 + hours[0] * 60, last * 1440 + hours[1] * 60


def day_start(day: int) -> datetime:
    """The first moment of a day."""
    return EPOCH + timedelta(days=day)


def rate(top: int, bottom: int) -> float | None:
    """A rate; null of nothing."""
    return 100 * top / bottom if bottom else None


def sums(table: sa.Table, names: tuple[str, ...]) -> list[Any]:
    """Columns that add up."""
    return [
        sa.cast(sa.func.coalesce(sa.func.sum(table.c[name]), 0), sa.BigInteger).label(name) for name in names
    ]


def of(table: sa.Table, first: int, last: int) -> tuple[Any, ...]:
    """The rows of the organization in [first, last)."""
    return (
        table.c.organization_id == ORGANIZATION,
        table.c.clock == 0,
        table.c.slot >= first,
        table.c.slot < last,
    )


@strawberry.type
class Query:
    @strawberry.field
    async def overview(self, window: WindowInput) -> Overview:
        select = sa.select(*sums(DAILY, (*OVERVIEW_SUMS, *RATE_SUMS))).where(*of(DAILY, *days_of(window)))
        async with sessions() as db:
            row = (await db.execute(select)).mappings().one()
        metrics = MessageMetrics(
            **{name: row[name] for name in OVERVIEW_SUMS},
            delivery_rate=rate(row["confirmed"], row["logged"]),
            read_rate=rate(row["read"], row["delivered_or_read"]),
        )
        return Overview(messages=metrics)

    @strawberry.field
    async def message_buckets(
        self, window: WindowInput, granularity: Granularity, metric: MessageMetric
    ) -> MessageBuckets:
        if granularity is Granularity.DAY:
            return await daily(window)
        first, last = minutes_of(window)
        hour = (QUARTERLY.c.slot - QUARTERLY.c.slot % 60).label("hour")
        select = sa.select(hour, *sums(QUARTERLY, (metric.value,)))
        select = select.where(*of(QUARTERLY, first, last)).group_by(sa.text("hour"))
        async with sessions() as db:
            found: dict[int, int] = dict((await db.execute(select)).tuples().all())
        buckets = [
            MessageBucket(start=datetime.fromtimestamp(at * 60, UTC), value=found.get(at, 0))
            for at in range(first, last, 60)
        ]
        return MessageBuckets(total=sum(found.values()), buckets=buckets)

    @strawberry.field
    async def heatmap(self, window: WindowInput, metric: MessageMetric) -> Heatmap:
        slot = QUARTERLY.c.slot
        weekday, hour = ((slot // 1440 + 3) % 7).label("weekday"), (slot % 1440 // 60).label("hour")
        select = sa.select(weekday, hour, *sums(QUARTERLY, (metric.value,)))
        select = select.where(*of(QUARTERLY, *minutes_of(window))).group_by(
            sa.text("weekday"), sa.text("hour")
        )
        async with sessions() as db:
            found = {(weekday, hour): value for weekday, hour, value in (await db.execute(select)).all()}
        cells = [
            HeatmapCell(weekday=weekday, hour=hour, value=found.get((weekday, hour), 0))
            for weekday in range(7)
            for hour in range(24)
        ]
        return Heatmap(total=sum(found.values()), cells=cells)

    @strawberry.field
    async def campaigns(self, first: int) -> CampaignConnection:
        select = sa.select(Campaign).where(Campaign.organization_id == ORGANIZATION)
        select = select.order_by(Campaign.created_at.desc(), Campaign.id.desc()).limit(first)
        async with sessions() as db:
            page = (await db.scalars(select)).all()
        nodes = [CampaignNode(external_id=row.id, name=row.name) for row in page]
        return CampaignConnection(edges=[CampaignEdge(node=node) for node in nodes])


async def daily(window: WindowInput) -> MessageBuckets:
    """A bucket a day."""
    first, last = days_of(window)
    select = (
        sa.select(DAILY.c.slot, *sums(DAILY, YEAR_SUMS)).where(*of(DAILY, first, last)).group_by(DAILY.c.slot)
    )
    async with sessions() as db:
        found = {row["slot"]: row for row in (await db.execute(select)).mappings()}
    none = dict.fromkeys(YEAR_SUMS, 0)
    buckets = []
    for day in range(first, last):
        row = found.get(day, none)
        metrics = MessageMetrics(
            logged=row["logged"],
            delivered=row["delivered"],
            delivery_rate=rate(row["confirmed"], row["logged"]),
        )
        buckets.append(MessageBucket(start=day_start(day), value=row["delivered"], metrics=metrics))
    return MessageBuckets(total=sum(bucket.value or 0 for bucket in buckets), buckets=buckets)


async def load_summaries(ids: list[str]) -> list[MessageMetrics]:
    """The sums of each campaign."""
    where = (DAILY.c.organization_id == ORGANIZATION, DAILY.c.clock == 0, DAILY.c.campaign.in_(ids))
    select = sa.select(DAILY.c.campaign, *sums(DAILY, SUMMARY_SUMS)).where(*where).group_by(DAILY.c.campaign)
    async with sessions() as db:
        rows = (await db.execute(select)).mappings()
        found = {
            row["campaign"]: MessageMetrics(**{name: row[name] for name in SUMMARY_SUMS}) for row in rows
        }
    return [found.get(id) or MessageMetrics() for id in ids]


async def load_series(spans: list[Span]) -> list[dict[int, MessageMetrics]]:
    """The days of each campaign."""
    first, last = min(span.first for span in spans), max(span.last for span in spans)
    ids = [span.campaign for span in spans]
    select = sa.select(DAILY.c.campaign, DAILY.c.slot, *sums(DAILY, SERIES_SUMS))
    select = select.where(*of(DAILY, first, last), DAILY.c.campaign.in_(ids))
    found: dict[str, dict[int, MessageMetrics]] = defaultdict(dict)
    async with sessions() as db:
        for row in (await db.execute(select.group_by(DAILY.c.campaign, DAILY.c.slot))).mappings():
            found[row["campaign"]][row["slot"]] = MessageMetrics(**{name: row[name] for name in SERIES_SUMS})
    return [found[id] for id in ids]


class View(GraphQL[dict[str, Any], None]):
    """Strawberry's view with fresh loaders for each request."""

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"summaries": DataLoader(load_summaries), "series": DataLoader(load_series)}


app = Starlette(routes=[Route("/graphql", View(strawberry.Schema(Query)))])
