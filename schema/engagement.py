"""What people did with a campaign or a workflow: in total, by bucket, by where contacts came from."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import MESSAGES
from models.errors import InvalidInput
from resolvers.engagement import Engagement as Found
from resolvers.engagement import Part, Sums, engagement
from resolvers.limits import check_buckets, check_granularity
from resolvers.periods import Window
from resolvers.question import Question
from resolvers.shifts import Comparison, shifted
from schema.arguments import Against, AllTime, Clipped, Zone
from schema.context import Context, context
from schema.enums import enum_of
from schema.scalars import BigInt, Number
from schema.sizes import PER_BUCKET, PER_GROUP
from schema.time import Granularity, WindowInput, WindowType, lifetime_of, since

MICROS = 1_000_000
WIDTH = 9  # values in one line of numbers

Split: Any = enum_of(
    "EngagementSplit",
    "What engagement can be split by.",
    {"contact_source": "Where the contact came from."},
)
How = Annotated[
    Granularity | None, strawberry.argument(description="How wide the buckets are; none when absent.")
]
By = Annotated[Split | None, strawberry.argument(description="Split by this.")]


@strawberry.type(description="What people did. Rates are out of those that were reached, in percent.")
class EngagementNumbers:
    reached: BigInt = strawberry.field(
        description="A campaign's recipients, each counted once; a workflow's entrances."
    )
    messages: BigInt = strawberry.field(description="Outbound messages.")
    clicks: BigInt = strawberry.field(description="Every click by a person.")
    unique_clicks: BigInt = strawberry.field(description="Messages in which a person clicked at least once.")
    unsubscribes: BigInt = strawberry.field(description="Messages that made their reader opt out.")
    orders: BigInt = strawberry.field(description="Orders put down to its messages, when they were made.")
    revenue_micros: BigInt = strawberry.field(
        description="What those orders came to, in millionths of the currency unit."
    )

    @strawberry.field(description="Clicks out of those reached. Repeated clicks count.")
    def click_rate(self) -> Number | None:
        return _share(self.clicks, self.reached)

    @strawberry.field(description="Messages clicked out of those reached.")
    def unique_click_rate(self) -> Number | None:
        return _share(self.unique_clicks, self.reached)

    @strawberry.field(description="Opt-outs out of those reached.")
    def unsubscribe_rate(self) -> Number | None:
        return _share(self.unsubscribes, self.reached)

    @strawberry.field(description="Revenue per order, in the currency unit.")
    def average_order_value(self) -> Number | None:
        return self.revenue_micros / self.orders / MICROS if self.orders else None

    @strawberry.field(description="Revenue per outbound message, in the currency unit.")
    def revenue_per_message(self) -> Number | None:
        return self.revenue_micros / self.messages / MICROS if self.messages else None


def _share(part: int, whole: int) -> Number | None:
    return 100 * part / whole if whole else None


@strawberry.type(description="What people did in one bucket.")
class EngagementSpan:
    start: datetime = strawberry.field(description="Where it starts.")
    end: datetime = strawberry.field(description="Where it ends: the first moment outside.")
    engagement: EngagementNumbers = strawberry.field(description="What people did in it.")


@strawberry.type(description="What people of one group did.")
class EngagementPart:
    key: str = strawberry.field(description="The group; '' for none.")
    total: EngagementNumbers = strawberry.field(description="In the whole window.")
    buckets: list[EngagementSpan] | None = strawberry.field(
        description="Null without `granularity`.", metadata=PER_BUCKET
    )


@strawberry.type(
    description="What people did with a campaign or a workflow. Messages and clicks count where the message "
    "was created, orders where they were made."
)
class EngagementReport:
    window: WindowType | None = strawberry.field(description="The span that is counted; null for all time.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")
    total: EngagementNumbers = strawberry.field(description="In the whole window.")
    buckets: list[EngagementSpan] | None = strawberry.field(
        description="Null without `granularity`.", metadata=PER_BUCKET
    )
    groups: list[EngagementPart] | None = strawberry.field(
        description="Null without `groupBy`.", metadata=PER_GROUP
    )
    prior: "EngagementReport | None" = strawberry.field(
        description="The same in the window compared with; null without `compareTo`."
    )


def engagement_of(sums: Sums) -> EngagementNumbers:
    """The numbers of these sums."""
    return EngagementNumbers(
        reached=BigInt(sums.get("recipients", 0) + sums.get("entrances", 0)),
        messages=BigInt(sums["logged"]),
        clicks=BigInt(sums["clicks"]),
        unique_clicks=BigInt(sums["clicked"]),
        unsubscribes=BigInt(sums["unsubscribed"]),
        orders=BigInt(sums["orders"]),
        revenue_micros=BigInt(sums["revenue_micros"]),
    )


async def report(
    here: Context,
    parts: tuple[Part, ...],
    asked: Question,
    compare_to: Comparison | None,
) -> EngagementReport:
    """The report that a question of any fact asks for."""
    found = await engagement(here.loaders, asked, parts)
    here.budget.spend(WIDTH * max(_size(found), 1) * len(found.groups))
    prior = None
    if compare_to is not None:
        prior = await report(here, parts, _earlier(asked, compare_to), None)
    return EngagementReport(
        window=None if asked.span is None else WindowType(start=asked.span.start, end=asked.span.end),
        as_of=(await here.loaders.mark(MESSAGES.name)).as_of,
        total=engagement_of(found.total()),
        buckets=_buckets(found, [found.bucket(place) for place in range(_size(found))]),
        groups=[
            EngagementPart(
                key=str(group[0]),
                total=engagement_of(found.total(group)),
                buckets=_buckets(found, found.groups[group]),
            )
            for group in found.groups
        ]
        if asked.by
        else None,
        prior=prior,
    )


def _earlier(asked: Question, by: Comparison) -> Question:
    assert asked.span is not None
    return replace(asked, window=shifted(asked.span, by, asked.granularity, asked.zone, asked.clip))


async def _span(here: Context, parts: tuple[Part, ...], window: WindowInput, zone: str) -> Window:
    """The window meant; a lifetime begins with the first thing that any of the parts counts."""
    lifetime = lifetime_of(window)
    if lifetime is None:
        return here.window(window, zone)
    firsts = [await here.loaders.first(part.fact, part.where) for part in parts]
    return since(min((at for at in firsts if at is not None), default=here.now), lifetime, zone, here.now)


def engagement_field(parts: Callable[[Any], tuple[Part, ...]], about: str) -> Any:
    """A field with the engagement of what its parent is."""

    async def resolve(  # noqa: PLR0917
        self: Any,
        info: Info,
        window: AllTime = None,
        granularity: How = None,
        timezone: Zone = None,
        group_by: By = None,
        compare_to: Against = None,
        clip: Clipped = False,
    ) -> EngagementReport:
        here = context(info)
        zone = here.zone(timezone)
        if window is None and (granularity is not None or compare_to is not None):
            raise InvalidInput("Buckets and comparisons need a 'window'; {lifetime: {}} is one.")
        made_of = parts(self)
        span = None if window is None else await _span(here, made_of, window, zone)
        if span is not None and granularity is not None:
            check_granularity(here.caller.plan, granularity)
            check_buckets(here.caller.plan, span, granularity, zone)
        by = () if group_by is None else (group_by.value,)
        asked = Question(*(MESSAGES, here.caller.organization.id, (), span, granularity, zone, by), clip=clip)
        return await report(here, made_of, asked, compare_to)

    return strawberry.field(resolver=resolve, description=about)


def _size(found: Found) -> int:
    return 0 if found.buckets is None else len(found.buckets)


def _buckets(found: Found, sums: list[Sums]) -> list[EngagementSpan] | None:
    if found.buckets is None:
        return None
    bounds = found.buckets.moments
    return [
        EngagementSpan(start=bounds[at], end=bounds[at + 1], engagement=engagement_of(one))
        for at, one in enumerate(sums)
    ]
