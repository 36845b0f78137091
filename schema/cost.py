"""What a document may cost: how many values it can answer with, estimated before anything is read.

cost = buckets × groups × fields, added up; a value in a column costs a quarter of one in a row, and so
does each number that a series works out, whether it is looked at or not

How many groups there are is only known afterwards: here they are guessed, and the budget of the request
counts them again. Documents are small (schema/limits.py), so walking one with all its fragments is cheap.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLList,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

from models.errors import HeliographError
from resolvers.periods import Granularity, count_at_most
from schema.asking import DEFINITION, Asking
from schema.bill import Bill, Instead, Item, too_dear
from schema.introspection import is_about_schema
from schema.roots import ABOUT_SCHEMA
from schema.sizes import BUCKETS, COLUMN, GROUPS, SIZE, WEIGHT
from schema.time import lifetime_of

SOME = 10  # items of a list that says nothing of its size
MOST_PRICES = 64  # of plans, zones and hours
A_GROUPING = 4  # groups of one dimension, until they are counted
A_LIFETIME = {Granularity.HOUR: 5 * 8766, Granularity.DAY: 5 * 365, Granularity.MONTH: 5 * 12}
# The schema's lists, on average: `types` makes an introspection large.
OF_THE_SCHEMA = {"types": 300, "fields": 4, "directives": 8}
BESIDE_DATA = 25  # times what a question about the schema costs alone: it holds up everybody then


@dataclass(frozen=True)
class Around:
    """What the fields above a field have asked for: how often it is answered, and how large its lists are."""

    times: float = 1
    sizes: dict[str, int] = field(default_factory=dict)
    first: int | None = None


class _Walk:
    """One walk over an operation."""

    def __init__(self, asking: Asking, instead: Instead) -> None:
        self._asking, self._instead = asking, instead
        self._types, self._here = asking.schema, asking.here
        self.items: list[Item] = []

    def selected(self, selection: SelectionSetNode, parent: Any, around: Around) -> float:
        leaves, rest = self._split(selection, parent)
        return leaves * around.times + sum([self._part(one, parent, around) for one in rest])

    def _split(self, selection: SelectionSetNode, parent: Any) -> tuple[int, list[SelectionNode]]:
        """How many fields of a selection are single values, and all else that is selected."""

        def split() -> tuple[int, list[SelectionNode]]:
            rest = [one for one in selection.selections if not self._is_leaf(one, parent)]
            return len(selection.selections) - len(rest), rest

        return self._here.planned(("leaves", parent, id(selection)), split)

    def _is_leaf(self, node: SelectionNode, parent: Any) -> bool:
        if not isinstance(node, FieldNode) or node.directives or node.arguments or node.selection_set:
            return False
        declared = self._types.get_field(parent, node.name.value)
        if declared is None or not is_leaf_type(get_nullable_type(declared.type)):
            return False
        ours = declared.extensions.get(DEFINITION)
        return ours is None or WEIGHT not in ours.metadata

    def _part(self, node: SelectionNode, parent: Any, around: Around) -> float:
        if not self._is_included(node):
            return 0
        if isinstance(node, FragmentSpreadNode):
            fragment = self._asking.fragments[node.name.value]
            kind = self._types.get_type(fragment.type_condition.name.value)
            return self.selected(fragment.selection_set, kind, around)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            kind = parent if condition is None else self._types.get_type(condition.name.value)
            return self.selected(node.selection_set, kind, around)
        assert isinstance(node, FieldNode) and parent is not None
        declared = self._types.get_field(parent, node.name.value)
        return 0 if declared is None else self._field(node, declared, parent, around)

    def _is_included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._asking.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._asking.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _field(
        self, node: FieldNode, declared: GraphQLField, parent: GraphQLCompositeType, around: Around
    ) -> float:
        ours = declared.extensions.get(DEFINITION)
        told = {} if ours is None else ours.metadata
        arguments = self._arguments(node, declared, ours)
        if node.name.value in ABOUT_SCHEMA and not is_about_schema(self._asking):
            around = replace(around, times=around.times * BESIDE_DATA)
        outside, around = around.times, self._within(arguments, around) if arguments else around
        kind = get_named_type(declared.type)
        if isinstance(get_nullable_type(declared.type), GraphQLList):
            size = told.get(SIZE, OF_THE_SCHEMA.get(node.name.value, 1) if _is_meta(parent) else None)
            items = around.sizes.get(size, 1) if isinstance(size, str) else size or around.first or SOME
            around = replace(
                around, times=around.times * items * (COLUMN if is_leaf_type(kind) else 1), first=None
            )
        selection = node.selection_set
        inner = around.times if selection is None else self.selected(selection, kind, around)
        cost = inner + outside * told.get(WEIGHT, 0)
        if "granularity" in arguments:
            cost += outside * COLUMN * around.sizes[BUCKETS] * around.sizes.get(GROUPS, 1)
        if arguments.keys() & {"granularity", "first"}:
            self.items.append(Item(cost, node, arguments))
        return cost

    def _arguments(self, node: FieldNode, declared: GraphQLField, ours: Any) -> dict[str, Any]:
        """The arguments that say how much is wanted, by their names in Python."""
        if ours is None or not declared.args.keys() & {"first", "granularity", "groupBy", "question"}:
            return {}
        made = dict(self._asking.arguments(node, declared))
        for argument in ours.arguments:
            made.setdefault(argument.python_name, argument.default)
        if (question := made.pop("question", None)) is not None:
            made |= next(vars(one.value) for one in vars(question).values() if one is not None)
        return made | self._instead.get(id(node), {})

    def _within(self, arguments: dict[str, Any], around: Around) -> Around:
        """What is around the fields below one with these arguments."""
        sizes, first = dict(around.sizes), arguments.get("first")
        if "group_by" in arguments:
            split = arguments["group_by"]
            sizes[GROUPS] = A_GROUPING ** (len(split or ()) if isinstance(split, list | None) else 1)
        if "granularity" in arguments:
            number = self._buckets(arguments)
            sizes[BUCKETS] = number if not isinstance(first, int) else max(min(number, first), 1)
        elif isinstance(first, int):
            return replace(around, sizes=sizes, first=max(first, 1))
        return replace(around, sizes=sizes)

    def _buckets(self, arguments: dict[str, Any]) -> int:
        """How many buckets a field asks for; one where it asks for nonsense, which it will itself refuse."""
        granularity, given = arguments["granularity"], arguments.get("window")
        if not isinstance(granularity, Granularity):
            return 1
        most = self._here.caller.plan.max_buckets
        if lifetime_of(given) is not None:
            return min(A_LIFETIME.get(granularity, most), most)
        try:
            zone = self._here.zone(arguments.get("timezone"))
            return min(count_at_most(self._here.window(given, zone), granularity, zone), most)
        except (HeliographError, ArithmeticError):
            return 1


def _is_meta(parent: GraphQLCompositeType) -> bool:
    return parent.name.startswith("__")


def price(asking: Asking) -> int:
    """What the operation costs.

    Raises TooMuchAtOnce, which names a cheaper question, when the plan allows less.
    """
    organization, prices = asking.here.caller.organization, asking.given.prices
    hour = asking.here.moment.replace(minute=0, second=0, microsecond=0)  # what slides holds more or less
    key = organization.plan, organization.timezone, hour
    if key not in prices:
        if len(prices) >= MOST_PRICES:
            prices.clear()
        prices[key] = _worked_out(asking)
    return prices[key]


def _worked_out(asking: Asking) -> int:
    root = asking.schema.get_root_type(asking.operation.operation)

    def bill(instead: Instead) -> Bill:
        walk = _Walk(asking, instead)
        cost = walk.selected(asking.operation.selection_set, root, Around())
        return Bill(ceil(cost), sorted(walk.items, key=lambda item: -item.cost))

    try:
        asked = bill({})
    except GraphQLError:  # a null where there must not be one
        return 0
    plan = asking.here.caller.plan
    if asked.cost > plan.max_cost:
        raise too_dear(asked, plan, lambda instead: bill(instead).cost)
    return asked.cost
