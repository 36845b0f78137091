"""Rates with everything they are made of."""

from typing import Any

import strawberry

from models import MESSAGES, Ratio
from resolvers.statistics import Share, wilson
from schema.families import MESSAGE
from schema.scalars import Number


@strawberry.type(description="Where the true value of a rate lies: Wilson's interval of 95 %.")
class RateInterval:
    low: Number = strawberry.field(description="From here, in the unit of the rate.")
    high: Number = strawberry.field(description="Up to here.")


@strawberry.type(description="A rate, what it is made of and how sure it is.")
class Rate:
    metric: MESSAGE.metric = strawberry.field(description="The rate.")
    value: Number | None = strawberry.field(description="Its value; null when there is nothing to divide by.")
    numerator: Number = strawberry.field(description="What is divided.")
    denominator: Number = strawberry.field(description="What it is divided by.")
    formula: str = strawberry.field(description="How it is worked out.")
    interval: RateInterval | None = strawberry.field(
        description="Where the true value lies; null for what is not a share of things that can be counted."
    )


def ratio_of(metric: str) -> Ratio | None:
    """The ratio of that name; None for a sum."""
    found = MESSAGES.measures[metric]
    return found if isinstance(found, Ratio) else None


def share_of(ratio: Ratio, sums: dict[str, int]) -> Share | None:
    """The ratio as so many of so many; None when it is no share."""
    if any(weight.denominator != 1 for weight in (*ratio.top.values(), *ratio.bottom.values())):
        return None
    hits, of = ratio.numerator(sums), ratio.denominator(sums)
    if not 0 <= hits <= of or of == 0:
        return None
    return Share(int(hits), int(of))


def rate_of(ratio: Ratio, sums: dict[str, int]) -> Rate:
    """A ratio of these sums."""
    share = share_of(ratio, sums)
    interval = None if share is None else wilson(share)
    return Rate(
        metric=MESSAGE.metric(ratio.name),
        value=ratio.of(sums),
        numerator=_plain(ratio.numerator(sums)),
        denominator=_plain(ratio.denominator(sums)),
        formula=ratio.formula,
        interval=None
        if interval is None
        else RateInterval(low=ratio.times * interval.low, high=ratio.times * interval.high),
    )


def rates(metrics: list[Any] | None) -> list[Ratio]:
    """The ratios among the metrics asked for, all there are without any."""
    names = list(MESSAGES.measures) if metrics is None else [metric.value for metric in metrics]
    return [ratio for name in dict.fromkeys(names) if (ratio := ratio_of(name)) is not None]


def _plain(number: Any) -> int | float:
    return int(number) if number.denominator == 1 else float(number)
