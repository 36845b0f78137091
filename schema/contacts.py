"""Contacts: how many there are, how they grow, and what they want."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from models import Clock
from resolvers.growth import Growth, growth
from resolvers.series import Group
from schema.answering import Asked, span_of
from schema.arguments import Clipped, Last30Days, Zone
from schema.context import context
from schema.families import CONTACT, OPT_IN, buckets_field, totals_field
from schema.scalars import BigInt
from schema.sizes import PER_BUCKET, PER_GROUP
from schema.time import Comparison, Granularity, State, WindowType

How = Annotated[Granularity, strawberry.argument(description="How wide the buckets are.")]
By = Annotated[
    list[CONTACT.dimension] | None, strawberry.argument(description="Split by up to two dimensions.")
]
Which = Annotated[CONTACT.filter | None, strawberry.argument(description="Which contacts count.")]
Against = Annotated[
    Comparison | None, strawberry.argument(description="An earlier window to hold it against.")
]


@strawberry.type(description="How many contacts of one group there were at the end of each bucket.")
class GrowthGroup:
    key: list[str] = strawberry.field(description="One text for each dimension of `groupBy`, '' for none.")
    totals: list[BigInt | None] = strawberry.field(
        description="How many there were, one for each bucket.", metadata=PER_BUCKET
    )
    before: BigInt = strawberry.field(description="How many there were when the window began.")
    change: BigInt | None = strawberry.field(
        description="The last total less the first: what the buckets after the first one brought."
    )


@strawberry.type(description="How many contacts there were at the end of each bucket, deleted ones left out.")
class ContactGrowth:
    granularity: Granularity = strawberry.field(description="The width of the buckets.")
    timezone: str = strawberry.field(description="The IANA zone that cuts them.")
    window: WindowType = strawberry.field(description="The window, widened to whole buckets.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")
    start: list[datetime] = strawberry.field(description="Where each bucket starts.", metadata=PER_BUCKET)
    state: list[State] = strawberry.field(
        description="How much of each bucket is counted.", metadata=PER_BUCKET
    )
    totals: list[BigInt | None] = strawberry.field(
        description="How many contacts there were, of all groups.", metadata=PER_BUCKET
    )
    before: BigInt = strawberry.field(description="How many there were when the window began.")
    change: BigInt | None = strawberry.field(description="The last total less the first.")
    groups: list[GrowthGroup] | None = strawberry.field(
        description="Each group; null without `groupBy`.", metadata=PER_GROUP
    )
    prior: "ContactGrowth | None" = strawberry.field(
        description="The growth in the window compared with; null without `compareTo`."
    )


@strawberry.type(description="The people and addresses that messages go to and come from.")
class Contacts:
    span: strawberry.Private[None] = None
    timezone: strawberry.Private[str] = "UTC"
    counts = totals_field(CONTACT, "All contacts there are, as they are now.")
    events = buckets_field(
        CONTACT,
        "Contacts created and deleted over time, each when it happened.",
        usual=Clock.HAPPENED,
        metric="CREATED",
    )
    opt_ins = buckets_field(OPT_IN, "Contacts that subscribed and unsubscribed over time.")

    @strawberry.field(description="How many contacts there were at the end of each bucket.")
    async def growth(  # noqa: PLR0917
        self,
        info: Info,
        window: Last30Days = None,
        granularity: How = Granularity.DAY,
        timezone: Zone = None,
        group_by: By = None,
        filter: Which = None,
        compare_to: Against = None,
        clip: Clipped = False,
    ) -> ContactGrowth:
        here = context(info)
        wanted = Asked(
            *(None, window, granularity, timezone, group_by, filter, Clock.HAPPENED),
            *(compare_to, None, None, None, clip),
        )
        span = await span_of(CONTACT, here, window, wanted.zone(here))
        question = wanted.question(CONTACT, here, ("created",), span, None)
        found = await growth(here.loaders, question, compare_to)
        here.budget.spend(len(found.series.buckets) * (2 + len(found.groups)))
        return _growth(found)


def _growth(found: Growth) -> ContactGrowth:
    series = found.series
    columns = [(group, found.totals(group), found.before_of(group)) for group in found.groups]
    assert series.question.granularity is not None
    size = len(series.buckets)
    window = series.buckets.window
    totals = [
        None if place >= series.known else sum(column[place] or 0 for _, column, _ in columns)
        for place in range(size)
    ]
    return ContactGrowth(
        granularity=series.question.granularity,
        timezone=series.question.zone,
        window=WindowType(start=window.start, end=window.end),
        as_of=series.as_of,
        start=series.buckets.moments[:-1],
        state=[series.state(place) for place in range(size)],
        totals=_counts(totals),
        before=BigInt(sum(before for _, _, before in columns)),
        change=_change(totals),
        groups=[_group(*one) for one in columns] if series.question.by else None,
        prior=None if found.prior is None else _growth(found.prior),
    )


def _group(group: Group, totals: list[int | None], before: int) -> GrowthGroup:
    return GrowthGroup(
        key=[str(part) for part in group],
        totals=_counts(totals),
        before=BigInt(before),
        change=_change(totals),
    )


def _counts(totals: list[int | None]) -> list[BigInt | None]:
    return [None if total is None else BigInt(total) for total in totals]


def _change(totals: list[int | None]) -> BigInt | None:
    known = [total for total in totals if total is not None]
    return BigInt(known[-1] - known[0]) if known else None


@strawberry.type
class ContactFields:
    """The root field of contacts."""

    @strawberry.field(description="The people and addresses that messages go to and come from.")
    def contacts(self) -> Contacts:
        return Contacts()
