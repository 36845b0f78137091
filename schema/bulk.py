"""Lists of plain values, completed column by column.

The ordinary executor calls a handful of functions for each field of each item, and ten thousand buckets have
tens of thousands of them. Where the items are plain objects, that is, where every selected field is an
attribute, the same result comes of looking at one field of all items at a time:

items ──attrgetter──▶ a column for each field ──serialized──▶ zipped into dicts again

Whatever is not plain, and whatever goes wrong, is left to the ordinary executor, which begins again and tells
errors by their paths: attributes can be read twice. So both give the same answers; a property test holds them
to it.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeAlias

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType, is_leaf_type
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

FEW = 2  # of fewer items than this nothing is gained
TYPENAME = "__typename"
AS_IT_IS = {"String": str, "Boolean": bool}  # what these hold is JSON already

Column: TypeAlias = list[Any]
Complete: TypeAlias = Callable[[Column], Column]


class NotPlain(Exception):
    """This has to be completed the ordinary way."""


class BulkExecutor(StrawberryGraphQLCoreExecutionContext):
    """An executor that completes lists of plain values in bulk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ways: dict[tuple[Any, int], Complete] = {}  # by type and selection, whose lists live as long

    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        """The completed list."""
        if isinstance(result, list) and len(result) >= FEW:
            try:
                return self._way(return_type.of_type, field_details_list)(result)
            except Exception:  # noqa: BLE001  the ordinary way tells what is wrong, and where
                pass
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _way(self, kind: Any, details: Any) -> Complete:
        key = kind, id(details)
        if key not in self._ways:
            self._ways[key] = self._completing(kind, details)
        return self._ways[key]

    def _completing(self, kind: GraphQLOutputType, details: Any) -> Complete:
        """What completes a column of values of this type. Raises NotPlain."""
        if isinstance(kind, GraphQLNonNull):
            return _never_null(self._completing(kind.of_type, details))
        if is_leaf_type(kind):
            return _with_nulls(_leaves(kind))
        if isinstance(kind, GraphQLList):
            return _with_nulls(_lists(self._completing(kind.of_type, details)))
        if isinstance(kind, GraphQLObjectType) and kind.is_type_of is None:
            return _with_nulls(self._objects(kind, details))
        raise NotPlain

    def _objects(self, kind: GraphQLObjectType, details: Any) -> Complete:
        """What completes a column of objects."""
        collected = self.collect_subfields(kind, details)
        if collected.new_defer_usages or collected.forbidden_directive_instances:
            raise NotPlain
        names: list[str] = []
        columns: list[tuple[Callable[[Any], Any], Complete]] = []
        for name, chosen in collected.grouped_field_set.items():
            if chosen[0].node.name.value == TYPENAME:
                names.append(name)
                columns.append((lambda _: kind.name, lambda values: values))
                continue
            field = kind.fields.get(chosen[0].node.name.value)
            if field is None or not getattr(field.resolve, "_is_default", False):
                raise NotPlain
            names.append(name)
            read = attrgetter(field.extensions["strawberry-definition"].python_name)
            columns.append((read, self._completing(field.type, chosen)))

        def complete(items: Column) -> Column:
            found = [completed(list(map(read, items))) for read, completed in columns]
            if not found:
                return [{} for _ in items]
            return [dict(zip(names, row, strict=True)) for row in zip(*found, strict=True)]

        return complete


def _leaves(kind: Any) -> Complete:
    """What serializes a column of scalars or enum values; those that are JSON already stay as they are."""
    serialize = kind.coerce_output_value
    plain = AS_IT_IS.get(kind.name)

    def complete(values: Column) -> Column:
        if plain is not None and set(map(type, values)) == {plain}:
            return values
        return [_sound(serialize(value)) for value in values]

    return complete


def _sound(value: Any) -> Any:
    if value is None:
        raise NotPlain
    return value


def _lists(completed: Complete) -> Complete:
    """What completes a column of lists: all their items at once."""

    def complete(values: Column) -> Column:
        if set(map(type, values)) != {list}:
            raise NotPlain
        items = iter(completed([item for value in values for item in value]))
        return [[next(items) for _ in value] for value in values]

    return complete


def _with_nulls(completed: Complete) -> Complete:
    """The same for a column in which there may be nulls."""

    def complete(values: Column) -> Column:
        if None not in values:
            return completed(values)
        there = iter(completed([value for value in values if value is not None]))
        return [None if value is None else next(there) for value in values]

    return complete


def _never_null(completed: Complete) -> Complete:
    """The same for a column in which there must not be any."""

    def complete(values: Column) -> Column:
        found = completed(values)
        if None in found:
            raise NotPlain
        return found

    return complete
