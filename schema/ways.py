"""How values become JSON, a column of them at a time.

items ──field by field──▶ columns ──leaves──▶ columns of JSON ──names in between──▶ one text

A way writes a column of values of one type, as pieces of JSON: so many for each value, one after another,
until somebody joins them. What has to be awaited is fetched before, so that writing never waits. What a way
cannot write it refuses with NotPlain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from operator import attrgetter
from typing import Any, TypeAlias

import orjson
from graphql import FieldNode, GraphQLEnumType, GraphQLField, GraphQLObjectType

from schema.asking import DEFINITION, Asking
from schema.rows import FOR_ALL, Column, Moments, Rows, chained

NULL = b"null"
# What these hold is JSON already; a whole number in a Float is not, it is told with a point.
AS_IT_IS = {"Boolean": {bool}, "BigInt": {int}, "Number": {int, float}, "Float": {float}}
TEXTS = frozenset({"String", "ID"})
FEW = frozenset({"Int"})  # values that come again and again, like those of enums

Pieces: TypeAlias = tuple[list[bytes], int]  # and how many a value has


class NotPlain(Exception):
    """This has to be completed the ordinary way."""


class Leaves:
    """Scalars and enum values."""

    waits = False

    def __init__(self, kind: Any) -> None:
        self._serialize, self._plain = kind.coerce_output_value, AS_IT_IS.get(kind.name)
        self._are_texts = kind.name in TEXTS
        self._are_few = isinstance(kind, GraphQLEnumType) or kind.name in FEW

    async def fetch(self, values: Column, asking: Asking, found: Found) -> None:
        """There is nothing to fetch."""

    def written(self, values: Column, _: Found) -> Pieces:
        """A piece for each value, which may be null."""
        if isinstance(values, Moments):
            return values.texts, 1
        kinds = set(map(type, values)) - {type(None)}
        if self._plain is not None and kinds <= self._plain:
            return orjson.dumps(values)[1:-1].split(b",") if values else [], 1
        if self._are_texts and kinds <= {str}:
            return list(map(orjson.dumps, values)), 1
        if self._are_few:
            told = {value: self.told(value) for value in set(values)}
            return [told[value] for value in values], 1
        return list(map(self.told, values)), 1

    def told(self, value: Any) -> bytes:
        """A single value, which may be null."""
        if value is None:
            return NULL
        if self._plain is not None and type(value) in self._plain:
            return orjson.dumps(value)
        serialized = self._serialize(value)
        if serialized is None:
            raise NotPlain
        return orjson.dumps(serialized)


class Lists:
    """Lists of what another way writes."""

    def __init__(self, item: Way) -> None:
        self._item, self.waits = item, item.waits

    async def fetch(self, values: Column, asking: Asking, found: Found) -> None:
        """Fetch what the items of all lists wait for."""
        await self._item.fetch(self._items(values), asking, found)

    def written(self, values: Column, found: Found) -> Pieces:
        """A piece for each list: the items of all lists are written together."""
        items = self._items(values)
        pieces, width = self._item.written(items, found) if items else ([], 1)
        glue = b"," if width == 1 else b""
        if not glue:
            pieces[width - 1 :: width] = [b"},"] * (len(pieces) // width)
        at, told = 0, []
        for value in values:
            if value is None:
                told.append(NULL)
                continue
            end = at + len(value) * width
            inside = glue.join(pieces[at:end])
            told.append(b"[%b]" % (inside if glue else inside[:-1]))
            at = end
        return told, 1

    def _items(self, values: Column) -> Column:
        there = [value for value in values if value is not None]
        if not all(isinstance(value, list | Rows | Moments) for value in there):
            raise NotPlain
        return chained(there) if there else there


class Never:
    """What is never null, written by another way."""

    def __init__(self, way: Way) -> None:
        self.way, self.waits = way, way.waits

    async def fetch(self, values: Column, asking: Asking, found: Found) -> None:
        """Fetch what the values wait for."""
        await self.way.fetch(values, asking, found)

    def written(self, values: Column, found: Found) -> Pieces:
        """The pieces of each value."""
        if places_of_none(values):
            raise NotPlain
        return self.way.written(values, found)


class Objects:
    """Objects of a type; where interfaces stand for it they must be `made` of its class."""

    def __init__(self, made: type | None, fields: list[Field]) -> None:
        self._made, self._fields = made, fields
        self._waiting = [one for one in fields if one.waits]
        self.waits = bool(self._waiting)
        self._flat = _flat(fields)

    async def fetch(self, values: Column, asking: Asking, found: Found) -> None:
        """Fetch what the fields wait for, all at the same time."""
        there = _there(values)
        if len(there) == 0:
            return
        if len(self._waiting) == 1:
            await self._waiting[0].fetch(there, asking, found)
        else:
            await asyncio.gather(*(one.fetch(there, asking, found) for one in self._waiting))

    def written(self, values: Column, found: Found) -> Pieces:
        """The pieces of each object; one for each where there are nulls among them."""
        nulls = places_of_none(values)
        if not nulls:
            return self._pieces(values, found)
        pieces, width = self._pieces(_there(values), found)
        whole = (b"".join(pieces[at : at + width]) for at in range(0, len(pieces), width))
        return [NULL if place in nulls else next(whole) for place in range(len(values))], 1

    def _pieces(self, items: Column, found: Found) -> Pieces:
        if self._made is not None and set(map(type, items)) - {self._made}:
            raise NotPlain
        if not len(items):
            return [], 1
        if len(items) == 1 and self._flat is not None and not isinstance(items, Rows):
            return [self._one(items[0], self._flat)], 1
        fields, leading, size = self._fields, self._leading_moments(items), len(items)
        rest = fields if leading is None else fields[1:]
        parts = [([one.label] * size, *one.written(items, found)) for one in rest]
        if leading is not None:  # of many moments, each carries what is around it: fewer pieces
            parts[0] = (leading.between(fields[0].label, fields[1].label), *parts[0][1:])
        width, at = 1 + sum([1 + inner for _, _, inner in parts]), 0
        made = [b"}" if parts else b"{}"] * (size * width)
        for labels, pieces, inner in parts:
            made[at::width] = labels
            for place in range(inner):
                made[at + 1 + place :: width] = pieces[place::inner]
            at += 1 + inner
        return made, width

    def _leading_moments(self, items: Column) -> Moments | None:
        """The values of the first of several fields, when they are moments of rows."""
        first = self._fields[0] if len(self._fields) > 1 else None
        if not isinstance(first, Attribute) or not isinstance(items, Rows):
            return None
        values = items.column(first.name)
        return values if isinstance(values, Moments) else None

    def _one(self, item: Any, flat: list[tuple[bytes, str, Leaves, bool]]) -> bytes:
        """The JSON of a single object that holds single values."""
        told: list[bytes] = []
        for label, name, leaf, never_null in flat:
            value = getattr(item, name)
            if value is None and never_null:
                raise NotPlain
            told += label, leaf.told(value)
        return b"%b}" % b"".join(told)


@dataclass(frozen=True, eq=False)
class Attribute:
    """A selected field that is an attribute; `label` goes before each of its values."""

    label: bytes
    name: str
    way: Way

    @property
    def waits(self) -> bool:
        """Whether anything below it has to be awaited."""
        return self.way.waits

    async def fetch(self, items: Column, asking: Asking, found: Found) -> None:
        """Fetch what its values wait for."""
        await self.way.fetch(self._values(items), asking, found)

    def written(self, items: Column, found: Found) -> Pieces:
        """Its value in each item."""
        return self.way.written(self._values(items), found)

    def _values(self, items: Column) -> Column:
        return items.column(self.name) if isinstance(items, Rows) else list(map(attrgetter(self.name), items))


@dataclass(frozen=True, eq=False)
class Typename:
    """A selected `__typename`."""

    label: bytes
    told: bytes
    waits = False

    async def fetch(self, items: Column, asking: Asking, found: Found) -> None:
        """There is nothing to fetch."""

    def written(self, items: Column, _: Found) -> Pieces:
        """The same for each item."""
        return [self.told] * len(items), 1


@dataclass(frozen=True, eq=False)
class Resolved:
    """A selected field with a resolver: for all items at once where it says how, else one by one."""

    label: bytes
    parent: GraphQLObjectType
    field: GraphQLField
    nodes: list[FieldNode]
    way: Way
    waits = True

    async def fetch(self, items: Column, asking: Asking, found: Found) -> None:
        """Resolve it in each item, and fetch what its values wait for."""
        found[self] = values = await self._values(items, asking)
        if self.way.waits:
            await self.way.fetch(values, asking, found)

    def written(self, items: Column, found: Found) -> Pieces:
        """Its value in each item."""
        return self.way.written(found[self], found)

    async def _values(self, items: Column, asking: Asking) -> Column:
        info = asking.info(self.nodes, self.field, self.parent)
        given = asking.arguments(self.nodes[0], self.field)
        declared = self.field.extensions[DEFINITION]
        for_all = declared.metadata.get(FOR_ALL)
        if for_all is not None and len(items) > 1:
            return await for_all(items, info, **given)
        resolver = declared.base_resolver
        told = {resolver.info_parameter.name: info} if resolver.info_parameter else {}
        if resolver.self_parameter:
            return await _all([resolver(item, **told, **given) for item in items])
        return await _all([resolver(**told, **given) for _ in items])


Way: TypeAlias = Leaves | Lists | Never | Objects
Field: TypeAlias = Attribute | Typename | Resolved


class Found(dict["Resolved", Column]):
    """What was fetched for each field with a resolver."""


async def _all(found: list[Any]) -> Sequence[Any]:
    """The values, those that have to be awaited too."""
    if len(found) == 1:
        return [await found[0]] if isawaitable(found[0]) else found
    if any(map(isawaitable, found)):
        return await asyncio.gather(*(_value(one) for one in found))
    return found


async def _value(found: Awaitable[Any] | Any) -> Any:
    return await found if isawaitable(found) else found


def _flat(fields: list[Field]) -> list[tuple[bytes, str, Leaves, bool]] | None:
    """Label, attribute, leaf and whether it is never null of each field; None when others are among them."""
    found: list[tuple[bytes, str, Leaves, bool]] = []
    for field in fields:
        way = field.way if isinstance(field, Attribute) else None
        leaf = way.way if isinstance(way, Never) else way
        if not isinstance(field, Attribute) or not isinstance(leaf, Leaves):
            return None
        found.append((field.label, field.name, leaf, isinstance(way, Never)))
    return found or None


def _there(values: Column) -> Column:
    """The values that are no nulls."""
    if not places_of_none(values):
        return values
    return values.there if isinstance(values, Rows) else [one for one in values if one is not None]


def places_of_none(values: Column) -> frozenset[int]:
    """Where the nulls are."""
    if isinstance(values, Rows):
        return values.nulls
    if isinstance(values, Moments) or None not in values:
        return frozenset()
    return frozenset(place for place, value in enumerate(values) if value is None)
