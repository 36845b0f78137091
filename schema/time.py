"""Inputs and enums about time: granularity, clock, comparison, windows."""

from datetime import date, datetime, timedelta

import strawberry

from models import Clock
from models.base import EPOCH
from models.errors import InvalidInput, InvalidRange
from models.zones import zone
from resolvers.periods import (
    FIRST,
    LAST,
    WIDTHS,
    Granularity,
    Window,
    day_number,
    day_start,
    first_day,
    local_day,
    minute,
    moment,
    period_of_day,
)
from resolvers.series import State
from resolvers.shifts import Comparison
from schema.enums import described

MAX_LAST = 100_000


described(
    Granularity,
    "The width of a bucket, cut in the time zone of the question.",
    {
        "MINUTE": "One minute.",
        "QUARTER_HOUR": "15 minutes.",
        "HOUR": "One hour; where the clocks change by half an hour, a short one.",
        "DAY": "From midnight to midnight: 23, 24 or 25 hours.",
        "WEEK": "ISO week, from Monday.",
        "MONTH": "Calendar month.",
        "YEAR": "Calendar year.",
    },
)
CLOCKS = {
    "CREATED": "Where the message was created: what became of the messages of that time.",
    "HAPPENED": "Where each thing happened: a delivery when it was made, an open when it was made.",
    "SENT": "Where the message left us: what became of the messages sent at that time. Messages only.",
}
described(Clock, "Which moment puts a message into a bucket.", CLOCKS)
described(
    Comparison,
    "The earlier window that a series is held against.",
    {
        "PRIOR_PERIOD": "As many buckets, right before.",
        "DAY": "The same window one day earlier.",
        "WEEK": "The same window seven days earlier.",
        "MONTH": "The same window one month earlier.",
        "QUARTER": "The same window three months earlier.",
        "YEAR": "The same window one year earlier.",
    },
)
described(
    State,
    "How much of a bucket is counted.",
    {
        "FINAL": "All of it; only records that come late can still move it.",
        "PROVISIONAL": "It has begun and is not over; the value is what is counted so far.",
        "PENDING": "Nothing yet; the value is null, which is not zero.",
        "EXPIRED": "Retention took it, or a part of it; the value is null. Ask for coarser buckets.",
    },
)


@strawberry.input(description="The half-open span [start, end).")
class Between:
    start: datetime = strawberry.field(description="The first moment.")
    end: datetime = strawberry.field(description="The first moment that no longer belongs.")


@strawberry.input(description="Days of the question's time zone, both included.")
class Days:
    first: date = strawberry.field(description="The first day.")
    last: date = strawberry.field(description="The last day.")


@strawberry.input(description="So many units back, the running one included: {count: 30, unit: DAY}.")
class Last:
    count: int = strawberry.field(description="How many, at least 1.")
    unit: Granularity = strawberry.field(description="Of what.")


@strawberry.input(description="From the first thing there is.")
class Lifetime:
    until: datetime | None = strawberry.field(
        default=None, description="The first moment that no longer belongs; now when absent."
    )


@strawberry.input(one_of=True, description="A span of time; give exactly one.")
class WindowInput:
    between: strawberry.Maybe[Between] = strawberry.field(default=None, description="Two moments.")
    days: strawberry.Maybe[Days] = strawberry.field(default=None, description="Whole local days.")
    last: strawberry.Maybe[Last] = strawberry.field(default=None, description="Back from now.")
    lifetime: strawberry.Maybe[Lifetime] = strawberry.field(
        default=None, description="From the first thing there is: {lifetime: {}}. For series."
    )


@strawberry.type(name="Window", description="The half-open span [start, end).")
class WindowType:
    start: datetime = strawberry.field(description="The first moment.")
    end: datetime = strawberry.field(description="The first moment that no longer belongs.")


def lifetime_of(given: WindowInput | None) -> Lifetime | None:
    """The lifetime that the window is, if it is one: where that begins, only the store knows."""
    return given.lifetime.value if given is not None and given.lifetime else None


def since(first: datetime, given: Lifetime, name: str, now: datetime) -> Window:
    """From the first moment of something to the end that is given, or that of the running quarter."""
    zone(name)
    quarter = timedelta(minutes=15)
    end = _running(now, quarter) if given.until is None else given.until
    if not FIRST < end <= LAST:
        raise InvalidRange("'until' lies between 1970-01-08 and 2100-01-01.")
    return Window(min(first, max(end - quarter, FIRST)), end)


def _running(now: datetime, step: timedelta) -> datetime:
    """The end of the running step."""
    return now - (now - EPOCH) % step + step


def is_fixed(given: WindowInput | None) -> bool:
    """Whether the window is the same at every moment."""
    return given is not None and bool(given.between or given.days)


def window_of(given: WindowInput | None, name: str, now: datetime) -> Window:
    """The window meant, in the zone called `name`; without one the last 30 days, the running one included."""
    zone(name)
    if lifetime_of(given) is not None:
        raise InvalidInput("'lifetime' is for series; leave the window out, or name one.")
    if given is None:
        return _last(30, Granularity.DAY, name, now)
    if given.between:
        return Window(given.between.value.start, given.between.value.end)
    if given.days:
        return _days(given.days.value, name)
    assert given.last
    return _last(given.last.value.count, given.last.value.unit, name, now)


def running(unit: Granularity, name: str, now: datetime) -> Window:
    """The day, week, month or year that runs, up to now."""
    zone(name)
    return _last(1, unit, name, now)


def _days(given: Days, name: str) -> Window:
    if given.last < given.first:
        raise InvalidRange()
    if given.first.year < 1971 or given.last.year > 2098:
        raise InvalidInput("Days lie between 1971 and 2098.")
    start, end = day_start(name, day_number(given.first)), day_start(name, day_number(given.last) + 1)
    return Window(moment(start), moment(end))


def _last(count: int, unit: Granularity, name: str, now: datetime) -> Window:
    if not 1 <= count <= MAX_LAST:
        raise InvalidInput(f"'count' must be between 1 and {MAX_LAST}, not {count}.")
    # To the end of the running quarter of an hour: nothing can lie between, and the tiers can cut there.
    step = timedelta(minutes=min(WIDTHS.get(unit, 15), 15))
    running = now - (now - EPOCH) % step
    if not unit.is_local:
        return Window(running - timedelta(minutes=WIDTHS[unit] * (count - 1)), running + step)
    number = period_of_day(unit, local_day(name, minute(running))) - count + 1
    if number < period_of_day(unit, 366):
        raise InvalidInput("That is further back than 1971.")
    return Window(moment(day_start(name, first_day(unit, number))), running + step)
