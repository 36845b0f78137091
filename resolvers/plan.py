"""Which tier answers a question: the coarsest that does so exactly, and the raw rows when none does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial

from models import TIERS, Clock, Tier
from models.base import EPOCH
from models.errors import Expired
from models.rollups import DAY, MINUTE, MONTH, QUARTER
from resolvers.kept import Layer, cover, expired, inside, whole_runs
from resolvers.periods import (
    DAY_MINUTES,
    Granularity,
    Window,
    day_start,
    local_day,
    moment,
    month_number,
)
from resolvers.question import HOUR, WEEKDAY, Home, Question

QUARTER_HOUR = timedelta(minutes=15)
_UNIT_RANK = {
    MINUTE: Granularity.MINUTE,
    QUARTER: Granularity.QUARTER_HOUR,
    DAY: Granularity.DAY,
    MONTH: Granularity.MONTH,
}


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
    has = tier.names
    times = {WEEKDAY, HOUR} & set(question.by)
    if not question.named <= has or question.clock not in tier.clocks:
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
        return slots(tier, span, home.zone) is not None
    if tier.unit == MINUTE:
        return span.is_aligned(1) and span.start_minute >= home.minutes_from
    return span.is_aligned(15)


@lru_cache(maxsize=4096)
def slots(tier: Tier, span: Window, zone: str) -> tuple[int, int] | None:
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


def planned(question: Question, home: Home) -> list[tuple[Question, Tier | None]]:
    """The parts of a question, each with the tier that answers it. Raises Expired."""
    if (tier := _tier(question, home)) is not None:
        return [(question, tier)]
    return [(part, plan(part, home)) for part in parts(question, home)]


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
