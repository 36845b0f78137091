"""A question as SQL: one SELECT over a tier or over the raw rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from models import Clock, Fact, Tier
from models.base import TENANT_KEY, month_of_day, packed
from models.fact import ZERO
from models.rollups import DAY, MONTH
from resolvers.counting import day_of, lines, offset_of, whole
from resolvers.filters import Wanted, kept, told_later
from resolvers.periods import DAY_MINUTES, WIDTHS, Granularity, Segment, Window
from resolvers.plan import slots
from resolvers.question import HOUR, WEEKDAY, Home, Question, named
from resolvers.scope import WHOSE, Whose, mine, own

BUCKET = "bucket"
FIRST_SLOT, END_SLOT = (sa.bindparam(name, type_=sa.Integer) for name in ("first_slot", "end_slot"))


@dataclass(frozen=True)
class _Shape:
    """What of a question its statement is built of; whose it is and when is told apart."""

    fact: Fact
    measures: tuple[str, ...]
    granularity: Granularity | None
    by: tuple[str, ...]
    where: tuple[tuple[str, Wanted], ...]
    clock: Clock


def statement(question: Question, tier: Tier | None, home: Home) -> sa.Select[Any]:
    """The question as one SELECT over a tier or the raw rows; not what is all 0.

    Without buckets a row for each group: its names, then its sums. With buckets a row for each group too: its
    names, the numbers of its buckets in a list, and a list of each sum in the same order.
    """
    source, bounds = _source(question, tier, home)
    return _select(
        _shape(question, question.where), tier, source, bounds, question.segments, question.organization_id
    )


def prepared(question: Question, tier: Tier | None, home: Home) -> tuple[sa.Select[Any], dict[str, Any]]:
    """The same as `statement`, and the values of its parameters: over a tier it is built once, whoever asks
    about whatever time."""
    if tier is None:
        return statement(question, tier, home), {}
    spanned, (where, wanted) = _bounds(question, tier, home), told_later(question.where)
    values = {TENANT_KEY: question.organization_id, **wanted}
    if spanned is not None:
        values |= {FIRST_SLOT.key: spanned[0], END_SLOT.key: spanned[1]}
    zone = () if tier.is_local else _changes(question.segments)
    return _over_tier(_shape(question, where), tier, zone, spanned is not None), values


def _shape(question: Question, where: tuple[tuple[str, Wanted], ...]) -> _Shape:
    return _Shape(question.fact, question.measures, question.granularity, question.by, where, question.clock)


def _changes(zone: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The offsets and where they change, without the ends of the window: no statement needs those."""
    return (*(Segment(0, one.end, one.offset) for one in zone[:-1]), Segment(0, 0, zone[-1].offset))


@lru_cache(maxsize=512)
def _over_tier(shape: _Shape, tier: Tier, zone: tuple[Segment, ...], is_bounded: bool) -> sa.Select[Any]:
    """The statement of every question that differs only in whose it is, in the slots it spans and in the
    values its filter wants."""
    slot = tier.table.c.slot
    bounds = [slot >= FIRST_SLOT, slot < END_SLOT] if is_bounded else []
    return _select(shape, tier, tier.table, bounds, zone, WHOSE)


def _select(
    shape: _Shape,
    tier: Tier | None,
    source: Any,
    bounds: list[sa.ColumnElement[bool]],
    zone: tuple[Segment, ...],
    whose: Whose,
) -> sa.Select[Any]:
    fact, columns = shape.fact, _columns(shape)
    sums, keys = fact.parts(shape.measures), []
    if shape.granularity is not None:
        keys.append(_bucket(shape.granularity, tier, source, zone).label(BUCKET))
    keys += [_group(columns.get(name, name), tier, source, zone) for name in shape.by]
    totals = [sa.func.sum(source.c[name]) for name in sums]
    values = [sa.cast(t, sa.BigInteger).label(name) for name, t in zip(sums, totals, strict=True)]
    select = sa.select(*keys, *values).where(own(source, whose))
    select = select.where(source.c.clock == whole(shape.clock), *bounds)
    select = select.where(*kept(fact, whose, shape.where, lambda name: source.c[columns[name]]))
    if not keys:
        return select
    # A tier keeps a row whose numbers have all moved elsewhere; the raw rows know nothing of it.
    counts = sa.or_(sa.false(), *(total != ZERO for total in totals))
    select = select.group_by(*(key.name for key in keys)).having(counts)
    return select if shape.granularity is None else _packed([key.name for key in keys[1:]], select, sums)


def _packed(groups: list[str], select: sa.Select[Any], sums: tuple[str, ...]) -> sa.Select[Any]:
    """One row for each group instead of one for each bucket of it: rows are dear to fetch, lists are not."""
    each = select.order_by(sa.text(BUCKET)).subquery("each")
    names = [each.c[name] for name in groups]
    lists = [packed(each.c[name]).label(name) for name in (BUCKET, *sums)]
    return sa.select(*names, *lists).group_by(*names)


def _source(question: Question, tier: Tier | None, home: Home) -> tuple[Any, list[sa.ColumnElement[bool]]]:
    """Where the numbers are, and the slots of it that the question spans."""
    if tier is None:
        sums, span = question.fact.parts(question.measures), question.span
        splits = tuple(
            replace(question.fact.split(name), name=column) for name, column in _columns(question).items()
        )
        rows = raw(question.fact, question.organization_id, span)
        return lines(question.fact, rows, (question.clock,), sums, span, splits), []
    slot, spanned = tier.table.c.slot, _bounds(question, tier, home)
    return tier.table, [] if spanned is None else [slot >= spanned[0], slot < spanned[1]]


def _bounds(question: Question, tier: Tier, home: Home) -> tuple[int, int] | None:
    """The slots of a tier that the question spans, [first, end); None for all there are."""
    span = question.span
    if span is None:
        return None
    bounds = slots(tier, span, home.zone) if tier.is_local else (span.start_minute, span.end_minute)
    assert bounds is not None
    return bounds


def _columns(question: Question | _Shape) -> dict[str, str]:
    """What each dimension that a question needs is called in SQL. Those that no tier holds get names of ours:
    a custom field may be called anything, and a detail what a sum is called."""
    names, held = (
        sorted(named(question.fact, question.by, question.where)),
        {one.name for one in question.fact.dimensions},
    )
    return {name: name if name in held else f"detail_{place}" for place, name in enumerate(names)}


def raw(fact: Fact, organization_id: int, span: Window | None = None) -> sa.Subquery:
    """The rows of one organization that a fact counts, of a span at least."""
    if fact.view is not None:
        ends = None if span is None else (span.start, span.end)
        return fact.view(lambda table: own(table, organization_id), ends)
    return mine(sa.select(fact.table), organization_id).subquery("raw")


def _bucket(granularity: Granularity, tier: Tier | None, source: Any, zone: tuple[Segment, ...]) -> Any:
    """The number of the bucket, as `periods.buckets` numbers it."""
    if tier is not None and tier.unit == MONTH:
        return source.c.slot if granularity is Granularity.MONTH else source.c.slot // whole(12)
    if not granularity.is_local:
        width = WIDTHS[granularity]
        at = _minute(tier, source)
        shifts = tuple(Segment(s.start, s.end, s.offset % width) for s in zone)
        return at if width == 1 else at - (at + offset_of(at, shifts)) % whole(width)
    day = _day(tier, source, zone)
    if granularity is Granularity.DAY:
        return day
    if granularity is Granularity.WEEK:
        return (day + whole(3)) // whole(7)
    return month_of_day(day) if granularity is Granularity.MONTH else month_of_day(day) // whole(12)


def _group(name: str, tier: Tier | None, source: Any, zone: tuple[Segment, ...]) -> Any:
    if name == WEEKDAY:
        return ((_day(tier, source, zone) + whole(3)) % whole(7)).label(name)
    if name == HOUR:
        at = _minute(tier, source)
        return (((at + offset_of(at, zone)) % whole(DAY_MINUTES)) // whole(60)).label(name)
    return source.c[name].label(name)


def _minute(tier: Tier | None, source: Any) -> Any:
    return source.c.minute if tier is None else source.c.slot


def _day(tier: Tier | None, source: Any, zone: tuple[Segment, ...]) -> Any:
    return source.c.slot if tier is not None and tier.unit == DAY else day_of(_minute(tier, source), zone)
