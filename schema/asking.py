"""An operation as somebody asks it: its variables coerced, its arguments converted once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    get_argument_values,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import Path
from strawberry.execution import optimized_is_awaitable
from strawberry.types import Info
from strawberry.types.arguments import convert_arguments

from schema.context import Context

DEFINITION = "strawberry-definition"


@dataclass(frozen=True)
class Given:
    """Variables that fit an operation, what arguments they make of it and what that costs: none of it is
    worked out again when the same is asked again."""

    variables: VariableValues
    arguments: dict[int, dict[str, Any]] = field(default_factory=dict)
    prices: dict[tuple[Any, ...], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Asking:
    """One operation with its variables, of one caller."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    given: Given
    here: Context

    @property
    def variables(self) -> VariableValues:
        """The variables, coerced."""
        return self.given.variables

    def arguments(self, node: FieldNode, declared: GraphQLField) -> dict[str, Any]:
        """The arguments of a field by their names in Python, those that were given. Raises what is wrong."""
        found = self.given.arguments.get(id(node))
        if found is None:
            found = self.given.arguments[id(node)] = self._convert(node, declared)
        return found

    def _convert(self, node: FieldNode, declared: GraphQLField) -> dict[str, Any]:
        if not declared.args:
            return {}
        given = get_argument_values(declared, node, self.variables)
        owner: Any = self.schema
        schema = owner._strawberry_schema
        registry, config = schema.schema_converter.scalar_registry, schema.config
        return convert_arguments(given, declared.extensions[DEFINITION].arguments, registry, config)

    def info(self, nodes: list[FieldNode], declared: GraphQLField, parent: GraphQLObjectType) -> Info:
        """What a resolver of the field is told."""
        is_awaitable: Any = optimized_is_awaitable
        helpers: Any = None  # for streams of parts, which nothing here is
        name = nodes[0].name.value
        raw = GraphQLResolveInfo(
            field_name=name,
            field_nodes=nodes,
            return_type=declared.type,
            parent_type=parent,
            path=Path(None, name, parent.name),
            schema=self.schema,
            fragments=self.fragments,
            root_value=None,
            operation=self.operation,
            variable_values=self.variables,
            context=self.here,
            is_awaitable=is_awaitable,
            abort_signal=None,
            async_helpers=helpers,
        )
        return Info(_raw_info=raw, _field=declared.extensions[DEFINITION])
