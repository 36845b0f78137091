"""Every argument of the schema that takes a text, with every mixture of ids: read from the schema itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from probe.tenants import EACH, NAMES
from probe.tries import Ask, Try, Value, node_ids, twins, values

DEEP = 3  # levels of fields below the root, and of input objects below an argument
MOST = EACH * len(NAMES)  # values of a place that takes the id of anything
TEXTS = frozenset({"ID", "String"})
KNOWN: dict[str, Any] = {"timezone": "UTC", "vendor": "slicktext", "currency": "EUR"}


@dataclass(frozen=True)
class Place:
    """Where an id goes: an argument of the last of these fields, down the input's fields; how it is typed."""

    fields: tuple[tuple[str, Any], ...]
    argument: str
    inner: tuple[tuple[str, Any], ...]
    kind: Any

    @property
    def name(self) -> str:
        """What the place is called."""
        return self.inner[-1][0] if self.inner else self.argument

    @property
    def is_list(self) -> bool:
        """Whether several go in."""
        kind = self.kind.of_type if isinstance(self.kind, GraphQLNonNull) else self.kind
        return isinstance(kind, GraphQLList)


def tries(schema: GraphQLSchema) -> Iterator[Try]:
    """Everything: single and in lists, as a literal's variable, two in one document."""
    for root, word in ((schema.query_type, "query"), (schema.mutation_type, "mutation")):
        assert root is not None
        nodes = [kind.name for kind in schema.get_possible_types(_node(schema))]
        for place in _places(root, (), set()):
            for value in _fitting(place, nodes):
                yield from _tries(place, value, word)


def _tries(place: Place, value: Value, word: str) -> Iterator[Try]:
    group = f"GraphQL {word}" if len(place.fields) == 1 else "GraphQL, nested"
    for others, unknowns in value.mixes if place.is_list else [([value.other], [value.unknown])]:
        pair = (_ask(word, [_field(place, ids)]) for ids in (others, unknowns))
        yield twins(group, *pair, (others, unknowns))
    if value.is_id and word == "query" and len(place.fields) == 1:
        both = ([value.own], [value.other]), ([value.own], [value.unknown])
        pair = (_ask(word, [_field(place, ids, f"a{n}") for n, ids in enumerate(each)]) for each in both)
        yield twins("GraphQL aliases", *pair, ([value.other], [value.unknown]))
        pair = (_by_variable(place, one) for one in (value.other, value.unknown))
        yield twins("GraphQL variables", *pair, ([value.other], [value.unknown]))


def _places(kind: Any, above: tuple[tuple[str, Any], ...], seen: set[str]) -> Iterator[Place]:
    """The places of a type's fields, each type by the first way that leads to it."""
    if kind.name in seen:
        return
    seen.add(kind.name)
    for name, one in kind.fields.items():
        fields = (*above, (name, one))
        for argument, its in one.args.items():
            yield from _inside(fields, argument, (), its.type)
        below = get_named_type(one.type)
        if isinstance(below, GraphQLObjectType) and len(fields) < DEEP:
            yield from _places(below, fields, seen)


def _inside(
    fields: tuple[tuple[str, Any], ...], argument: str, inner: tuple[tuple[str, Any], ...], kind: Any
) -> Iterator[Place]:
    named = get_named_type(kind)
    if named.name in TEXTS:
        yield Place(fields, argument, inner, kind)
    elif isinstance(named, GraphQLInputObjectType) and len(inner) < DEEP:
        for name, one in named.fields.items():
            yield from _inside(fields, argument, (*inner, (name, one)), one.type)


def _fitting(place: Place, nodes: list[str]) -> list[Value]:
    beside = place.fields[-1][0]
    found = values(place.name, beside)
    if len(found) == MOST:
        found = found[:: len(found) // EACH]
    is_id = get_named_type(place.kind).name == "ID"
    return [*found[: EACH if len(place.fields) == 1 else 1], *(node_ids(nodes) if is_id else ())]


def _ask(word: str, fields: list[str], variables: dict[str, Any] | None = None, head: str = "") -> Ask:
    body = {"query": f"{word}{head} {{ {' '.join(fields)} }}", "variables": variables or {}}
    return Ask("POST", "/graphql", body=body)


def _by_variable(place: Place, value: str) -> Ask:
    told = [value] if place.is_list else value
    text = _field(place, None)
    return _ask("query", [text], {"v": told}, f"($v: {place.kind})")


def _field(place: Place, ids: list[str] | None, alias: str = "") -> str:
    """The fields down to the place, with `$v` in it or these ids, and all leaves of what is answered."""
    held = "$v" if ids is None else _literal(ids if place.is_list else ids[0])
    for depth in range(len(place.inner), 0, -1):
        name, _ = place.inner[depth - 1]
        within = place.inner[depth - 2][1].type if depth > 1 else _argument(place).type
        others = _needed(get_named_type(within).fields, {name})
        held = f"{{{', '.join([f'{name}: {held}', *others])}}}"
        if depth <= len(place.inner) and isinstance(_bare(within), GraphQLList):
            held = f"[{held}]"
    text = ""
    for number, (name, one) in reversed(list(enumerate(place.fields))):
        is_last = number == len(place.fields) - 1
        given = [f"{place.argument}: {held}"] if is_last else []
        given += _needed(one.args, {place.argument} if is_last else set())
        text = f"{name}{_brackets(given)} {leaves(one.type) if is_last else f'{{ {text} }}'}"
    return f"{alias}: {text}" if alias else text


def _argument(place: Place) -> Any:
    return place.fields[-1][1].args[place.argument]


def _bare(kind: Any) -> Any:
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def _needed(given: dict[str, Any], but: set[str]) -> list[str]:
    return [
        f"{name}: {_some(name, one.type)}"
        for name, one in given.items()
        if name not in but and (is_required_argument(one) or is_required_input_field(one))
    ]


def _some(name: str, kind: Any) -> str:
    """A value of our own that fits."""
    kind = _bare(kind)
    if isinstance(kind, GraphQLList):
        return f"[{_some(name, kind.of_type)}]"
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        needed = _needed(kind.fields, set())
        if not needed:  # one of them must be told, of those of which one must be
            needed = [f"{field}: {_some(field, one.type)}" for field, one in list(kind.fields.items())[:1]]
        return f"{{{', '.join(needed)}}}"
    if kind.name in TEXTS:
        return _literal(KNOWN.get(name) or values(name)[0].own)
    return {"Int": "1", "BigInt": "1", "Boolean": "true", "DateTime": '"2026-01-01T00:00:00Z"'}.get(
        kind.name, '"2026-01-01"'
    )


@cache
def leaves(kind: Any, depth: int = 1) -> str:
    """Everything of a type that needs no argument, some levels down."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if not isinstance(named, GraphQLObjectType):
        return "{ __typename id }"
    parts = [
        f"{name} {leaves(one.type, depth - 1)}"
        for name, one in named.fields.items()
        if not any(map(is_required_argument, one.args.values()))
        and (depth > 0 or is_leaf_type(get_named_type(one.type)))
    ]
    return f"{{ __typename {' '.join(parts)} }}"


def _brackets(given: list[str]) -> str:
    return f"({', '.join(given)})" if given else ""


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _node(schema: GraphQLSchema) -> GraphQLInterfaceType:
    found = schema.type_map["Node"]
    assert isinstance(found, GraphQLInterfaceType)
    return found
