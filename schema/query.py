"""The root of the schema: every question the gateway answers."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from models import FACTS, MESSAGES
from schema.about import (
    Freshness,
    Limits,
    MetricInfo,
    Organization,
    catalogue,
    freshness_of,
    limits_of,
    organization_of,
)
from schema.billing import BillingStatus, Credits, billing_status, credits
from schema.campaigns import (
    PREFIX,
    Campaign,
    CampaignConnection,
    CampaignFilterInput,
    campaign_by_id,
    campaigns,
)
from schema.contacts import Contacts
from schema.context import context
from schema.families import CAMPAIGN, CONTACT, CREDIT, ENGAGEMENT, MESSAGE, WEBHOOK, buckets_field
from schema.heatmap import Heatmap, heatmap
from schema.metrics import asked
from schema.overview import Overview, Trends, overview
from schema.paging import Node
from schema.rankings import RankedCampaign, top_campaigns
from schema.send_times import BestSendTimes, best_send_times
from schema.time import Clock, Granularity, WindowInput

_HEATMAP_METRIC = MESSAGE.metric["OPENED"]
_RANKING_METRIC = MESSAGE.metric["DELIVERY_RATE"]
_SEND_TIME_METRIC = MESSAGE.metric["CONFIRMATION_RATE"]


@strawberry.type(
    description="Every question the gateway answers. All of it is about the organization of your key."
)
class Query:
    message_buckets = buckets_field(
        MESSAGE,
        "LOGGED",
        "Messages over time: any metric, window, granularity, zone, grouping and comparison.",
    )
    engagement_buckets = buckets_field(
        ENGAGEMENT, "CLICKS", "Opens, clicks and replies over time, every single one counted."
    )
    webhook_buckets = buckets_field(WEBHOOK, "ATTEMPTED", "Webhook deliveries over time.")
    campaign_buckets = buckets_field(CAMPAIGN, "TOTAL", "Campaigns over time.")
    contact_buckets = buckets_field(CONTACT, "TOTAL", "Contacts over time.")
    credit_buckets = buckets_field(CREDIT, "PURCHASED", "Entries of the credit ledger over time.")

    @strawberry.field(description="Every kind of number about one window: the top of a dashboard.")
    async def overview(
        self,
        info: Info,
        window: Annotated[
            WindowInput | None,
            strawberry.argument(description="Over which time; the last 30 days when absent."),
        ] = None,
        timezone: Annotated[
            str | None,
            strawberry.argument(description="IANA zone of the window; the organization's own when absent."),
        ] = None,
    ) -> Overview:
        return await overview(context(info), window, timezone)

    @strawberry.field(description="Series of several kinds over the same buckets: the charts of a dashboard.")
    def trends(
        self,
        info: Info,
        window: Annotated[
            WindowInput | None,
            strawberry.argument(description="Over which time; the last 30 days when absent."),
        ] = None,
        granularity: Annotated[
            Granularity, strawberry.argument(description="How wide the buckets are.")
        ] = Granularity.DAY,
        timezone: Annotated[
            str | None,
            strawberry.argument(
                description="IANA zone that cuts the buckets; the organization's own when absent."
            ),
        ] = None,
        clip: Annotated[
            bool,
            strawberry.argument(
                description="Cut the first and the last bucket at the window's ends, not widening it."
            ),
        ] = False,
    ) -> Trends:
        name = timezone or context(info).caller.organization.timezone
        return Trends(window=window, timezone=name, granularity=granularity, clip=clip)

    @strawberry.field(description="The campaigns that did best, the best first.")
    async def top_campaigns(
        self,
        info: Info,
        metric: Annotated[
            MESSAGE.metric, strawberry.argument(description="What they are ranked by, the highest first.")
        ] = _RANKING_METRIC,
        first: Annotated[int, strawberry.argument(description="How many, up to 100.")] = 10,
        filter: Annotated[
            CampaignFilterInput | None, strawberry.argument(description="Which campaigns take part.")
        ] = None,
        messages: Annotated[
            MESSAGE.filter | None, strawberry.argument(description="Which of their messages count.")
        ] = None,
    ) -> list[RankedCampaign]:
        names = asked(info, MESSAGES)
        return await top_campaigns(context(info), metric.value, names, first, filter, messages)

    @strawberry.field(description="When sending does best, by the hour and by the weekday of sending.")
    async def best_send_times(
        self,
        info: Info,
        metric: Annotated[
            MESSAGE.metric, strawberry.argument(description="What to count.")
        ] = _SEND_TIME_METRIC,
        window: Annotated[
            WindowInput | None,
            strawberry.argument(description="Over which time; the last 90 days when absent."),
        ] = None,
        timezone: Annotated[
            str | None,
            strawberry.argument(
                description="IANA zone of hours and weekdays; the organization's own when absent."
            ),
        ] = None,
        filter: Annotated[MESSAGE.filter | None, strawberry.argument(description="Which ones count.")] = None,
    ) -> BestSendTimes:
        names = asked(info, MESSAGES)
        return await best_send_times(context(info), metric.value, names, window, timezone, filter)

    @strawberry.field(description="The people and addresses that messages go to and come from.")
    def contacts(self) -> Contacts:
        return Contacts()

    @strawberry.field(description="How the organization pays.")
    async def billing_status(self, info: Info) -> BillingStatus:
        return await billing_status(context(info))

    @strawberry.field(description="What credits are left.")
    async def credits(self, info: Info) -> Credits:
        return await credits(context(info))

    @strawberry.field(description="The tenant that your key belongs to.")
    def organization(self, info: Info) -> Organization:
        return organization_of(context(info).caller.organization)

    @strawberry.field(description="One campaign; null when there is none of this id.")
    async def campaign(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="`id` or `externalId`.")],
    ) -> Campaign | None:
        return await campaign_by_id(context(info), str(id))

    @strawberry.field(description="Campaigns, newest first, page by page.")
    async def campaigns(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, up to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="The cursor to read on from.")] = None,
        filter: Annotated[CampaignFilterInput | None, strawberry.argument(description="Which ones.")] = None,
    ) -> CampaignConnection:
        return await campaigns(context(info), first, after, filter)

    @strawberry.field(description="A metric by local weekday and hour: when do people read, click, answer?")
    async def heatmap(
        self,
        info: Info,
        metric: Annotated[
            MESSAGE.metric, strawberry.argument(description="What to count.")
        ] = _HEATMAP_METRIC,
        window: Annotated[
            WindowInput | None,
            strawberry.argument(description="Over which time; the last 30 days when absent."),
        ] = None,
        timezone: Annotated[
            str | None,
            strawberry.argument(
                description="IANA zone of weekdays and hours; the organization's own when absent."
            ),
        ] = None,
        filter: Annotated[MESSAGE.filter | None, strawberry.argument(description="Which ones count.")] = None,
        clock: Annotated[
            Clock, strawberry.argument(description="Which moment puts a message into a cell.")
        ] = Clock.CREATED,
    ) -> Heatmap:
        names = asked(info, MESSAGES)
        return await heatmap(context(info), metric.value, names, window, timezone, filter, clock)

    @strawberry.field(description="How far counting has come, for each kind of data.")
    async def freshness(self, info: Info) -> list[Freshness]:
        here = context(info)
        return [freshness_of(await here.loaders.mark(fact.name), here.now) for fact in FACTS]

    @strawberry.field(
        description="The catalogue: every metric with its meaning, unit, formula and dimensions."
    )
    def metrics(self) -> list[MetricInfo]:
        return catalogue()

    @strawberry.field(description="What your key may ask.")
    def limits(self, info: Info) -> Limits:
        return limits_of(context(info).caller)

    @strawberry.field(description="Anything by its global id; null for a stranger.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")]
    ) -> Node | None:
        here, key = context(info), str(id)
        if key.startswith(PREFIX):
            return await campaign_by_id(here, key)
        organization = organization_of(here.caller.organization)
        return organization if key == str(organization.id) else None
