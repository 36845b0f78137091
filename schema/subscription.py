"""The root of everything that is told as it happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry
from strawberry.types import Info

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
