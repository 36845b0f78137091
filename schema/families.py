"""A family: the GraphQL types of one fact and the root field that asks for its buckets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import ENGAGEMENTS, MESSAGES, WEBHOOKS, Fact
from models.errors import InvalidInput
from resolvers.limits import check_page
from resolvers.question import Question
from resolvers.series import series
from schema.context import Context, context
from schema.metrics import chosen, dimension_enum, filter_input, metric_enum, metrics_type, selected
from schema.series import Page, answered, bucket_type, buckets_type, opened
from schema.time import Clock, Comparison, Granularity, WindowInput, window_of

MAX_GROUP_BY = 2
Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Family:
    """The types of one fact."""

    fact: Fact
    metric: Any
    dimension: Any
    filter: Any
    metrics: Any
    bucket: Any
    buckets: Any


def _family(fact: Fact, name: str) -> Family:
    metrics = metrics_type(fact, f"{name}Metrics")
    bucket = bucket_type(fact, f"{name}Bucket", metrics)
    return Family(
        fact,
        metric_enum(fact, f"{name}Metric"),
        dimension_enum(fact, f"{name}Dimension"),
        filter_input(fact, f"{name}Filter"),
        metrics,
        bucket,
        buckets_type(fact, f"{name}Buckets", bucket),
    )


MESSAGE = _family(MESSAGES, "Message")
ENGAGEMENT = _family(ENGAGEMENTS, "Engagement")
WEBHOOK = _family(WEBHOOKS, "Webhook")
FAMILIES: tuple[Family, ...] = (MESSAGE, ENGAGEMENT, WEBHOOK)


@dataclass(frozen=True)
class Asked:
    """The arguments of a question for buckets, as GraphQL gave them."""

    metric: Any
    window: WindowInput | None
    granularity: Granularity
    timezone: str | None
    group_by: list[Any] | None
    filter: Any
    clock: Clock
    compare_to: Comparison | None
    first: int | None
    after: str | None
    as_of: datetime | None

    def question(
        self, family: Family, here: Context, measures: tuple[str, ...], campaign: str | None
    ) -> Question:
        """The question, about one campaign or about the whole organization."""
        name = self.timezone or here.caller.organization.timezone
        groups = tuple(dimension.value for dimension in self.group_by or ())
        if len(groups) > MAX_GROUP_BY or len(set(groups)) != len(groups):
            raise InvalidInput(f"'groupBy' takes up to {MAX_GROUP_BY} different dimensions.")
        where = chosen(family.fact, self.filter)
        if campaign is not None:
            if "campaign" in groups:
                raise InvalidInput("A campaign's own series cannot be grouped by CAMPAIGN.")
            where = _about(campaign, where)
        return Question(
            family.fact,
            here.caller.organization.id,
            measures,
            window_of(self.window, name, here.now),
            self.granularity,
            name,
            groups,
            where,
            self.clock,
        )

    def shape(self, question: Question) -> list[Any]:
        """What a cursor pins, apart from the ends of the window: those move, so it keeps them itself."""
        return [
            self.metric.value,
            repr(self.window),
            self.granularity,
            question.zone,
            question.by,
            question.where,
            self.clock,
            self.compare_to,
        ]


def _about(campaign: str, where: Where) -> Where:
    """The filter narrowed to one campaign; to none, when it names only others."""
    named = dict(where).get("campaign", (campaign,))
    rest = tuple(part for part in where if part[0] != "campaign")
    return (*rest, ("campaign", (campaign,) if campaign in named else ()))


async def ask(family: Family, info: Info, wanted: Asked, campaign: str | None = None) -> Any:
    """Answer a question for buckets as the family's type."""
    here = context(info)
    names = selected(info)
    measures = (wanted.metric.value, *(name for name in family.fact.measures if name in names))
    question = wanted.question(family, here, tuple(dict.fromkeys(measures)), campaign)
    if wanted.first is not None:
        check_page(wanted.first, here.caller.plan.max_buckets)
    shape = wanted.shape(question)
    place = opened(here, wanted.after, shape)
    if place.window is not None:
        question = replace(question, window=place.window)
    as_of = min((mark for mark in (place.as_of, wanted.as_of) if mark is not None), default=None)
    found = await series(here.loaders, question, wanted.compare_to, as_of, "comparison" in names)
    page = Page(found, wanted.metric.value, place.start, wanted.first, names)
    return answered(here, family.buckets, family.bucket, family.metrics, page, shape)


def buckets_arguments(family: Family) -> dict[str, Any]:
    """The annotations of a field that asks for buckets of this family."""

    def told(kind: Any, about: str) -> Any:
        return Annotated[kind, strawberry.argument(description=about)]

    return {
        "info": Info,
        "metric": told(family.metric, "What to count."),
        "window": told(WindowInput | None, "Over which time; the last 30 days when absent."),
        "granularity": told(Granularity, "How wide the buckets are."),
        "timezone": told(str | None, "IANA zone that cuts the buckets; the organization's own when absent."),
        "group_by": told(list[family.dimension] | None, "Split by up to two dimensions."),
        "filter": told(family.filter | None, "Which ones count."),
        "clock": told(Clock, "Which moment puts something into a bucket."),
        "compare_to": told(Comparison | None, "An earlier window to hold it against."),
        "first": told(int | None, "At most so many buckets; all when absent."),
        "after": told(str | None, "The `endCursor` of the page before; everything else must stay as it was."),
        "as_of": told(
            datetime | None,
            "Take nothing after this for counted, so that questions agree; the watermark when absent.",
        ),
        "return": family.buckets,
    }


def buckets_field(
    family: Family, metric: str, about: str, campaign_of: Callable[[Any], str | None] = lambda _: None
) -> Any:
    """A field that asks for buckets of this family, of the campaign that its parent is or of everything."""

    async def resolve(  # noqa: PLR0917
        self: Any,
        info: Info,
        metric: Any = family.metric[metric],
        window: Any = None,
        granularity: Granularity = Granularity.DAY,
        timezone: str | None = None,
        group_by: Any = None,
        filter: Any = None,
        clock: Clock = Clock.CREATED,
        compare_to: Comparison | None = None,
        first: int | None = None,
        after: str | None = None,
        as_of: datetime | None = None,
    ) -> Any:
        wanted = Asked(
            metric, window, granularity, timezone, group_by, filter, clock, compare_to, first, after, as_of
        )
        return await ask(family, info, wanted, campaign_of(self))

    resolve.__annotations__ = buckets_arguments(family)
    return strawberry.field(resolver=resolve, description=about)
