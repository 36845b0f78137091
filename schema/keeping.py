"""Whether an answer may be kept: only if every root field of its operation says of what it is made."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from schema.asking import DEFINITION
from schema.limits import fragments_of
from schema.sizes import MADE_OF

TYPENAME = "__typename"


class Made(IntEnum):
    """Of what: of what may not be kept, of rows that may change at any time, or of counted numbers."""

    OTHERWISE = 0
    OF_ROWS = 1
    OF_NUMBERS = 2


def made_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Made:
    """The least lasting thing that a query answers with."""
    if operation.operation is not OperationType.QUERY:
        return Made.OTHERWISE
    names = _root_names(document, operation.selection_set) - {TYPENAME}
    root = schema.query_type
    assert root is not None
    return min((_field(root.fields.get(name)) for name in names), default=Made.OTHERWISE)


def _field(declared: Any) -> Made:
    ours = None if declared is None else declared.extensions.get(DEFINITION)
    return Made(0 if ours is None else ours.metadata.get(MADE_OF, 0))


def _root_names(document: DocumentNode, selection: SelectionSetNode) -> set[str]:
    """The names of the fields at the root, each fragment looked at once."""
    fragments, seen = fragments_of(document), set[str]()
    names, waiting = set[str](), [selection]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                names.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                waiting.append(fragments[node.name.value].selection_set)
    return names
