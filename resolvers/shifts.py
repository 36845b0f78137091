"""Earlier windows to compare with, moved by the calendar of the zone."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from models.zones import zone
from resolvers.periods import (
    Granularity,
    Window,
    day_start,
    first_day,
    local_day,
    moment,
    period_of_day,
)


class Comparison(StrEnum):
    """Which earlier window a series is held against."""

    PRIOR_PERIOD = "prior_period"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Comparison.MONTH: 1, Comparison.QUARTER: 3, Comparison.YEAR: 12}
_DAYS = {Comparison.DAY: 1, Comparison.WEEK: 7}


def shifted(
    window: Window, by: Comparison, granularity: Granularity | None, name: str, clip: bool = False
) -> Window:
    """The earlier window: just before, as many buckets long; or the same clock times so much earlier.

    Without buckets, or with clipped ones, just before means as long to the microsecond.
    """
    if by is Comparison.PRIOR_PERIOD and (granularity is None or clip):
        return Window(window.start - (window.end - window.start), window.start)
    if by is Comparison.PRIOR_PERIOD:
        assert granularity is not None
        return _before(window, granularity, name)
    start, end = (_earlier(at, by, name) for at in (window.start, window.end))
    return Window(start, end)


def _before(window: Window, granularity: Granularity, name: str) -> Window:
    if not granularity.is_local:
        return Window(window.start - (window.end - window.start), window.start)
    first = period_of_day(granularity, local_day(name, window.start_minute))
    last = period_of_day(granularity, local_day(name, window.end_minute - 1))
    start = day_start(name, first_day(granularity, 2 * first - last - 1))
    return Window(moment(start), window.start)


def _earlier(at: datetime, by: Comparison, name: str) -> datetime:
    local = at.astimezone(zone(name)).replace(tzinfo=None)
    if by in _DAYS:
        moved = local - timedelta(days=_DAYS[by])
    else:
        month = local.year * 12 + local.month - 1 - _MONTHS[by]
        year, month = month // 12, month % 12 + 1
        moved = local.replace(year=year, month=month, day=min(local.day, calendar.monthrange(year, month)[1]))
    return moved.replace(tzinfo=zone(name)).astimezone(UTC)
