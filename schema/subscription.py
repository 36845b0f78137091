"""The root of everything that is told as it happens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry.types import Info

from schema.changes import BucketsChange, BucketsQuestion, bucket_changes
from schema.context import context
from schema.exports import Export, export_updates


@strawberry.type(
    description="Everything that is told as it happens. All of it is about the organization of your key."
)
class Subscription:
    @strawberry.subscription(
        description="An export: as it is now, whenever it has come further, and at last when it is over."
    )
    async def export_updated(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="`id` or `externalId`.")],
    ) -> AsyncGenerator[Export]:
        async for update in export_updates(context(info), str(id)):
            yield update

    @strawberry.subscription(
        description="Buckets: all of them, and from then on those that have moved, once a second at most: "
        "when numbers came in, early or late, when a bucket begins or is over. It goes on until you hang up."
    )
    async def buckets_changed(
        self,
        info: Info,
        question: Annotated[BucketsQuestion, strawberry.argument(description="Which buckets.")],
    ) -> AsyncGenerator[BucketsChange]:
        async with aclosing(bucket_changes(context(info), question)) as changes:
            async for change in changes:
                yield change
