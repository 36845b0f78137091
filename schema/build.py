"""The schema put together, and its SDL."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import GraphQLError, build_schema, lexicographic_sort_schema, print_schema
from strawberry.extensions import DisableIntrospection, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from schema.about import Organization
from schema.campaigns import Campaign
from schema.exports import Export
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription

MAX_TOKENS = 2_000
CACHED_DOCUMENTS = 512


class Schema(strawberry.Schema):
    """Errors are told and logged at the door, not here."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Leave them to the door: Strawberry would log a stack trace for every typing mistake of a client."""


def build(introspection: bool = True) -> Schema:
    """The whole schema. Parsed and validated documents are kept, a bounded number of them."""
    extensions: list[Any] = [
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
        lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
        lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
    ]
    if not introspection:
        extensions.append(DisableIntrospection)
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Campaign, Export, Organization],
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=extensions,
    )


def sdl() -> str:
    """The schema in its own language, sorted, as committed in `schema/schema.graphql`."""
    # Sorting the live schema breaks its enums (strawberry 0.341), so its printed form is sorted.
    return print_schema(lexicographic_sort_schema(build_schema(build().as_str()))) + "\n"
