"""Filters of facts: by their own dimensions, by custom fields, and by what is known of the rows they lead to.

'city' keeps contacts by their city; 'contact.city' keeps messages by the city of their contact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import sqlalchemy as sa

from models import Fact
from models.base import one_of
from resolvers.scope import Whose, own

MANY = 1000  # past so many values they go as one parameter: stores take some thirty thousand in all
Where = tuple[tuple[str, tuple[str, ...]], ...]


def dimension(fact: Fact, name: str) -> str:
    """The dimension of its own that a filter of a fact needs: 'contact' for 'contact.city'."""
    first, _, rest = name.partition(".")
    return first if rest and first in fact.splits else name


def kept(
    fact: Fact, organization_id: Whose, where: Where, column: Callable[[str], Any]
) -> list[sa.ColumnElement[bool]]:
    """What must hold of the rows that a filter keeps; `column` finds the dimensions among them."""
    return [_kept(fact, organization_id, name, values, column) for name, values in where]


def _kept(
    fact: Fact, organization_id: Whose, name: str, values: tuple[str, ...], column: Callable[[str], Any]
) -> sa.ColumnElement[bool]:
    place = dimension(fact, name)
    if place == name:
        few = len(values) <= MANY
        found = column(name).in_(values) if few else one_of(column(name), orjson.dumps(values).decode())
        return found if "" in values else _known(column(name), found)
    there = fact.splits[place].of
    assert there is not None
    rest = ((name.removeprefix(f"{place}."), values),)
    wanted = kept(there, organization_id, rest, lambda inner: there.split(inner).column)
    keys = sa.select(there.key).where(own(there.table, organization_id), *wanted)
    return _known(column(place), column(place).in_(keys))


def _known(column: Any, found: Any) -> sa.ColumnElement[bool]:
    """Says what follows anyway: so that a store sees that an index over rows that are not '' can serve."""
    return sa.and_(found, column != "")
