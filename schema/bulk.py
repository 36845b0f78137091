"""Answers written in bulk: the whole of a query where all of it is plain, else what of it is.

The ordinary executor calls a handful of functions for each field of each item, and ten thousand buckets have
tens of thousands of them. Here a plan of how each selection is written (schema/ways.py) is made once for a
document, and then followed field by field over all items. Whatever no way can write, and whatever goes wrong,
is left to the ordinary executor, which begins again and tells errors by their paths. So both give the same
answers; a property test holds them to it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_leaf_type,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.asking import DEFINITION, Asking, Given
from schema.roots import TYPENAME
from schema.ways import (
    Attribute,
    Field,
    Found,
    Leaves,
    Lists,
    Never,
    NotPlain,
    Objects,
    Resolved,
    Typename,
    Way,
)

ROOT = object()  # what the fields of a query belong to: nothing they look at


async def in_bulk(asking: Asking) -> orjson.Fragment | None:
    """The data of a query as JSON; None when it has to be answered the ordinary way."""
    way = asking.here.planned(asking.operation.name, lambda: _planned(lambda: _Planner(asking).whole()))
    if way is None:
        return None
    budget, found = asking.here.budget, Found()
    left = budget.left
    try:
        await way.fetch([ROOT], asking, found)
        return _joined(way, ROOT, found)
    except Exception:  # noqa: BLE001  the ordinary way tells what is wrong, and where
        budget.left = left
        return None


def _planned(plan: Callable[[], Way]) -> Way | None:
    try:
        return plan()
    except NotPlain:
        return None


def _joined(way: Way, value: Any, found: Found) -> orjson.Fragment:
    return orjson.Fragment(b"".join(way.written([value], found)[0]))


class _Planner:
    """Finds ways for the selections of one operation."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._fragments = {name: FragmentDetails(one, None) for name, one in asking.fragments.items()}

    def whole(self) -> Way:
        """What writes the answer to the operation. Raises NotPlain."""
        asking = self._asking
        root = asking.schema.query_type
        assert root is not None
        collected = collect_fields(asking.schema, self._fragments, asking.variables, root, asking.operation)
        return Objects(None, self._fields(root, collected))

    def way(self, kind: GraphQLOutputType, details: Any) -> Way:
        """What writes a column of values of this type. Raises NotPlain."""
        if isinstance(kind, GraphQLNonNull):
            return Never(self.way(kind.of_type, details))
        if isinstance(kind, GraphQLList):
            return Lists(self.way(kind.of_type, details))
        if is_leaf_type(kind):
            return Leaves(kind)
        if not isinstance(kind, GraphQLObjectType):
            raise NotPlain
        asking = self._asking
        collected = collect_subfields(
            asking.schema, self._fragments, asking.variables, asking.operation, kind, details
        )
        made = None if kind.is_type_of is None else kind.extensions[DEFINITION].origin
        return Objects(made, self._fields(kind, collected))

    def _fields(self, parent: GraphQLObjectType, collected: Any) -> list[Field]:
        if collected.new_defer_usages or collected.forbidden_directive_instances:
            raise NotPlain
        chosen = collected.grouped_field_set.items()
        return [self._field(parent, place, *one) for place, one in enumerate(chosen)]

    def _field(self, parent: GraphQLObjectType, place: int, name: str, details: Any) -> Field:
        label = b'%b"%b":' % (b"," if place else b"{", name.encode())
        called = details[0].node.name.value
        if called == TYPENAME:
            return Typename(label, orjson.dumps(parent.name))
        field = parent.fields.get(called)
        declared = None if field is None else field.extensions.get(DEFINITION)
        if field is None or declared is None or declared.extensions:
            raise NotPlain
        way = self.way(field.type, details)
        if declared.base_resolver is None:
            return Attribute(label, declared.python_name, way)
        return Resolved(label, parent, field, [one.node for one in details], way)


class BulkExecutor(StrawberryGraphQLCoreExecutionContext):
    """The ordinary executor, but that lists and objects of attributes alone are written in bulk, as fragments
    of JSON among the other values."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asking = Asking(
            self.schema,
            self.operation,
            self.fragment_definitions,
            Given(self.variable_values),
            self.context_value,
        )
        self._planner = _Planner(self._asking)

    def complete_list_value(self, *told: Any, **named: Any) -> Any:
        """The completed list."""
        return self._completed(super().complete_list_value, *told, **named)

    def complete_object_value(self, *told: Any, **named: Any) -> Any:
        """The completed object."""
        return self._completed(super().complete_object_value, *told, **named)

    def _completed(
        self,
        ordinary: Callable[..., Any],
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        # nodes live as long as their document, and so do ways
        key = return_type, *(id(one.node) for one in field_details_list)
        way = self._asking.here.planned(
            key, lambda: _planned(lambda: self._planner.way(return_type, field_details_list))
        )
        if way is not None and not way.waits:
            with suppress(Exception):  # the ordinary way tells what is wrong, and where
                return _joined(way, result, Found())
        return ordinary(return_type, field_details_list, info, path, result, position_context)
