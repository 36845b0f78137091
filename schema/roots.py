"""The fields at the root of an operation."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

TYPENAME = "__typename"
ABOUT_SCHEMA = frozenset({"__schema", "__type"})


def root_names(fragments: Mapping[str, FragmentDefinitionNode], selection: SelectionSetNode) -> set[str]:
    """The names of the fields at the root, each fragment looked at once."""
    names, seen, waiting = set[str](), set[str](), [selection]
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
