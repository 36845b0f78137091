"""The grammar of facts: what can be counted, and by what it can be split.

A fact is a raw table and the sums, ratios and dimensions declared over one of its rows. Rollup tiers,
SQL, GraphQL fields, export columns and docs are read from it. Sums add up over any split, ratios never
do: only sums are stored, and a ratio comes last, from an exact numerator and denominator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.visitors import iterate

from models.base import json_text

Expression = sa.SQLColumnExpression[Any]
ONE, ZERO = sa.literal_column("1", sa.BigInteger), sa.literal_column("0", sa.BigInteger)


class Clock(IntEnum):
    """Which moment decides the bucket: where the row was created, where each thing happened to it, or
    where its message left us."""

    CREATED = 0
    HAPPENED = 1
    SENT = 2


@dataclass(frozen=True, eq=False)
class Sum:
    """A number that adds up: `value` over one raw row, counted at `at` (the fact's time when None)."""

    name: str
    unit: str
    about: str
    value: Expression
    at: Expression | None = None


@dataclass(frozen=True, eq=False)
class Ratio:
    """`times` × weighted sums ÷ weighted sums; null unless there is something to divide by.

    `low_is_good` where less of it is better.
    """

    name: str
    top: Mapping[str, Fraction]
    bottom: Mapping[str, Fraction]
    about: str
    unit: str = "percent"
    times: int = 100
    low_is_good: bool = False

    @property
    def formula(self) -> str:
        """The ratio in words: '100 × (0.3 opened + 0.4 clicked) ÷ sent'."""
        times = "" if self.times == 1 else f"{self.times} × "
        return f"{times}{_words(self.top)} ÷ {_words(self.bottom)}"

    @property
    def parts(self) -> set[str]:
        """The sums it is made of."""
        return {*self.top, *self.bottom}

    @cached_property
    def _whole(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Top and bottom with whole weights, of which the quotient is the same, `times` included."""
        scale = lcm(*(weight.denominator for weight in (*self.top.values(), *self.bottom.values())))
        top = [(name, int(self.times * weight * scale)) for name, weight in self.top.items()]
        return top, [(name, int(weight * scale)) for name, weight in self.bottom.items()]

    def of(self, sums: Mapping[str, int]) -> float | None:
        """The ratio of these sums, rounded once, at the very end."""
        top, bottom = (sum([weight * sums[name] for name, weight in part]) for part in self._whole)
        return top / bottom if bottom > 0 else None

    def column(self, sums: Mapping[str, Sequence[int]]) -> list[float | None]:
        """The ratio for each place of columns of sums."""
        top, bottom = (_weighted(part, sums) for part in self._whole)
        return [a / b if b > 0 else None for a, b in zip(top, bottom, strict=True)]

    def numerator(self, sums: Mapping[str, int]) -> Fraction:
        """The exact weighted top."""
        return sum((weight * sums[name] for name, weight in self.top.items()), Fraction(0))

    def denominator(self, sums: Mapping[str, int]) -> Fraction:
        """The exact weighted bottom."""
        return sum((weight * sums[name] for name, weight in self.bottom.items()), Fraction(0))


def _weighted(weights: list[tuple[str, int]], sums: Mapping[str, Sequence[int]]) -> list[int]:
    """The weighted sum for each place of these columns."""
    parts = [[weight * number for number in sums[name]] for name, weight in weights]
    return parts[0] if len(parts) == 1 else [sum(row) for row in zip(*parts, strict=True)]


def _words(weights: Mapping[str, Fraction]) -> str:
    """'opened', '(0.3 opened + 0.4 clicked)', '(attempted − bounced)'."""
    text = ""
    for name, weight in weights.items():
        sign = " − " if weight < 0 else " + " if text else ""
        text += f"{sign}{'' if abs(weight) == 1 else f'{abs(float(weight)):g} '}{name}"
    return f"({text})" if len(weights) > 1 else text


@dataclass(frozen=True, eq=False)
class Dimension:
    """A way to split a fact; '' stands for none, never null. A `wide` one has many values.

    Where its values are the keys of another fact's rows, `of` is that fact: what is known of those rows
    filters this one too, as 'contact.city' filters messages.
    """

    name: str
    about: str
    column: Expression
    wide: bool = False
    of: Fact | None = None


def columns_of(expression: Any) -> list[str]:
    """The names of the columns that an expression is made of, as it names them."""
    return list(
        dict.fromkeys(part.name for part in iterate(element(expression)) if isinstance(part, sa.ColumnClause))
    )


def element(expression: Any) -> Any:
    """The expression as SQL is made of it: of a mapped attribute its column."""
    return sa.sql.coercions.expect(sa.sql.roles.ExpressionElementRole, expression)


Measure = Sum | Ratio
Guard = Callable[[sa.FromClause], sa.ColumnElement[bool]]  # holds a table to one organization
Span = tuple[datetime, datetime]  # [start, end)
View = Callable[[Guard, Span | None], sa.Subquery]  # of the rows of a span at least, of all without one
CUSTOM = "custom."
MOST_PARTS = 1000  # questions' measures that are remembered


def everything(_: sa.FromClause) -> sa.ColumnElement[bool]:
    """The guard that holds nothing back: for the names of a view's columns, never for its rows."""
    return sa.true()


Weights = str | Mapping[str, int | Fraction]


def count(name: str, about: str, when: sa.ColumnElement[bool] | None = None, unit: str = "messages") -> Sum:
    """Rows for which `when` holds, counted at the fact's own time."""
    return Sum(name, unit, about, _one(when))


def happened(
    name: str, about: str, at: Any, when: sa.ColumnElement[bool] | None = None, unit: str = "messages"
) -> Sum:
    """Rows to which something happened, counted where it happened."""
    seen = at.is_not(None)
    return Sum(name, unit, about, _one(seen if when is None else sa.and_(seen, when)), at)


def rate(name: str, top: Weights, bottom: Weights, about: str) -> Ratio:
    """A plain percentage, 0–100: top out of bottom."""
    return Ratio(name, weights(top), weights(bottom), about)


def loss(name: str, top: Weights, bottom: Weights, about: str) -> Ratio:
    """A rate of which less is better."""
    return Ratio(name, weights(top), weights(bottom), about, low_is_good=True)


def weights(given: Weights) -> dict[str, Fraction]:
    """Each sum once, or with the weight that is given."""
    return {given: Fraction(1)} if isinstance(given, str) else {n: Fraction(w) for n, w in given.items()}


def _one(when: sa.ColumnElement[bool] | None) -> sa.ColumnElement[Any]:
    return ONE if when is None else sa.case((when, ONE), else_=ZERO)


@dataclass(frozen=True, eq=False)
class Fact:
    """One countable thing and everything that can be counted about it. `key` names its rows.

    `left` is when its message left us, for facts that know the clock SENT. `tiers` names the rollups that
    are worth keeping; see `models/rollups.py`. `details` are dimensions that only the raw rows hold: asked
    so rarely that no tier should grow by them. `custom` is a column of JSON with further ones.

    `leaves_out` says what never counts: what `where` or the view keeps back, and what may surprise.

    One that `expires` counts events, which retention may take; one that is `part_of` another goes with its
    row, which the column names.

    A fact over a `view`, a subquery, has no tiers and is worked out from raw rows each time it is asked;
    `counted_with` names the fact whose watermark it goes by.
    """

    name: str
    about: str
    table: Any
    time: Any
    key: Any
    sums: tuple[Sum, ...]
    dimensions: tuple[Dimension, ...]
    ratios: tuple[Ratio, ...] = ()
    where: sa.ColumnElement[bool] | None = None
    leaves_out: tuple[str, ...] = ()
    left: Any = None
    tiers: tuple[str, ...] = ("month", "day", "slim_quarter", "quarter", "minute")
    expires: bool = False
    part_of: tuple[Fact, Any] | None = None
    details: tuple[Dimension, ...] = ()
    custom: Any = None
    view: View | None = None
    counted_with: str = ""

    @property
    def mark(self) -> str:
        """The name of the watermark that says how far it is counted."""
        return self.counted_with or self.name

    @cached_property
    def clocks(self) -> tuple[Clock, ...]:
        """The clocks it can be counted on."""
        return (Clock.CREATED, Clock.HAPPENED) if self.left is None else tuple(Clock)

    @cached_property
    def moments(self) -> tuple[str, ...]:
        """The columns that decide where anything counts."""
        told = [self.time, self.left, *(one.at for one in self.sums)]
        columns = {name for one in told if one is not None for name in columns_of(one)}
        return tuple(c.name for c in self.table.columns if c.name in columns)

    def counted_at(self, item: Sum, clock: Clock) -> Any:
        """The moment that puts what a sum counts into a bucket."""
        if clock is Clock.HAPPENED and item.at is not None:
            return item.at
        return self.left if clock is Clock.SENT else self.time

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Sums, then ratios, by name, in the order declared."""
        both: tuple[Measure, ...] = (*self.sums, *self.ratios)
        return {measure.name: measure for measure in both}

    @cached_property
    def splits(self) -> dict[str, Dimension]:
        """Dimensions by name, in the order declared, those that only the raw rows hold last."""
        return {dimension.name: dimension for dimension in (*self.dimensions, *self.details)}

    def split(self, name: str) -> Dimension:
        """The dimension of that name; 'custom.<field>' is one of the custom fields."""
        if self.custom is not None and name.startswith(CUSTOM):
            field = name.removeprefix(CUSTOM)
            return Dimension(name, f"The custom field {field}.", json_text(self.custom, field))
        return self.splits[name]

    def parts(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The sums that these measures are made of, in the order declared."""
        found = self._parts.get(names)
        if found is None:
            needed: set[str] = set()
            for name in names:
                measure = self.measures[name]
                needed |= measure.parts if isinstance(measure, Ratio) else {name}
            found = tuple(s.name for s in self.sums if s.name in needed)
            if len(self._parts) < MOST_PARTS:
                self._parts[names] = found
        return found

    @cached_property
    def _parts(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {}
