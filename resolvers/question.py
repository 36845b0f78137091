"""The one way to read a number.

    Question ──plan()──▶ tier ──statement()──▶ SQL ──answer()──▶ Table

A question goes to the coarsest tier that answers it exactly, and to the raw rows when none does.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import TIERS, Clock, Fact, Tier
from models.base import EPOCH, month_of_day
from models.errors import Expired, TooManyGroups
from models.fact import ZERO
from models.rollups import DAY, MINUTE, MONTH, QUARTER
from resolvers.counting import day_of, lines, offset_of, whole
from resolvers.filters import Where, dimension, kept
from resolvers.kept import EVERYTHING, Kept, Layer, cover, expired, inside, left_out, whole_runs
from resolvers.periods import (
    DAY_MINUTES,
    FIRST,
    LAST,
    WIDTHS,
    Buckets,
    Granularity,
    Segment,
    Window,
    buckets,
    day_start,
    first_day,
    local_day,
    minute,
    moment,
    month_number,
    segments,
)
from resolvers.scope import mine, own

WEEKDAY, HOUR = "weekday", "hour"  # time of the week: 0 is Monday, 0–23
MAX_CELLS = 2_000_000
QUARTER_HOUR = timedelta(minutes=15)
_UNIT_RANK = {
    MINUTE: Granularity.MINUTE,
    QUARTER: Granularity.QUARTER_HOUR,
    DAY: Granularity.DAY,
    MONTH: Granularity.MONTH,
}


@dataclass(frozen=True)
class Home:
    """What the planner must know of an organization: its zone, since when its minutes are kept, and what
    retention has left."""

    zone: str
    minutes_from: int
    kept: Kept = EVERYTHING


@dataclass(frozen=True)
class Question:
    """What is asked. Hashable, so that equal questions can share one answer.

    `by` names dimensions, or the time of the week; `where` keeps the rows whose dimension is one of the
    values, see `resolvers/filters.py`. Without a window it is about all time, without a granularity about the
    window as a whole. `clip` cuts the buckets at the ends of the window, which is else widened to hold whole
    ones.
    """

    fact: Fact
    organization_id: int
    measures: tuple[str, ...]
    window: Window | None = None
    granularity: Granularity | None = None
    zone: str = "UTC"
    by: tuple[str, ...] = ()
    where: Where = ()
    clock: Clock = Clock.CREATED
    clip: bool = False

    @property
    def buckets(self) -> Buckets | None:
        """The buckets of the answer."""
        if self.granularity is None or self.window is None:
            return None
        return buckets(self.window, self.granularity, self.zone, self.clip)

    @property
    def span(self) -> Window | None:
        """The time that is really counted."""
        whole_buckets = self.buckets
        return self.window if whole_buckets is None else whole_buckets.window


@dataclass
class Table:
    """The numbers of an answer: by group, then by sum, one for each bucket (a single one without).

    `expired` are the places of buckets of which retention has left too little: their zeros say nothing.
    """

    buckets: Buckets | None
    sums: tuple[str, ...]
    groups: dict[tuple[str | int, ...], dict[str, list[int]]] = field(default_factory=dict)
    expired: frozenset[int] = frozenset()

    def total(self, sums: dict[str, list[int]] | None = None) -> dict[str, int]:
        """Every bucket of a group (or of all groups) added up."""
        chosen = list(self.groups.values()) if sums is None else [sums]
        return {name: sum(sum(group[name]) for group in chosen) for name in self.sums}


def plan(question: Question, home: Home) -> Tier | None:
    """The coarsest tier that answers exactly; None when only the raw rows do. Raises Expired."""
    found = _tier(question, home)
    if found is None and not home.kept.holds(question.fact, None, question.span):
        raise expired_of(question, home)
    return found


def _tier(question: Question, home: Home) -> Tier | None:
    for tier in TIERS[question.fact]:
        if _answers(tier, question, home) and home.kept.holds(question.fact, tier, question.span):
            return tier
    return None


def _answers(tier: Tier, question: Question, home: Home) -> bool:
    return _splits(tier, question, home) and _cuts(tier, question.span, home)


def _splits(tier: Tier, question: Question, home: Home) -> bool:
    """Whether the tier has the dimensions, the clock and the buckets."""
    has = {d.name for d in tier.dimensions}
    times = {WEEKDAY, HOUR} & set(question.by)
    if not _named(question) <= has or question.clock not in tier.clocks:
        return False
    if question.granularity is not None and question.granularity.rank < _UNIT_RANK[tier.unit].rank:
        return False
    if tier.is_local:
        zoned = question.granularity is not None or times
        if (
            (zoned and question.zone != home.zone)
            or HOUR in times
            or (tier.unit == MONTH and WEEKDAY in times)
        ):
            return False
        return not (question.granularity is Granularity.WEEK and tier.unit == MONTH)
    return True


def _cuts(tier: Tier, span: Window | None, home: Home) -> bool:
    """Whether slots of the tier make up the span; all time without one."""
    if span is None:
        return tier.unit != MINUTE
    if tier.is_local:
        return _slots(tier, span, home.zone) is not None
    if tier.unit == MINUTE:
        return span.is_aligned(1) and span.start_minute >= home.minutes_from
    return span.is_aligned(15)


def _named(question: Question) -> set[str]:
    """The dimensions of its own fact that a question needs."""
    return set(question.by) - {WEEKDAY, HOUR} | {dimension(question.fact, name) for name, _ in question.where}


def _columns(question: Question) -> dict[str, str]:
    """What each dimension that a question needs is called in SQL. Those that no tier holds get names of ours:
    a custom field may be called anything, and a detail what a sum is called."""
    names, held = sorted(_named(question)), {one.name for one in question.fact.dimensions}
    return {name: name if name in held else f"detail_{place}" for place, name in enumerate(names)}


def _slots(tier: Tier, span: Window, zone: str) -> tuple[int, int] | None:
    """The local days or months that make up the span, [first, end); None when it cuts one."""
    first, end = local_day(zone, span.start_minute), local_day(zone, span.end_minute - 1) + 1
    if not span.is_aligned(1) or (day_start(zone, first), day_start(zone, end)) != (
        span.start_minute,
        span.end_minute,
    ):
        return None
    if tier.unit == DAY:
        return first, end
    days = moment(first * DAY_MINUTES).date(), moment(end * DAY_MINUTES).date()
    return (month_number(days[0]), month_number(days[1])) if days[0].day == days[1].day == 1 else None


async def answer(db: AsyncConnection, question: Question, home: Home) -> Table:
    """Ask the store. Raises TooManyGroups, and Expired when there are no buckets to say so."""
    table = Table(question.buckets, question.fact.parts(question.measures))
    asked = parts(question, home)
    if table.buckets is not None and asked != [question]:
        table.expired = left_out(table.buckets, [part.window for part in asked if part.window is not None])
    for part in asked:
        found = await db.execute(statement(part, plan(part, home), home))
        _add(table, question, found.all())
    return table


async def first_moment(
    db: AsyncConnection, fact: Fact, organization_id: int, home: Home, where: Where = ()
) -> datetime | None:
    """The first moment by which a fact counts anything that a filter keeps, to the minute with one; None when
    there is nothing. Where retention has taken raw rows, its first month of anything knows."""
    if home.kept.since(fact, None) and TIERS[fact]:
        months = TIERS[fact][0].table
        first = sa.select(sa.func.min(months.c.slot)).where(own(months, organization_id))
        slot = (await db.execute(first)).scalar_one()
        return None if slot is None else moment(day_start(home.zone, first_day(Granularity.MONTH, slot)))
    rows = raw(fact, organization_id)
    if not where:
        return (await db.execute(sa.select(sa.func.min(rows.c[fact.time.key])))).scalar_one()
    splits = tuple(fact.split(name) for name in sorted({dimension(fact, name) for name, _ in where}))
    source = lines(fact, rows, (Clock.CREATED,), (fact.sums[0].name,), None, splits)
    wanted = kept(fact, organization_id, where, source.c.__getitem__)
    first = (await db.execute(sa.select(sa.func.min(source.c.minute)).where(*wanted))).scalar_one()
    return None if first is None else moment(first)


def parts(question: Question, home: Home) -> list[Question]:
    """The question, or where only a window that cuts quarters of an hour keeps it from the tiers, three:
    the ragged ends, which the raw rows answer, and what lies between. Where retention has taken the raw rows,
    as many as it takes, without the buckets that are gone. Raises Expired for what has no buckets."""
    span = question.span
    if _tier(question, home) is not None:
        return [question]
    if not home.kept.holds(question.fact, None, span):
        return _kept_parts(question, home)
    if span is None or question.clock is not Clock.CREATED:
        return [question]
    first, last = (
        span.start + (EPOCH - span.start) % QUARTER_HOUR,
        span.end - (span.end - EPOCH) % QUARTER_HOUR,
    )
    if last <= first or _tier(between := _part(question, first, last), home) is None:
        return [question]
    ends = [_part(question, a, b) for a, b in ((span.start, first), (last, span.end)) if a < b]
    return [between, *ends]


def _part(question: Question, start: datetime, end: datetime) -> Question:
    return replace(question, window=Window(start, end), clip=True)


def _kept_parts(question: Question, home: Home) -> list[Question]:
    """What of the question can still be answered, in parts that one tier or the raw rows answer each."""
    span, made, layers = question.span, question.buckets, _layers(question, home)
    if span is None:
        raise expired_of(question, home)
    found, gaps = cover(span, layers)
    if gaps:
        if made is None:
            raise expired_of(question, home)
        found = [part for run in whole_runs(made, gaps) for part in cover(run, layers)[0]]
    return [_part(question, part.start, part.end) for part in found]


def expired_of(question: Question, home: Home) -> Expired:
    """What to tell who asks this and cannot have all of it."""
    whole_window = replace(question, granularity=None, clip=False)
    return expired(question.span, _layers(question, home), _layers(whole_window, home))


def _layers(question: Question, home: Home) -> list[Layer]:
    """The tiers that have what the question wants, coarsest first, and at last the raw rows."""
    made: list[Layer] = []
    for tier in (*TIERS[question.fact], None):
        if tier is not None and not _splits(tier, question, home):
            continue
        since = home.kept.since(question.fact, tier)
        if tier is not None and tier.unit == MINUTE:
            since = max(since, home.minutes_from)
        unit = None if tier is None else tier.unit
        made.append(Layer(unit, since, partial(inside, unit, zone=home.zone)))
    return made


def statement(question: Question, tier: Tier | None, home: Home) -> sa.Select[Any]:
    """The question as one SELECT over a tier or the raw rows: bucket, groups, sums; not what is all 0."""
    sums = question.fact.parts(question.measures)
    source, span = _source(question, tier, sums, home)
    columns, zone = _columns(question), _zone(question)
    keys: list[Any] = []
    if question.granularity is not None:
        keys.append(_bucket(question.granularity, tier, source, zone).label("bucket"))
    keys += [_group(columns.get(name, name), tier, source, zone) for name in question.by]
    totals = [sa.func.sum(source.c[name]) for name in sums]
    values = [sa.cast(t, sa.BigInteger).label(name) for name, t in zip(sums, totals, strict=True)]
    select = sa.select(*keys, *values).where(own(source, question.organization_id))
    select = select.where(source.c.clock == whole(question.clock), *span)
    select = select.where(
        *kept(question.fact, question.organization_id, question.where, lambda name: source.c[columns[name]])
    )
    if not keys:
        return select
    # A tier keeps a row whose numbers have all moved elsewhere; the raw rows know nothing of it.
    counts = sa.or_(sa.false(), *(total != ZERO for total in totals))
    return select.group_by(*(key.name for key in keys)).having(counts)


def _source(
    question: Question, tier: Tier | None, sums: tuple[str, ...], home: Home
) -> tuple[Any, list[sa.ColumnElement[bool]]]:
    """Where the numbers are, and the slots of it that the question spans."""
    span = question.span
    if tier is None:
        splits = tuple(
            replace(question.fact.split(name), name=column) for name, column in _columns(question).items()
        )
        rows = raw(question.fact, question.organization_id, span)
        return lines(question.fact, rows, (question.clock,), sums, span, splits), []
    slot = tier.table.c.slot
    if span is None:
        return tier.table, []
    bounds = _slots(tier, span, home.zone) if tier.is_local else (span.start_minute, span.end_minute)
    assert bounds is not None
    return tier.table, [slot >= bounds[0], slot < bounds[1]]


def raw(fact: Fact, organization_id: int, span: Window | None = None) -> sa.Subquery:
    """The rows of one organization that a fact counts, of a span at least."""
    if fact.view is not None:
        ends = None if span is None else (span.start, span.end)
        return fact.view(lambda table: own(table, organization_id), ends)
    return mine(sa.select(fact.table), organization_id).subquery("raw")


def _zone(question: Question) -> tuple[Segment, ...]:
    span = question.span or Window(FIRST, LAST)
    return segments(question.zone, minute(span.start), span.end_minute)


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


def _add(table: Table, question: Question, rows: Any) -> None:
    """Add the rows of a statement into the answer."""
    size = 1 if table.buckets is None else len(table.buckets)
    place = {} if table.buckets is None else {key: i for i, key in enumerate(table.buckets.keys)}
    skip = 0 if table.buckets is None else 1
    first = skip + len(question.by)
    for row in rows:
        group = tuple(row[skip:first])
        held = table.groups.get(group)
        if held is None:
            if size * (len(table.groups) + 1) * len(table.sums) > MAX_CELLS:
                raise TooManyGroups(max_cells=MAX_CELLS)
            held = table.groups[group] = {name: [0] * size for name in table.sums}
        at = place[row[0]] if skip else 0
        for name, value in zip(table.sums, row[first:], strict=True):
            held[name][at] += value or 0
