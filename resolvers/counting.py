"""Raw rows into countable lines: what each row adds, on each clock, minute by minute.

The one translation of a fact into SQL. A rebuild sums it, and a question that no tier can answer reads it
directly; intake works the same expressions out over rows that it holds (`intake/differences.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.visitors import replacement_traverse

from models import Clock, Dimension, Fact, Sum
from models.base import TENANT_KEY, epoch_minute
from models.fact import ZERO
from resolvers.periods import DAY_MINUTES, Segment, Window


def lines(
    fact: Fact,
    rows: sa.FromClause,
    clocks: Iterable[Clock] | None = None,
    names: tuple[str, ...] | None = None,
    window: Window | None = None,
    splits: tuple[Dimension, ...] | None = None,
) -> sa.Subquery:
    """Organization, clock, minute, dimensions and sums of each row, one line per moment that counts.

    On every clock of the fact, with every dimension that tiers hold, unless told which. `rows` has the
    columns of the fact's table. Lines are not yet added up.
    """
    wanted = tuple(s for s in fact.sums if names is None or s.name in names)
    shape = _Shape(wanted, fact.dimensions if splits is None else splits, window)
    selects = [
        _branch(fact, rows, clock, at, counted, shape)
        for clock in (fact.clocks if clocks is None else clocks)
        for at, counted in _moments(fact, wanted, clock)
    ]
    return sa.union_all(*selects).subquery("lines")


def touched(fact: Fact, window: Window) -> sa.ColumnElement[bool]:
    """Whether a row of the fact's table counts anywhere in the window."""
    moments = [at for clock in fact.clocks for at, _ in _moments(fact, fact.sums, clock)]
    return sa.or_(*(sa.and_(at >= window.start, at < window.end) for at in moments))


@dataclass(frozen=True)
class _Shape:
    """What each line holds, and when it may lie."""

    sums: tuple[Sum, ...]
    splits: tuple[Dimension, ...]
    window: Window | None


def _moments(fact: Fact, sums: tuple[Sum, ...], clock: Clock) -> list[tuple[Any, tuple[Sum, ...]]]:
    """The moments that bucket these sums on this clock, each with the sums counted there."""
    if clock is not Clock.HAPPENED:
        return [(fact.time if clock is Clock.CREATED else fact.left, sums)]
    by_moment: dict[int, tuple[Any, list[Sum]]] = {}
    for item in sums:
        at = fact.counted_at(item, clock)
        by_moment.setdefault(id(at), (at, []))[1].append(item)
    return [(at, tuple(counted)) for at, counted in by_moment.values()]


def _branch(
    fact: Fact,
    rows: sa.FromClause,
    clock: Clock,
    at: Any,
    counted: tuple[Sum, ...],
    shape: _Shape,
) -> sa.Select[Any]:
    moment = _over(rows, fact, at)
    select = sa.select(
        rows.c[TENANT_KEY],
        sa.literal_column(str(int(clock)), sa.SmallInteger).label("clock"),
        epoch_minute(moment).label("minute"),
        *(_over(rows, fact, d.column).label(d.name) for d in shape.splits),
        *((_over(rows, fact, s.value) if s in counted else ZERO).label(s.name) for s in shape.sums),
    ).where(moment.is_not(None))
    if fact.where is not None:
        select = select.where(_over(rows, fact, fact.where))
    if shape.window is not None:
        select = select.where(moment >= shape.window.start, moment < shape.window.end)
    return select


def _over(rows: sa.FromClause, fact: Fact, expression: Any) -> Any:
    """The expression, read from `rows` instead of the fact's own table."""

    def swap(element: Any, **_: Any) -> Any:
        table = getattr(element, "table", None)
        return rows.c[element.name] if table is not None and table.name == fact.table.name else None

    return replacement_traverse(
        sa.sql.coercions.expect(sa.sql.roles.ExpressionElementRole, expression), {}, swap
    )


def among(column: sa.ColumnElement[Any], dialect: str) -> sa.ColumnElement[bool]:
    """Whether the column is one of the texts in the parameter `:keys`, see `keys_parameter`."""
    if dialect == "sqlite":
        listed = sa.func.json_each(sa.bindparam("keys", type_=sa.String)).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.any_(sa.bindparam("keys", type_=sa.ARRAY(sa.String)))


def day_of(minute: sa.ColumnElement[Any], zone: tuple[Segment, ...]) -> sa.ColumnElement[Any]:
    """The local day, since 1970-01-01, of a minute column."""
    return (minute + offset_of(minute, zone)) // whole(DAY_MINUTES)


def whole(number: int) -> sa.ColumnElement[Any]:
    """A number of ours, written out: PostgreSQL groups by equal text, and parameters are not equal text."""
    return sa.literal_column(str(int(number)), sa.Integer)


def offset_of(minute: sa.ColumnElement[Any], zone: tuple[Segment, ...]) -> sa.ColumnElement[Any]:
    """Minutes east of UTC in force at a minute column."""
    offsets = [whole(s.offset) for s in zone]
    if len({s.offset for s in zone}) == 1:
        return offsets[0]
    cases = [(minute < whole(s.end), o) for s, o in zip(zone, offsets, strict=True)]
    return sa.case(*cases[:-1], else_=offsets[-1])
