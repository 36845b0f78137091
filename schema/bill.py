"""What an operation costs, item by item, and what would be cheaper when it costs too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import FieldNode

from models import Plan
from models.errors import TooMuchAtOnce
from resolvers.periods import Granularity

Instead: TypeAlias = dict[int, dict[str, Any]]  # other values of arguments, by the id of their field's node
TRIES = 4  # each is a walk over the whole document


@dataclass(frozen=True)
class Item:
    """What a field costs that says how much of it is wanted, the fields below it included."""

    cost: float
    node: FieldNode
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Bill:
    """The cost of an operation, and its items, the dearest first."""

    cost: int
    items: list[Item]


def too_dear(bill: Bill, plan: Plan, cost_of: Callable[[Instead], int]) -> TooMuchAtOnce:
    """The refusal of an operation, with the mildest change of one argument that makes it cheap enough."""
    found = _cheaper(bill, plan.max_cost, cost_of)
    name = bill.items[0].node.name.value if bill.items else None
    most = "" if name is None else f"; most of them are in '{name}'"
    advice = "Ask for fewer fields, or in several requests." if found is None else _advice(found)
    return TooMuchAtOnce(
        f"The answer may take {bill.cost:,} values and the plan '{plan.code}' allows {plan.max_cost:,}"
        f"{most}. {advice}",
        limit="cost",
        max=plan.max_cost,
        cost=bill.cost,
        cheaper=found,
    )


def _cheaper(bill: Bill, most: int, cost_of: Callable[[Instead], int]) -> dict[str, Any] | None:
    for name, value in _changes(bill, most)[:TRIES]:
        changed = [item for item in bill.items if _is_less(item.arguments.get(name), value)]
        cost = cost_of({id(item.node): {name: value} for item in changed})
        if cost <= most:
            told = value.name if isinstance(value, Granularity) else value
            return {"field": changed[0].node.name.value, "argument": name, "value": told, "cost": cost}
    return None


def _changes(bill: Bill, most: int) -> list[tuple[str, Any]]:
    """Values that make the dearest field answer with less, the mildest first of those that may do."""
    if not bill.items:
        return []
    arguments = bill.items[0].arguments
    found: list[tuple[str, Any]] = []
    if isinstance(granularity := arguments.get("granularity"), Granularity):
        found += [("granularity", one) for one in list(Granularity)[granularity.rank + 1 :]]
    elif isinstance(first := arguments.get("first"), int):
        share = max(first * most // bill.cost, 1)  # costs grow with it, or less
        found += [("first", value) for value in dict.fromkeys((first // 2, share, share // 2)) if value]
    return found


def _is_less(given: Any, value: Any) -> bool:
    """Whether another value would answer with less than the given one."""
    if isinstance(value, Granularity):
        return isinstance(given, Granularity) and value.rank > given.rank
    return isinstance(given, int) and value < given


def _advice(cheaper: dict[str, Any]) -> str:
    return (
        f"With {cheaper['argument']}: {cheaper['value']} it is {cheaper['cost']:,}; "
        "`columns` cost a quarter of rows."
    )
