"""Campaigns in order of how well they did."""

from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import MESSAGES
from resolvers.limits import check_page
from resolvers.question import Question
from resolvers.rankings import Ranking
from resolvers.rankings import top_campaigns as ranked
from resolvers.series import value
from schema.arguments import AllTime, WhichMessages, WindowClock, Zone
from schema.campaigns import Campaign, CampaignFilterInput, campaign_of, chosen_campaigns
from schema.context import Context, context
from schema.families import MESSAGE
from schema.metrics import Measures, chosen
from schema.metrics import asked as asked_of
from schema.scalars import Number
from schema.sizes import HEAVY, ROWS
from schema.time import Clock, WindowInput


@strawberry.type(description="A campaign and its place in a ranking.")
class RankedCampaign:
    rank: int = strawberry.field(description="1 for the best.")
    value: Number | None = strawberry.field(description="The metric that the ranking is by.")
    campaign: Campaign = strawberry.field(description="The campaign.")
    metrics: MESSAGE.metrics = strawberry.field(description="Every measure of its messages.")


@dataclass(frozen=True)
class RankingAsked:
    """The arguments of `topCampaigns`, as GraphQL gave them."""

    metric: Any
    ties: list[Any] | None
    first: int
    filter: CampaignFilterInput | None
    messages: Any
    window: WindowInput | None
    timezone: str | None
    clock: Clock


async def top_campaigns(here: Context, asked: tuple[str, ...], wanted: RankingAsked) -> list[RankedCampaign]:
    """The best campaigns."""
    check_page(wanted.first)
    organization, metric = here.caller.organization, wanted.metric.value
    name = wanted.timezone or organization.timezone
    ties = tuple(tie.value for tie in wanted.ties or ())
    question = Question(
        MESSAGES,
        organization.id,
        tuple(dict.fromkeys((metric, *ties, *asked))),
        None if wanted.window is None else here.window(wanted.window, name),
        None,
        name,
        where=chosen(MESSAGES, wanted.messages),
        clock=wanted.clock,
    )
    ranking = Ranking(metric, wanted.first, ties)
    home = await here.loaders.home()
    async with here.loaders.store.reading() as db:
        found = await ranked(db, question, home, chosen_campaigns(here, wanted.filter), ranking)
    return [
        RankedCampaign(
            rank=place,
            value=value(MESSAGES, metric, one.sums),
            campaign=campaign_of(one.campaign),
            metrics=Measures(MESSAGES, one.sums),
        )
        for place, one in enumerate(found, 1)
    ]


_DELIVERY_RATE = MESSAGE.metric["DELIVERY_RATE"]


@strawberry.type
class RankingFields:
    """The root field of rankings."""

    @strawberry.field(description="The campaigns that did best, the best first.", metadata=HEAVY | ROWS)
    async def top_campaigns(  # noqa: PLR0917
        self,
        info: Info,
        metric: Annotated[
            MESSAGE.metric, strawberry.argument(description="What they are ranked by, the highest first.")
        ] = _DELIVERY_RATE,
        ties: Annotated[
            list[MESSAGE.metric] | None,
            strawberry.argument(
                description="What decides between equal ones; the size of a ratio's bottom, then the newer, "
                "when absent."
            ),
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, up to 100.")] = 10,
        filter: Annotated[
            CampaignFilterInput | None, strawberry.argument(description="Which campaigns take part.")
        ] = None,
        messages: WhichMessages = None,
        window: AllTime = None,
        timezone: Zone = None,
        clock: WindowClock = Clock.CREATED,
    ) -> list[RankedCampaign]:
        wanted = RankingAsked(metric, ties, first, filter, messages, window, timezone, clock)
        return await top_campaigns(context(info), asked_of(info, MESSAGES), wanted)
