"""What the gateway says of itself: the organization, freshness, the catalogue of metrics, limits."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from models import FACTS, VIEWS, Fact, Ratio
from models import Organization as OrganizationRow
from models.fact import Measure
from resolvers.caller import Caller
from resolvers.limits import MAX_PAGE
from resolvers.organizations import called
from resolvers.periods import moment
from resolvers.watermarks import Mark
from schema.context import context
from schema.limits import MAX_ALIASES, MAX_CHARACTERS, MAX_DEPTH, MAX_FIELDS, MAX_REPEATS, MAX_TOKENS
from schema.paging import Node
from schema.scalars import BigInt
from schema.time import Granularity


@strawberry.type(description="The tenant that this key belongs to.")
class Organization(Node):
    slug: str = strawberry.field(description="Its short name in this gateway.")
    name: str = strawberry.field(description="Its name.")
    timezone: str = strawberry.field(description="The IANA zone of its days and months.")
    plan: str = strawberry.field(description="The code of its plan.")
    created_at: datetime = strawberry.field(description="Since when it is here.")

    @strawberry.field(description="What a vendor calls it; null when the vendor does not know it.")
    async def external_id(
        self,
        info: Info,
        vendor: Annotated[str, strawberry.argument(description="The vendor, such as messagesender.")],
    ) -> str | None:
        loaders = context(info).loaders
        async with loaders.store.reading() as db:
            return await called(db, vendor, loaders.caller.organization.id)


@strawberry.type(description="How far counting has come for one kind of data.")
class Freshness:
    fact: str = strawberry.field(description="What is counted, such as message or contact.")
    as_of: datetime = strawberry.field(description="Everything that had come in by then is counted.")
    revision: BigInt = strawberry.field(description="Grows whenever numbers have moved.")
    lag_seconds: float = strawberry.field(description="How long ago that is.")


@strawberry.type(description="One dimension that a metric can be split by.")
class DimensionInfo:
    name: str = strawberry.field(description="Its name in `groupBy` and `filter`.")
    about: str = strawberry.field(description="What it tells apart.")


@strawberry.type(description="One entry of the catalogue of metrics.")
class MetricInfo:
    name: str = strawberry.field(description="Its name in the metric enum of its fact.")
    fact: str = strawberry.field(description="What it counts, such as message or contact.")
    about: str = strawberry.field(description="What it says.")
    unit: str = strawberry.field(description="What one of it is.")
    kind: str = strawberry.field(description="sum: adds up over groups and buckets. ratio: does not.")
    formula: str | None = strawberry.field(description="How a ratio is worked out; null for a sum.")
    dimensions: list[DimensionInfo] = strawberry.field(description="What it can be split by.")


@strawberry.type(description="What this key may ask.")
class Limits:
    plan: str = strawberry.field(description="The plan that sets them.")
    max_granularity: Granularity = strawberry.field(description="The finest buckets.")
    max_buckets: int = strawberry.field(description="The most buckets in one answer.")
    max_page: int = strawberry.field(description="The most items on a page of a list.")
    max_cost: int = strawberry.field(
        description="The most values that one document may answer with: buckets × groups × fields, where a "
        "value in `columns` counts a quarter. What a document costs stands in `extensions.cost`."
    )
    max_tokens: int = strawberry.field(description="The most words and signs of one document.")
    max_depth: int = strawberry.field(description="The most levels of one document.")
    max_fields: int = strawberry.field(
        description="The most fields of one document, with its fragments spread."
    )
    max_aliases: int = strawberry.field(description="The most of them under another name.")
    max_repeats: int = strawberry.field(description="The most of them of one name in one place.")
    max_characters: int = strawberry.field(description="The most characters of one document.")
    scopes: list[str] = strawberry.field(description="What the key may do.")

    @strawberry.field(
        description="Since when messages and buckets finer than a day are kept; null when since ever."
    )
    async def detailed_from(self, info: Info) -> datetime | None:
        return _since((await context(info).loaders.progress()).kept.detailed)

    @strawberry.field(
        description="Since when days of messages, engagements and webhooks are kept; null when since ever."
    )
    async def daily_from(self, info: Info) -> datetime | None:
        return _since((await context(info).loaders.progress()).kept.daily)


def _since(at: int) -> datetime | None:
    return moment(at) if at else None


def organization_of(row: OrganizationRow) -> Organization:
    """An organization's row as its GraphQL type."""
    return Organization(
        id=strawberry.ID(f"Organization:{row.slug}"),
        slug=row.slug,
        name=row.name,
        timezone=row.timezone,
        plan=row.plan,
        created_at=row.created_at,
    )


def freshness_of(mark: Mark, now: datetime) -> Freshness:
    """A watermark as its GraphQL type."""
    lag = (now - mark.as_of).total_seconds()
    return Freshness(fact=mark.fact, as_of=mark.as_of, revision=BigInt(mark.revision), lag_seconds=lag)


def catalogue() -> list[MetricInfo]:
    """Every metric of every fact, in the order declared."""
    return [metric_info(fact, measure) for fact in (*FACTS, *VIEWS) for measure in fact.measures.values()]


def metric_info(fact: Fact, measure: Measure) -> MetricInfo:
    """A metric's entry in the catalogue."""
    return MetricInfo(
        name=measure.name.upper(),
        fact=fact.name,
        about=measure.about,
        unit=measure.unit,
        kind="ratio" if isinstance(measure, Ratio) else "sum",
        formula=measure.formula if isinstance(measure, Ratio) else None,
        dimensions=[DimensionInfo(name=d.name.upper(), about=d.about) for d in fact.splits.values()],
    )


def limits_of(caller: Caller) -> Limits:
    """What a caller may ask."""
    plan = caller.plan
    return Limits(
        plan=plan.code,
        max_granularity=Granularity(plan.max_granularity),
        max_buckets=plan.max_buckets,
        max_page=MAX_PAGE,
        max_cost=plan.max_cost,
        max_tokens=MAX_TOKENS,
        max_depth=MAX_DEPTH,
        max_fields=MAX_FIELDS,
        max_aliases=MAX_ALIASES,
        max_repeats=MAX_REPEATS,
        max_characters=MAX_CHARACTERS,
        scopes=sorted(caller.scopes),
    )
