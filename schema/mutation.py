"""The root of everything that changes something."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from schema.context import context
from schema.export_inputs import ExportInput
from schema.exports import Export, create_export


@strawberry.type(
    description="Everything that changes something. All of it is about the organization of your key."
)
class Mutation:
    @strawberry.mutation(
        description="Ask for a file. It is made in the background: look at `export` until it is completed."
    )
    async def create_export(
        self,
        info: Info,
        input: Annotated[ExportInput, strawberry.argument(description="What it is to hold, and how.")],
    ) -> Export:
        return await create_export(context(info), input)
