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
from schema.campaigns import (
    PREFIX,
    Campaign,
    CampaignConnection,
    CampaignFilterInput,
    campaign_by_id,
    campaigns,
)
from schema.context import context
from schema.families import ENGAGEMENT, MESSAGE, WEBHOOK, buckets_field
from schema.heatmap import Heatmap, heatmap
from schema.metrics import asked
from schema.paging import Node
from schema.time import Clock, WindowInput

_HEATMAP_METRIC = MESSAGE.metric["OPENED"]


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
