"""The schema put together, and its SDL."""

from __future__ import annotations

from functools import cache
from typing import Any

import strawberry
from graphql import build_schema, lexicographic_sort_schema, print_schema
from strawberry.schema.config import StrawberryConfig

from schema.about import Organization
from schema.bulk import BulkExecutor
from schema.campaigns import Campaign
from schema.documents import Documents
from schema.exports import Export
from schema.introspection import Introspection
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription


class Schema(strawberry.Schema):
    """The schema, with the documents that it has made ready to run."""

    def __init__(self, *args: Any, introspection: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # @stream would send each of ten thousand buckets as a part of its own.
        self._schema.directives = tuple(one for one in self._schema.directives if one.name != "stream")
        self.documents, self.introspection = Documents(self._schema, introspection), Introspection()


@cache
def build(introspection: bool = True) -> Schema:
    """The whole schema, put together once: it holds nothing of any request."""
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Campaign, Export, Organization],
        execution_context_class=BulkExecutor,
        config=StrawberryConfig(scalar_map=SCALARS, enable_experimental_incremental_execution=True),
        introspection=introspection,
    )


def sdl() -> str:
    """The schema in its own language, sorted, as committed in `schema/schema.graphql`."""
    # Sorting the live schema breaks its enums (strawberry 0.341), so its printed form is sorted.
    return print_schema(lexicographic_sort_schema(build_schema(build().as_str()))) + "\n"
