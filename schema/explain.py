"""How a series came about: what is counted, what is not, and where the numbers were read."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

import strawberry
from strawberry.types import Info

from models import Ratio
from models.fact import weights
from resolvers.caller import EXPLAIN_SQL
from resolvers.explain import Part, answered_by, counted_at, spelled
from resolvers.question import Home
from resolvers.series import Series
from schema.about import MetricInfo, metric_info
from schema.context import Context, context
from schema.scalars import BigInt, Number
from schema.sizes import holds
from schema.time import CLOCKS, Clock, WindowType

RAW, A_FEW = "raw rows", holds(2)


@strawberry.type(description="One sum that a metric is made of.")
class Term:
    name: str = strawberry.field(description="Its name in the metric enum.")
    about: str = strawberry.field(description="What it counts.")
    weight: Number = strawberry.field(description="How often it is taken; below zero where it is taken away.")
    total: BigInt | None = strawberry.field(
        description="It over all buckets that have begun to be counted; null when some are no longer kept."
    )
    counted_at: str = strawberry.field(
        description="The columns whose moment puts it into a bucket, on the clock asked for."
    )


@strawberry.type(description="A part of the window, and what answered it.")
class AnsweredPart:
    tier: str = strawberry.field(description="The tier, such as day or slim_quarter; or raw rows.")
    table: str | None = strawberry.field(
        description="Its table; null where raw rows of several are put together."
    )
    dimensions: list[str] = strawberry.field(
        description="What the tier can be split by; none for raw rows, which know everything."
    )
    window: WindowType = strawberry.field(description="Which part of the window.")


@strawberry.type(description="How a series came about.")
class Explanation:
    found: strawberry.Private[Series]
    home: strawberry.Private[Home]
    answered: strawberry.Private[list[Part]]
    metric: MetricInfo = strawberry.field(description="What is counted, as the catalogue tells it.")
    times: int = strawberry.field(
        description="times × numerator ÷ denominator is the value: 100 for percents, 1 for a sum."
    )
    numerator: list[Term] = strawberry.field(
        description="What is divided; for a sum, the sum itself.", metadata=A_FEW
    )
    denominator: list[Term] | None = strawberry.field(
        description="What it is divided by; null for a sum.", metadata=A_FEW
    )
    population: str = strawberry.field(description="What is there to be counted at all.")
    excluded: list[str] = strawberry.field(description="What is not counted.", metadata=A_FEW)
    clock: Clock = strawberry.field(description="Which moment puts something into a bucket.")
    clock_about: str = strawberry.field(description="What that means.")
    parts: list[AnsweredPart] = strawberry.field(
        description="What answered each part of the window, in order; what retention has taken is missing.",
        metadata=A_FEW,
    )
    as_of: datetime = strawberry.field(
        description="The watermark: up to here everything that had come in is counted."
    )
    revision: BigInt = strawberry.field(description="Grows whenever numbers of this kind have moved.")

    @strawberry.field(
        description="The statements that answer this question asked alone, one for each part; questions that "
        "differ only in metrics or campaign share theirs. Needs the scope explain:sql.",
        metadata=A_FEW,
    )
    async def sql(self, info: Info) -> list[str] | None:
        here = context(info)
        here.caller.need(EXPLAIN_SQL)
        return [spelled(part, self.home, here.loaders.store) for part in self.answered]


async def explained(here: Context, found: Series, metric: str) -> Explanation:
    """How the metric of a series came about. Nothing is read that the series has not read already."""
    fact, clock = found.asked.fact, found.asked.clock
    home = await here.loaders.home()
    answered, measure = answered_by(found.asked, home), fact.measures[metric]
    return Explanation(
        found=found,
        home=home,
        answered=answered,
        metric=metric_info(fact, measure),
        times=measure.times if isinstance(measure, Ratio) else 1,
        numerator=_terms(found, measure.top if isinstance(measure, Ratio) else weights(metric)),
        denominator=_terms(found, measure.bottom) if isinstance(measure, Ratio) else None,
        population=fact.about,
        excluded=[*fact.leaves_out, *_missing(found)],
        clock=clock,
        clock_about=CLOCKS[clock.name],
        parts=[_part(part) for part in answered],
        as_of=found.as_of,
        revision=BigInt((await here.loaders.mark(fact.mark)).revision),
    )


def _terms(found: Series, weighted: Mapping[str, Fraction]) -> list[Term]:
    """Sums with their weights, and what they add up to in the series."""
    fact, clock = found.asked.fact, found.asked.clock
    items = {item.name: item for item in fact.sums}
    return [
        Term(
            name=name.upper(),
            about=items[name].about,
            weight=float(weight),
            total=_total(found, name),
            counted_at=counted_at(fact, items[name], clock),
        )
        for name, weight in weighted.items()
    ]


def _total(found: Series, name: str) -> BigInt | None:
    total = found.total(name)
    return None if total is None else BigInt(int(total))


def _part(part: Part) -> AnsweredPart:
    window, tier = WindowType(start=part.window.start, end=part.window.end), part.tier
    if tier is None:
        table = part.question.fact.table.name if part.question.fact.view is None else None
        return AnsweredPart(tier=RAW, table=table, dimensions=[], window=window)
    dimensions = [dimension.name.upper() for dimension in tier.dimensions]
    return AnsweredPart(tier=tier.name, table=tier.table.name, dimensions=dimensions, window=window)


def _missing(found: Series) -> list[str]:
    """What of the window the numbers lack."""
    size, expired, pending = len(found.buckets), len(found.table.expired), len(found.buckets) - found.known
    told = []
    if expired:
        told.append(f"{expired} of {size} buckets are no longer kept this finely; there is no total.")
    if pending:
        told.append(f"{pending} of {size} buckets begin after the watermark and are not counted yet.")
    return told
