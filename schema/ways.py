"""How values become JSON, a column of them at a time.

items ──field by field──▶ columns ──leaves──▶ columns of JSON ──names in between──▶ one text

A way writes a column of values of one type, as pieces of JSON: so many for each value, one after another,
until somebody joins them. What it cannot write it refuses with NotPlain.
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

    async def written(self, values: Column, _: Asking) -> Pieces:
        """A piece for each value, which may be null."""
        if isinstance(values, Moments):
            return values.texts, 1
        kinds = set(map(type, values)) - {type(None)}
        if self._plain is not None and kinds <= self._plain:
            return orjson.dumps(values)[1:-1].split(b",") if values else [], 1
        if self._are_texts and kinds <= {str}:
            return list(map(orjson.dumps, values)), 1
        if self._are_few:
            told = {value: self._told(value) for value in set(values)}
            return [told[value] for value in values], 1
        return list(map(self._told, values)), 1

    def _told(self, value: Any) -> bytes:
        if value is None:
            return NULL
        serialized = self._serialize(value)
        if serialized is None:
            raise NotPlain
        return orjson.dumps(serialized)


class Lists:
    """Lists of what another way writes."""

    def __init__(self, item: Way) -> None:
        self._item, self.waits = item, item.waits

    async def written(self, values: Column, asking: Asking) -> Pieces:
        """A piece for each list: the items of all lists are written together."""
        there = [value for value in values if value is not None]
        if not all(isinstance(value, list | Rows | Moments) for value in there):
            raise NotPlain
        pieces, width = await self._item.written(chained(there), asking) if there else ([], 1)
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


class Never:
    """What is never null, written by another way."""

    def __init__(self, way: Way) -> None:
        self._way, self.waits = way, way.waits

    async def written(self, values: Column, asking: Asking) -> Pieces:
        """The pieces of each value."""
        if places_of_none(values):
            raise NotPlain
        return await self._way.written(values, asking)


class Objects:
    """Objects of a type; where interfaces stand for it they must be `made` of its class."""

    def __init__(self, made: type | None, fields: list[Field]) -> None:
        self._made, self._fields, self.waits = made, fields, any(one.waits for one in fields)
        self._wait_together = sum(one.waits for one in fields) > 1

    async def written(self, values: Column, asking: Asking) -> Pieces:
        """The pieces of each object; one for each where there are nulls among them."""
        nulls = places_of_none(values)
        if not nulls:
            return await self._pieces(values, asking)
        there = values.there if isinstance(values, Rows) else [one for one in values if one is not None]
        pieces, width = await self._pieces(there, asking)
        whole = (b"".join(pieces[at : at + width]) for at in range(0, len(pieces), width))
        return [NULL if place in nulls else next(whole) for place in range(len(values))], 1

    async def _pieces(self, items: Column, asking: Asking) -> Pieces:
        if self._made is not None and set(map(type, items)) - {self._made}:
            raise NotPlain
        if self._wait_together:
            columns = await asyncio.gather(*(one.written(items, asking) for one in self._fields))
        else:
            columns = [await one.written(items, asking) for one in self._fields]
        size, width, at = len(items), 1 + sum(1 + inner for _, inner in columns), 0
        made = [b"}" if columns else b"{}"] * (size * width)
        for field, (pieces, inner) in zip(self._fields, columns, strict=True):
            made[at::width] = [field.label] * size
            for place in range(inner):
                made[at + 1 + place :: width] = pieces[place::inner]
            at += 1 + inner
        return made, width


@dataclass(frozen=True)
class Attribute:
    """A selected field that is an attribute; `label` goes before each of its values."""

    label: bytes
    name: str
    way: Way

    @property
    def waits(self) -> bool:
        """Whether anything below it has to be awaited."""
        return self.way.waits

    async def written(self, items: Column, asking: Asking) -> Pieces:
        """Its value in each item."""
        if isinstance(items, Rows):
            return await self.way.written(items.column(self.name), asking)
        return await self.way.written(list(map(attrgetter(self.name), items)), asking)


@dataclass(frozen=True)
class Typename:
    """A selected `__typename`."""

    label: bytes
    told: bytes
    waits = False

    async def written(self, items: Column, _: Asking) -> Pieces:
        """The same for each item."""
        return [self.told] * len(items), 1


@dataclass(frozen=True)
class Resolved:
    """A selected field with a resolver: for all items at once where it says how, else one by one."""

    label: bytes
    parent: GraphQLObjectType
    field: GraphQLField
    nodes: list[FieldNode]
    way: Way
    waits = True

    async def written(self, items: Column, asking: Asking) -> Pieces:
        """Its value in each item."""
        info = asking.info(self.nodes, self.field, self.parent)
        given = asking.arguments(self.nodes[0], self.field)
        declared = self.field.extensions[DEFINITION]
        for_all = declared.metadata.get(FOR_ALL)
        if for_all is not None and len(items) > 1:
            return await self.way.written(await for_all(items, info, **given), asking)
        resolver = declared.base_resolver
        told = {resolver.info_parameter.name: info} if resolver.info_parameter else {}
        found = [resolver(*([item] if resolver.self_parameter else []), **told, **given) for item in items]
        return await self.way.written(await _all(found), asking)


Way: TypeAlias = Leaves | Lists | Never | Objects
Field: TypeAlias = Attribute | Typename | Resolved


async def _all(found: list[Any]) -> Sequence[Any]:
    """The values, those that have to be awaited too."""
    if len(found) == 1:
        return [await found[0]] if isawaitable(found[0]) else found
    if any(map(isawaitable, found)):
        return await asyncio.gather(*(_value(one) for one in found))
    return found


async def _value(found: Awaitable[Any] | Any) -> Any:
    return await found if isawaitable(found) else found


def places_of_none(values: Column) -> frozenset[int]:
    """Where the nulls are."""
    if isinstance(values, Rows):
        return values.nulls
    if isinstance(values, Moments) or None not in values:
        return frozenset()
    return frozenset(place for place, value in enumerate(values) if value is None)
