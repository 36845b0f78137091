"""GraphQL types read from the facts: a metric enum, a dimension enum, a filter and a type of all measures."""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

import strawberry
from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo
from strawberry.types import Info
from strawberry.utils.str_converters import to_snake_case

from models import Fact, Ratio, Sum
from models.errors import InvalidInput
from models.fact import CUSTOM, Measure
from resolvers.question import HOUR, WEEKDAY, Table
from schema.rows import Rows
from schema.scalars import BigInt, Number

MOST_CUSTOM = 20
TIMES = {
    WEEKDAY: "The day of the week in the zone asked for: 0 is Monday, 6 is Sunday.",
    HOUR: "The hour of the day in the zone asked for, 0–23.",
}


def described(measure: Measure) -> str:
    """'Share of logged messages that were delivered. Unit: percent. 100 × delivered ÷ logged.'"""
    words = f"{measure.about} Unit: {measure.unit}."
    return (
        f"{words} {measure.formula}; null when there is nothing to divide by."
        if isinstance(measure, Ratio)
        else words
    )


def metric_enum(fact: Fact, name: str) -> Any:
    """One value for each measure of the fact."""
    members = {
        m.upper(): strawberry.enum_value(m, description=described(found))
        for m, found in fact.measures.items()
    }
    return strawberry.enum(Enum(name, members), description=f"What can be counted. {fact.about}")


def dimension_enum(fact: Fact, name: str) -> Any:
    """One value for each dimension of the fact."""
    members = {
        name.upper(): strawberry.enum_value(name, description=about)
        for name, about in (*((name, d.about) for name, d in fact.splits.items()), *TIMES.items())
    }
    return strawberry.enum(
        Enum(name, members), description=f"What numbers about each {fact.name} can be split by."
    )


@strawberry.input(description="A custom field and its wanted values.")
class CustomFieldFilter:
    name: str = strawberry.field(description="What the field is called.")
    values: list[str] = strawberry.field(description="Only these. '' stands for none.")


def filter_input(fact: Fact, name: str, filters: Mapping[Fact, Any]) -> Any:
    """One list of wanted values for each dimension; what is left out does not filter.

    `filters` are those of the facts that dimensions of this one lead to: 'ofContact' filters messages by what
    is known of their contacts.
    """
    body: dict[str, Any] = {"__annotations__": {}}

    def add(field: str, kind: Any, about: str) -> None:
        body["__annotations__"][field] = kind | None
        body[field] = strawberry.field(default=None, description=about)

    for dimension in fact.splits.values():
        add(dimension.name, list[str], f"Only these. {dimension.about} '' stands for none.")
        if dimension.of is not None:
            add(f"of_{dimension.name}", filters[dimension.of], f"Only those whose {dimension.name} fits.")
    if fact.custom is not None:
        add("custom", list[CustomFieldFilter], "Only these, by custom fields.")
    about = f"Which {fact.name}s count: every list that is given must hold the value."
    return strawberry.input(type(name, (), body), name=name, description=about)


def metrics_type(fact: Fact, name: str) -> Any:
    """One field for each measure of the fact."""
    body: dict[str, Any] = {"__annotations__": {}}
    for measure in fact.measures.values():
        body["__annotations__"][measure.name] = BigInt if isinstance(measure, Sum) else Number | None
        body[measure.name] = strawberry.field(description=described(measure))
    return strawberry.type(type(name, (), body), name=name, description=f"Every measure of: {fact.about}")


class Measures:
    """An object of a metrics type: the sums that were read, and ratios of them when somebody looks."""

    def __init__(self, fact: Fact, sums: dict[str, int]) -> None:
        self.__dict__.update(sums)
        self._fact, self._sums = fact, sums

    def __getattr__(self, name: str) -> Any:
        ratio = self._fact.measures.get(name)
        if not isinstance(ratio, Ratio) or not ratio.parts <= self._sums.keys():
            raise AttributeError(name)  # nobody asked for it, so its sums were not read
        return ratio.of(self._sums)


def of_table(fact: Fact, table: Table) -> Measures:
    """All groups and buckets of a table as one object of a metrics type."""
    return Measures(fact, table.total())


def of_tables(fact: Fact, tables: list[Table]) -> Rows:
    """A row of a metrics type for each table; of the measures whose sums were read."""
    return measured(
        fact,
        len(tables),
        lambda name: [sum([sum(group[name]) for group in table.groups.values()]) for table in tables],
    )


def measured(fact: Fact, size: int, sums: Callable[[str], list[int]]) -> Rows:
    """So many rows of a metrics type, of columns of sums."""

    def column(name: str) -> list[Any]:
        measure = fact.measures[name]
        if isinstance(measure, Ratio):
            return list(measure.column({part: sums(part) for part in measure.parts}))
        return sums(name)

    return Rows(size, column)


def asked(info: Info, fact: Fact) -> tuple[str, ...]:
    """The measures selected anywhere below this field, in the order declared."""

    def found() -> tuple[str, ...]:
        names = selected(info)
        return tuple(name for name in fact.measures if name in names)

    names: tuple[str, ...] = info.context.planned(("asked", fact.name, *_nodes(info)), found)
    return names


def selected(info: Info, within: str | None = None) -> frozenset[str]:
    """The names of all fields selected anywhere below this field, or below those called `within` in it; each
    fragment is looked at once.

    Strawberry's own `selected_fields` copies a fragment wherever it is spread: nested ones double its work.
    """
    found: frozenset[str] = info.context.planned(
        ("selected", within, *_nodes(info)), lambda: frozenset(_selected(info._raw_info, within))
    )
    return found


def _nodes(info: Info) -> Iterator[int]:
    """What tells the fields of a document apart, for as long as it is kept."""
    return map(id, info._raw_info.field_nodes)


def _selected(raw: GraphQLResolveInfo, within: str | None) -> set[str]:
    names: set[str] = set()
    spread: set[tuple[str, bool]] = set()
    waiting: list[tuple[Any, bool]] = [
        (node.selection_set, within is None) for node in raw.field_nodes if node.selection_set
    ]
    while waiting:
        selection, counts = waiting.pop()
        for node in selection.selections:
            if isinstance(node, FragmentSpreadNode):
                if (node.name.value, counts) not in spread:
                    spread.add((node.name.value, counts))
                    waiting.append((raw.fragments[node.name.value].selection_set, counts))
                continue
            if isinstance(node, FieldNode) and counts:
                names.add(to_snake_case(node.name.value))
            if node.selection_set:
                is_within = isinstance(node, FieldNode) and node.name.value == within
                waiting.append((node.selection_set, counts or is_within))
    return names


def chosen(fact: Fact, wanted: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A filter input as a question's `where`."""
    return tuple((name, tuple(sorted(set(values)))) for name, values in _given(fact, wanted))


def _given(fact: Fact, wanted: Any) -> Iterator[tuple[str, list[str]]]:
    if wanted is None:
        return
    for name, dimension in fact.splits.items():
        values = getattr(wanted, name)
        if values is not None:
            yield name, values
        if dimension.of is not None:
            for field, chosen in _given(dimension.of, getattr(wanted, f"of_{name}")):
                yield f"{name}.{field}", chosen
    custom = (wanted.custom or ()) if fact.custom is not None else ()
    if len(custom) > MOST_CUSTOM:
        raise InvalidInput(f"A filter takes at most {MOST_CUSTOM} custom fields.")
    for one in custom:
        yield CUSTOM + one.name, one.values
