"""From parameters to the span of time that is meant, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from gateway.rest.vendor import Asked
from models.base import EPOCH
from models.errors import InvalidRange
from models.moments import printed
from resolvers.periods import FIRST, LAST

DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
INCLUSIVE = "inclusive-end-date"


@dataclass(frozen=True)
class Range:
    """[start, end), with the rest of the parameters; nothing lies in it when both are the same."""

    start: datetime
    end: datetime
    params: Any

    @property
    def window(self) -> dict[str, Any] | None:
        """The window in GraphQL's words; None when it is empty."""
        if self.start == self.end:
            return None
        return {"between": {"start": printed(self.start), "end": printed(self.end)}}


def last_30_days(asked: Asked[Any]) -> Range:
    """The range that is meant. Raises InvalidRange."""
    return _range(asked, asked.now - (asked.now - EPOCH) % timedelta(milliseconds=1), 30)


def last_90_days(asked: Asked[Any]) -> Range:
    """The same for 90 days, widened to quarters of an hour, where rollups can be cut."""
    found = _range(asked, asked.now, 90)
    if found.start == found.end:
        return found
    start = found.start - (found.start - EPOCH) % QUARTER
    return replace(found, start=start, end=found.end + (EPOCH - found.end) % QUARTER)


def _range(asked: Asked[Any], now: datetime, days: int) -> Range:
    params = asked.params
    end = now if params.end is None else params.end.moment
    if params.end is not None and params.end.is_day and INCLUSIVE in asked.options:
        end = min(end + DAY, LAST)
    start = max(end - days * DAY, FIRST) if params.start is None else params.start.moment
    if start > end:
        raise InvalidRange("startDate must not be later than endDate.")
    return Range(start, end, params)
