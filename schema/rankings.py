"""Campaigns in order of how well they did."""

from __future__ import annotations

from typing import Any

import strawberry

from models import MESSAGES
from resolvers.limits import check_page
from resolvers.question import Home, Question
from resolvers.rankings import top_campaigns as ranked
from resolvers.series import value
from schema.campaigns import Campaign, CampaignFilterInput, campaign_of, chosen_campaigns
from schema.context import Context
from schema.families import MESSAGE
from schema.metrics import chosen, measures
from schema.scalars import Number


@strawberry.type(description="A campaign and its place in a ranking.")
class RankedCampaign:
    rank: int = strawberry.field(description="1 for the best.")
    value: Number | None = strawberry.field(description="The metric that the ranking is by.")
    campaign: Campaign = strawberry.field(description="The campaign.")
    metrics: MESSAGE.metrics = strawberry.field(description="Every measure of its messages, of all time.")


async def top_campaigns(
    here: Context,
    metric: str,
    asked: tuple[str, ...],
    first: int,
    wanted: CampaignFilterInput | None,
    messages: Any,
) -> list[RankedCampaign]:
    """The best campaigns."""
    check_page(first)
    organization = here.caller.organization
    names = tuple(dict.fromkeys((metric, *asked)))
    question = Question(MESSAGES, organization.id, names, where=chosen(MESSAGES, messages))
    home = Home(organization.timezone, (await here.loaders.progress()).minutes_from)
    async with here.loaders.store.reading() as db:
        found = await ranked(db, question, home, chosen_campaigns(here, wanted), first)
    return [
        RankedCampaign(
            rank=place,
            value=value(MESSAGES, metric, one.sums),
            campaign=campaign_of(one.campaign),
            metrics=measures(MESSAGE.metrics, MESSAGES, one.sums),
        )
        for place, one in enumerate(found, 1)
    ]
