"""Series of buckets as GraphQL types, for any fact; schema/pages.py fills them."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.types import Info

from models import Fact
from resolvers.series import Series
from schema.context import context
from schema.explain import Explanation, explained
from schema.paging import PageInfo
from schema.scalars import Number
from schema.sizes import PER_BUCKET, PER_GROUP
from schema.time import Granularity, State, WindowType


@strawberry.type(description="The value of one group in one bucket.")
class BucketGroup:
    key: list[str] = strawberry.field(
        description="The group: one text for each dimension of `groupBy`, '' for none."
    )
    value: Number | None = strawberry.field(description="The metric of this group.")
    prior_value: Number | None = strawberry.field(description="The same, in the bucket compared with.")


@strawberry.type(description="The numbers of one group, bucket by bucket.")
class GroupColumn:
    key: list[str] = strawberry.field(
        description="The group: one text for each dimension of `groupBy`, '' for none."
    )
    value: list[Number | None] = strawberry.field(
        description="The metric, one for each bucket.", metadata=PER_BUCKET
    )
    total: Number | None = strawberry.field(
        description="The metric over all buckets of the window; null when some are no longer kept."
    )
    prior_value: list[Number | None] | None = strawberry.field(
        description="The metric in the buckets compared with; null without `compareTo`.", metadata=PER_BUCKET
    )
    prior_total: Number | None = strawberry.field(
        description="The metric over the whole window compared with; null without `compareTo`."
    )


@strawberry.type(description="The same numbers as columns: the n-th of each belongs to the n-th bucket.")
class Columns:
    start: list[datetime] = strawberry.field(description="Where each bucket starts.", metadata=PER_BUCKET)
    end: list[datetime] = strawberry.field(
        description="Where each bucket ends: the first moment outside.", metadata=PER_BUCKET
    )
    state: list[State] = strawberry.field(
        description="How much of each bucket is counted.", metadata=PER_BUCKET
    )
    value: list[Number | None] = strawberry.field(
        description="The metric; null where nothing is counted yet, or no longer kept.", metadata=PER_BUCKET
    )
    prior_start: list[datetime | None] | None = strawberry.field(
        description="Where each bucket compared with starts; null without `compareTo`.", metadata=PER_BUCKET
    )
    prior_value: list[Number | None] | None = strawberry.field(
        description="The metric in the buckets compared with; null without `compareTo`.", metadata=PER_BUCKET
    )
    groups: list[GroupColumn] | None = strawberry.field(
        description="Each group; null without `groupBy`.", metadata=PER_GROUP
    )


@strawberry.type(
    name="SeriesComparison", description="The window held against its earlier twin, as far as it has passed."
)
class SeriesComparison:
    window: WindowType = strawberry.field(description="The earlier window.")
    until: datetime = strawberry.field(
        description="Up to here the window has passed. Both totals count this long: an unfinished window is "
        "compared with the same part of the earlier one."
    )
    total: Number | None = strawberry.field(description="The metric up to there; null when not kept.")
    prior_total: Number | None = strawberry.field(
        description="The metric in the same part of the earlier window; null when that is no longer kept."
    )
    change: Number | None = strawberry.field(description="total − priorTotal.")
    change_percent: Number | None = strawberry.field(
        description="100 × change ÷ priorTotal; null when priorTotal is 0."
    )


@strawberry.type
class BucketsBase:
    """What the buckets of every fact have in common."""

    granularity: Granularity = strawberry.field(description="The width of the buckets.")
    timezone: str = strawberry.field(description="The IANA zone that cuts them.")
    window: WindowType = strawberry.field(description="The window, widened to whole buckets.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")
    bucket_count: int = strawberry.field(description="How many buckets there are on all pages.")
    total: Number | None = strawberry.field(
        description="The metric over the whole window, all pages; null when some of it is no longer kept."
    )
    page_info: PageInfo = strawberry.field(description="Where this page of buckets lies.")
    columns: Columns = strawberry.field(description="This page of buckets as columns, for charts.")
    prior_columns: Columns | None = strawberry.field(
        description="Every bucket of the window compared with, which may have more or fewer: a longer month, "
        "a day of 25 hours; with the groups of `columns`. Null without `compareTo`."
    )
    comparison: SeriesComparison | None = strawberry.field(description="Null without `compareTo`.")
    found: strawberry.Private[Series]
    counted: strawberry.Private[str]

    @strawberry.field(
        description="How these numbers came about; worked out when selected, without asking the store."
    )
    async def explain(self, info: Info) -> Explanation:
        return await explained(context(info), self.found, self.counted)


def bucket_type(fact: Fact, name: str, metrics: Any) -> Any:
    """The row of one bucket."""
    body: dict[str, Any] = {
        "__annotations__": {
            "start": datetime,
            "end": datetime,
            "state": State,
            "value": Number | None,
            "metrics": metrics | None,
            "groups": list[BucketGroup] | None,
            "prior_start": datetime | None,
            "prior_value": Number | None,
        },
        "start": strawberry.field(description="Where it starts."),
        "end": strawberry.field(description="Where it ends: the first moment outside."),
        "state": strawberry.field(description="How much of it is counted."),
        "value": strawberry.field(
            description="The metric asked for; null when nothing is counted yet, or no longer kept."
        ),
        "metrics": strawberry.field(
            description="Every measure; null when nothing is counted yet, or no longer kept."
        ),
        "groups": strawberry.field(
            description="Each group that has a number; null without `groupBy`, and where `metrics` is.",
            metadata=PER_GROUP,
        ),
        "prior_start": strawberry.field(description="Where the bucket compared with starts."),
        "prior_value": strawberry.field(description="The metric in the bucket compared with."),
    }
    return strawberry.type(type(name, (), body), name=name, description=f"One bucket. {fact.about}")


def buckets_type(fact: Fact, name: str, bucket: Any) -> Any:
    """The whole answer: buckets as rows and columns."""
    body: dict[str, Any] = {
        "__annotations__": {"buckets": list[bucket]},
        "buckets": strawberry.field(
            description="This page of buckets, oldest first, without a gap.", metadata=PER_BUCKET
        ),
    }
    return strawberry.type(type(name, (BucketsBase,), body), name=name, description=f"Buckets. {fact.about}")
