"""Campaigns: each with its summary and its series, batched over a whole page."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import MESSAGES
from models.errors import InvalidCursor
from resolvers.audiences import audiences_of
from resolvers.campaigns import CampaignFilter, campaign_page, count_campaigns
from resolvers.engagement import of_campaign
from resolvers.filters import about_campaign
from resolvers.limits import check_page
from resolvers.question import Question
from schema.answering import span_in, totals, totals_each
from schema.arguments import AllTime, WhichMessages, WhichRates, WindowClock, Zone
from schema.context import Context, context
from schema.engagement import engagement_field
from schema.enums import enum_of
from schema.families import MESSAGE, ORDER, buckets_field
from schema.links import Link, links_of
from schema.metrics import chosen
from schema.paging import Node, PageInfo
from schema.rates import Rate, rate_of, rates
from schema.rows import FOR_ALL, Rows
from schema.scalars import BigInt
from schema.sizes import ROWS
from schema.time import Clock, WindowInput

PREFIX = "Campaign:"
CampaignStatus: Any = enum_of(
    "CampaignStatus",
    "How far a campaign has come.",
    {
        "draft": "Being written.",
        "scheduled": "Waiting for its time.",
        "queued": "Due and waiting for its turn.",
        "sending": "On its way.",
        "paused": "Stopped for now.",
        "completed": "Wholly sent.",
        "failed": "Given up.",
        "cancelled": "Called off.",
    },
)


@strawberry.input(name="CampaignsFilter", description="Which campaigns; what is left out does not filter.")
class CampaignFilterInput:
    statuses: list[CampaignStatus] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    channels: list[str] | None = strawberry.field(default=None, description="On one of these channels.")
    created: WindowInput | None = strawberry.field(default=None, description="Created in this span.")


@strawberry.type(description="A part of those that a campaign was meant for.")
class Audience:
    external_id: str = strawberry.field(description="What its sender calls it.")
    is_everybody: bool = strawberry.field(description="Whether it is all contacts there are.")
    list_id: str | None = strawberry.field(description="The list; null when it is none.")
    segment_id: str | None = strawberry.field(description="The segment; null when it is none.")
    name: str | None = strawberry.field(description="The name of the list or the segment.")
    size: BigInt = strawberry.field(description="How many contacts it held.")
    created_at: datetime = strawberry.field(description="When it was made.")


async def _summary(
    self: Any,
    info: Info,
    window: AllTime = None,
    timezone: Zone = None,
    clock: WindowClock = Clock.CREATED,
    filter: WhichMessages = None,
) -> Any:
    here = context(info)
    name, span, where = here.zone(timezone), span_in(here, window, timezone), chosen(MESSAGES, filter)
    if isinstance(self, list | Rows):
        ids = [one.external_id for one in self]
        return await totals_each(MESSAGE, info, span, name, where, clock, ids)
    return await totals(MESSAGE, info, span, name, about_campaign(self.row.id, where), clock)


@strawberry.type(description="One planned sending.")
class Campaign(Node):
    row: strawberry.Private[Any]
    external_id: str = strawberry.field(description="What its sender calls it.")
    name: str = strawberry.field(description="Its name.")
    channel: str = strawberry.field(description="How it travels; '' when not known.")
    status: CampaignStatus = strawberry.field(description="How far it has come.")
    body: str = strawberry.field(description="Its text.")
    media_url: str | None = strawberry.field(description="Its picture.")
    audience_size: BigInt = strawberry.field(description="How many contacts it is meant for.")
    status_detail: str | None = strawberry.field(description="More on its status.")
    status_at: datetime | None = strawberry.field(description="When it came to its status, if that was told.")
    completion_percent: int | None = strawberry.field(description="How much of it is sent, if that was told.")
    created_by: str | None = strawberry.field(description="The user who made it.")
    created_at: datetime = strawberry.field(description="When it was created.")
    scheduled_at: datetime | None = strawberry.field(description="When it is to start.")
    started_at: datetime | None = strawberry.field(description="When its sending started.")
    completed_at: datetime | None = strawberry.field(description="When its sending was over.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    engagement = engagement_field(
        lambda campaign: of_campaign(campaign.row.id),
        "What its recipients did: clicks, opt-outs, orders, of all time or a window.",
    )

    orders = buckets_field(
        ORDER,
        "Orders put down to its messages over time, by when they were made.",
        lambda campaign: campaign.external_id,
        metric="REVENUE_MICROS",
    )

    @strawberry.field(description="The lists and segments it was meant for.")
    async def audiences(self, info: Info) -> list[Audience]:
        loaders = context(info).loaders
        async with loaders.store.reading() as db:
            found = await audiences_of(db, loaders.caller.organization.id, self.row.id)
        return [
            Audience(
                external_id=one.row.id,
                is_everybody=one.row.is_everybody,
                list_id=one.row.list_id or None,
                segment_id=one.row.segment_id or None,
                name=one.name,
                size=BigInt(one.row.size),
                created_at=one.row.created_at,
            )
            for one in found
        ]

    @strawberry.field(description="Its links, and others clicked in its messages, with their clicks.")
    async def links(self, info: Info) -> list[Link]:
        return await links_of(context(info), "campaign", self.row.id)

    time_series = buckets_field(
        MESSAGE,
        "Its messages over time. One statement for a whole page of campaigns.",
        lambda campaign: campaign.external_id,
    )

    summary = strawberry.field(
        resolver=_summary,
        graphql_type=MESSAGE.metrics,
        description="Every measure of its messages, of all time or a window; one statement for a whole page.",
        metadata={FOR_ALL: _summary},
    )

    @strawberry.field(
        description="Rates of its messages, each with what it is made of, of all time or a window."
    )
    async def rates(
        self,
        info: Info,
        metrics: WhichRates = None,
        window: AllTime = None,
        timezone: Zone = None,
        clock: WindowClock = Clock.CREATED,
        filter: WhichMessages = None,
    ) -> list[Rate]:
        here = context(info)
        name, span = here.zone(timezone), span_in(here, window, timezone)
        where = about_campaign(self.row.id, chosen(MESSAGES, filter))
        ratios = rates(metrics)
        names = tuple(ratio.name for ratio in ratios) or ("total",)
        question = Question(
            MESSAGES, here.caller.organization.id, names, span, None, name, where=where, clock=clock
        )
        sums = (await here.loaders.tables.load(question)).total()
        return [rate_of(ratio, sums) for ratio in ratios]


@strawberry.type(description="A campaign and its place in the list.")
class CampaignEdge:
    cursor: str = strawberry.field(description="Pass it as `after` to read on from here.")
    node: Campaign = strawberry.field(description="The campaign.")


@strawberry.type(description="One page of campaigns, newest first.")
class CampaignConnection:
    context: strawberry.Private[Context]
    chosen: strawberry.Private[CampaignFilter]
    edges: list[CampaignEdge] = strawberry.field(description="The campaigns of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")

    @strawberry.field(description="How many campaigns there are on all pages; counted only when asked for.")
    async def total_count(self) -> BigInt:
        loaders = self.context.loaders
        async with loaders.store.reading() as db:
            return BigInt(await count_campaigns(db, loaders.caller.organization.id, self.chosen))


def campaign_of(row: Any) -> Campaign:
    """A campaign's row as its GraphQL type."""
    return Campaign(
        row=row,
        id=strawberry.ID(PREFIX + row.id),
        external_id=row.id,
        name=row.name,
        channel=row.channel,
        status=CampaignStatus(row.status),
        body=row.body,
        media_url=row.media_url,
        audience_size=BigInt(row.audience_size),
        status_detail=row.status_detail,
        status_at=row.status_at,
        completion_percent=row.completion_percent,
        created_by=row.created_by or None,
        created_at=row.created_at,
        scheduled_at=row.scheduled_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        updated_at=row.updated_at,
    )


async def campaign_by_id(here: Context, key: str) -> Campaign | None:
    """The campaign of this id, ours or its sender's; None for a stranger."""
    row = await here.loaders.campaigns.load(key.removeprefix(PREFIX))
    return None if row is None else campaign_of(row)


async def campaigns(
    here: Context, first: int, after: str | None, wanted: CampaignFilterInput | None
) -> CampaignConnection:
    """One page of campaigns."""
    check_page(first)
    chosen = chosen_campaigns(here, wanted)
    shape = ["campaigns", repr(wanted)]
    place = None if after is None else _place(here.cursors.open(after, shape))
    page = await campaign_page(here.loaders.store, here.caller.organization.id, chosen, first, place)
    rows = page.rows

    def cursor(row: Any) -> str:
        return here.cursors.seal(shape, [row.created_at.isoformat(), row.id])

    column_of = {"cursor": cursor, "node": campaign_of}
    edges: Any = Rows(len(rows), lambda name: list(map(column_of[name], rows)))
    info = PageInfo(
        has_next_page=page.has_more,
        has_previous_page=after is not None,
        start_cursor=cursor(rows[0]) if rows else None,
        end_cursor=cursor(rows[-1]) if rows else None,
    )
    return CampaignConnection(context=here, chosen=chosen, edges=edges, page_info=info)


def _place(sealed: list[Any]) -> tuple[datetime, str]:
    if len(sealed) != 2:
        raise InvalidCursor()
    return datetime.fromisoformat(sealed[0]), str(sealed[1])


def chosen_campaigns(here: Context, wanted: CampaignFilterInput | None) -> CampaignFilter:
    """A filter of campaigns as the resolvers take it."""
    if wanted is None:
        return CampaignFilter()
    window = None
    if wanted.created is not None:
        window = here.window(wanted.created, here.caller.organization.timezone)
    return CampaignFilter(
        tuple(status.value for status in wanted.statuses or ()),
        tuple(wanted.channels or ()),
        window.start if window else None,
        window.end if window else None,
    )


@strawberry.type
class CampaignFields:
    """The root fields of campaigns."""

    @strawberry.field(description="One campaign; null when there is none of this id.", metadata=ROWS)
    async def campaign(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="`id` or `externalId`.")],
    ) -> Campaign | None:
        return await campaign_by_id(context(info), str(id))

    @strawberry.field(description="Campaigns, newest first, page by page.", metadata=ROWS)
    async def campaigns(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, up to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="The cursor to read on from.")] = None,
        filter: Annotated[CampaignFilterInput | None, strawberry.argument(description="Which ones.")] = None,
    ) -> CampaignConnection:
        return await campaigns(context(info), first, after, filter)
