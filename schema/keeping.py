"""Whether an answer may be kept: only if every root field of its operation says of what it is made."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType

from schema.asking import DEFINITION
from schema.limits import fragments_of
from schema.roots import TYPENAME, root_names
from schema.sizes import MADE_OF


class Made(IntEnum):
    """Of what: of what may not be kept, of rows that may change at any time, or of counted numbers."""

    OTHERWISE = 0
    OF_ROWS = 1
    OF_NUMBERS = 2


def made_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Made:
    """The least lasting thing that a query answers with."""
    if operation.operation is not OperationType.QUERY:
        return Made.OTHERWISE
    names = root_names(fragments_of(document), operation.selection_set) - {TYPENAME}
    root = schema.query_type
    assert root is not None
    return min((_field(root.fields.get(name)) for name in names), default=Made.OTHERWISE)


def _field(declared: Any) -> Made:
    ours = None if declared is None else declared.extensions.get(DEFINITION)
    return Made(0 if ours is None else ours.metadata.get(MADE_OF, 0))
