"""Filters of facts: by their own dimensions, by custom fields, and by what is known of the rows they lead to.

'city' keeps contacts by their city; 'contact.city' keeps messages by the city of their contact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models import Fact
from models.base import Texts, one_of
from resolvers.scope import Whose, own

CAMPAIGN = "campaign"
Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Later:
    """Wanted values that a statement, built once, is told later; `with_none` when '' is one of them."""

    parameter: str
    with_none: bool


Wanted = tuple[str, ...] | Later


def told_later(where: Where) -> tuple[tuple[tuple[str, Later], ...], dict[str, tuple[str, ...]]]:
    """A filter whose values are told later, and what they are, by the names of their parameters."""
    shape = tuple(
        (name, Later(f"wanted_{place}", "" in values)) for place, (name, values) in enumerate(where)
    )
    return shape, {f"wanted_{place}": values for place, (_, values) in enumerate(where)}


def dimension(fact: Fact, name: str) -> str:
    """The dimension of its own that a filter of a fact needs: 'contact' for 'contact.city'."""
    first, _, rest = name.partition(".")
    return first if rest and first in fact.splits else name


def about_campaign(campaign: str, where: Where) -> Where:
    """The filter narrowed to one campaign; to none, when it names only others."""
    named = dict(where).get(CAMPAIGN, (campaign,))
    rest = tuple(part for part in where if part[0] != CAMPAIGN)
    return (*rest, (CAMPAIGN, (campaign,) if campaign in named else ()))


def kept(
    fact: Fact,
    organization_id: Whose,
    where: Iterable[tuple[str, Wanted]],
    column: Callable[[str], Any],
) -> list[sa.ColumnElement[bool]]:
    """What must hold of the rows that a filter keeps; `column` finds the dimensions among them."""
    return [_kept(fact, organization_id, name, wanted, column) for name, wanted in where]


def _kept(
    fact: Fact, organization_id: Whose, name: str, wanted: Wanted, column: Callable[[str], Any]
) -> sa.ColumnElement[bool]:
    place = dimension(fact, name)
    if place == name:
        if isinstance(wanted, Later):
            values, with_none = sa.bindparam(wanted.parameter, type_=Texts()), wanted.with_none
        else:
            values, with_none = sa.literal(wanted, Texts()), "" in wanted
        found = one_of(column(name), values)
        return found if with_none else _known(column(name), found)
    there = fact.splits[place].of
    assert there is not None
    rest = ((name.removeprefix(f"{place}."), wanted),)
    inside = kept(there, organization_id, rest, lambda inner: there.split(inner).column)
    keys = sa.select(there.key).where(own(there.table, organization_id), *inside)
    return _known(column(place), column(place).in_(keys))


def _known(column: Any, found: Any) -> sa.ColumnElement[bool]:
    """Says what follows anyway: so that a store sees that an index over rows that are not '' can serve."""
    return sa.and_(found, column != "")
