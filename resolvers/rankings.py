"""Campaigns in order of a measure of their messages, in one statement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import lcm
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Campaign, Ratio
from resolvers.campaigns import CampaignFilter, narrowed
from resolvers.counting import whole
from resolvers.question import Home, Question, plan, statement

CAMPAIGN = "campaign"


@dataclass(frozen=True)
class Ranked:
    """A campaign, and the sums of its messages."""

    campaign: Campaign
    sums: dict[str, int]


async def top_campaigns(
    db: AsyncConnection, question: Question, home: Home, chosen: CampaignFilter, first: int
) -> list[Ranked]:
    """The `first` campaigns with the most of the question's first measure, which is asked of each of them.

    Of equal ones those with more of a ratio's bottom go first, then newer ones, then by id. A campaign of
    which nothing was counted, or whose ratio has nothing to divide by, is left out.
    """
    sums = question.fact.parts(question.measures)
    by_campaign = replace(question, by=(CAMPAIGN,))
    counted = statement(by_campaign, plan(by_campaign, home), home).subquery("counted")
    measure = question.fact.measures[question.measures[0]]
    table = Campaign.__table__
    select = sa.select(table, *(counted.c[name].label(f"sum_{name}") for name in sums)).join(
        counted, counted.c[CAMPAIGN] == table.c.id
    )
    select = narrowed(select, question.organization_id, chosen)
    if isinstance(measure, Ratio):
        bottom = counted.c[measure.bottom]
        # Weights as whole numbers: 0.3 × 4 and 0.4 × 3 are equal, but not as floats.
        scale = lcm(*(weight.denominator for weight in measure.top.values()))
        top = sum(whole(int(weight * scale)) * counted.c[name] for name, weight in measure.top.items())
        order: list[Any] = [sa.cast(top, sa.Double) / sa.cast(bottom, sa.Double), bottom]
        select = select.where(bottom > 0)
    else:
        order = [counted.c[measure.name]]
    newest = (table.c.created_at.desc(), table.c.id)
    select = select.order_by(*(key.desc() for key in order), *newest).limit(first)
    return [
        Ranked(
            Campaign(**{c.name: row[c.name] for c in table.columns}),
            {name: row[f"sum_{name}"] for name in sums},
        )
        for row in (await db.execute(select)).mappings()
    ]
