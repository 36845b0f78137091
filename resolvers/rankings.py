"""Campaigns in order of a measure of their messages, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Campaign, Ratio
from models.fact import Measure
from resolvers.campaigns import CampaignFilter, CampaignRow, narrowed
from resolvers.counting import whole
from resolvers.filters import CAMPAIGN
from resolvers.plan import planned
from resolvers.question import Home, Question
from resolvers.statement import statement


@dataclass(frozen=True)
class Ranking:
    """The `first` by a measure, the highest first.

    Of equal ones those with more of the measures `ties` go first, then by id; without ties, those with more
    of a ratio's bottom, then newer ones, then by id.
    """

    metric: str
    first: int
    ties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ranked:
    """A campaign, and the sums of its messages."""

    campaign: Any
    sums: dict[str, int]


async def top_campaigns(
    db: AsyncConnection, question: Question, home: Home, chosen: CampaignFilter, ranking: Ranking
) -> list[Ranked]:
    """The first campaigns of a ranking; the question, which has no groups, is asked of each of them.

    A campaign of which nothing was counted, or whose ratio has nothing to divide by, is left out.
    """
    sums = question.fact.parts(question.measures)
    counted = _counted(replace(question, by=(CAMPAIGN,)), sums, home)
    measures = question.fact.measures
    table = Campaign.__table__
    select = sa.select(table, *(counted.c[name].label(f"sum_{name}") for name in sums)).join(
        counted, counted.c[CAMPAIGN] == table.c.id
    )
    select = narrowed(select, question.organization_id, chosen)
    best = measures[ranking.metric]
    if isinstance(best, Ratio):
        select = select.where(_weighted(counted, best.bottom) > 0)
    if ranking.ties:
        ties = [*(_value(counted, measures[name]).desc() for name in ranking.ties), table.c.id]
    else:
        size = [_weighted(counted, best.bottom).desc()] if isinstance(best, Ratio) else []
        ties = [*size, table.c.created_at.desc(), table.c.id]
    select = select.order_by(_value(counted, best).desc(), *ties).limit(ranking.first)
    return [
        Ranked(
            CampaignRow(**{c.name: row[c.name] for c in table.columns}),
            {name: row[f"sum_{name}"] for name in sums},
        )
        for row in (await db.execute(select)).mappings()
    ]


def _counted(question: Question, sums: tuple[str, ...], home: Home) -> sa.Subquery:
    """The sums of each campaign; of the parts of the question, when it takes several."""
    selects = [statement(part, tier, home) for part, tier in planned(question, home)]
    if len(selects) == 1:
        return selects[0].subquery("counted")
    each = sa.union_all(*selects).subquery("parts")
    totals = [sa.cast(sa.func.sum(each.c[name]), sa.BigInteger).label(name) for name in sums]
    return sa.select(each.c[CAMPAIGN], *totals).group_by(each.c[CAMPAIGN]).subquery("counted")


def _value(counted: sa.Subquery, measure: Measure) -> sa.ColumnElement[Any]:
    """The measure as SQL orders by it; a ratio of nothing is 0."""
    if not isinstance(measure, Ratio):
        return counted.c[measure.name]
    bottom = _weighted(counted, measure.bottom)
    top = _weighted(counted, measure.top)
    return sa.case((bottom > 0, sa.cast(top, sa.Double) / sa.cast(bottom, sa.Double)), else_=0.0)


def _weighted(counted: sa.Subquery, weights: Mapping[str, Fraction]) -> sa.ColumnElement[Any]:
    """The weighted sums, times whatever makes the weights whole: 0.3 × 4 and 0.4 × 3 are no equal floats."""
    scale = lcm(*(weight.denominator for weight in weights.values()))
    parts = [whole(int(weight * scale)) * counted.c[name] for name, weight in weights.items()]
    return sum(parts[1:], parts[0])
