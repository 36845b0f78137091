"""From parameters to days: '30d' is thirty days before today, and today, in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from gateway.rest.read import Given
from gateway.rest.vendor import Asked
from models.errors import InvalidRange
from models.moments import printed
from resolvers.periods import FIRST

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
DEFAULT, CUSTOM = "30d", "custom"


@dataclass(frozen=True)
class Range:
    """[start, end), and what was asked beside it."""

    start: datetime
    end: datetime
    period: str
    params: Any
    path: Mapping[str, str]

    @property
    def window(self) -> dict[str, Any]:
        """The window in GraphQL's words."""
        return {"between": {"start": printed(self.start), "end": printed(self.end)}}

    @property
    def until(self) -> dict[str, Any]:
        """Everything before the end of the range, in GraphQL's words."""
        return {"between": {"start": printed(FIRST), "end": printed(self.end)}}

    @property
    def told(self) -> dict[str, Any]:
        """The range as the vendor tells it: its last second is the end."""
        return {"start": printed(self.start), "end": printed(self.end - SECOND), "period": self.period}


def understand(asked: Asked[Any]) -> Range:
    """The range that is meant. Raises InvalidRange."""
    params = asked.params
    start, end = getattr(params, "start", None), getattr(params, "end", None)
    period = params.period or (CUSTOM if start or end else DEFAULT)
    if start or end:
        period = CUSTOM
    if period == CUSTOM:
        return Range(*_custom(start, end), period, params, asked.path)
    today = datetime.combine(asked.now.astimezone(UTC).date(), time(), UTC)
    return Range(today - int(period[:-1]) * DAY, today + DAY, period, params, asked.path)


def _custom(start: Given | None, end: Given | None) -> tuple[datetime, datetime]:
    if start is None or end is None:
        raise InvalidRange("A custom time range needs a start date and an end date")
    last = end.moment + DAY if end.is_day else end.moment
    if start.moment >= last:
        raise InvalidRange("Start date must be before end date")
    # the second of the end belongs to it
    return start.moment, last if end.is_day else last.replace(microsecond=0) + SECOND
