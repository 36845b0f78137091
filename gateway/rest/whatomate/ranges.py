"""From parameters to the span of time that is meant, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.rest.read import DAY as DATE
from gateway.rest.read import iso
from gateway.rest.vendor import Asked
from models.base import EPOCH
from models.errors import InvalidInput, InvalidRange
from models.moments import printed
from resolvers.periods import FIRST, LAST

DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
DEFAULT_DAYS = 29  # and the day of the end: thirty calendar days
BAD_START = "Invalid start date format. Use YYYY-MM-DD"
BAD_END = "Invalid end date format. Use YYYY-MM-DD"
BACKWARDS = "End date must be after start date"


@dataclass(frozen=True)
class Range:
    """[start, end), and what was asked beside it; `is_given` where from and to named it.

    `me` is the user that the token speaks for, '' for a key.
    """

    start: datetime
    end: datetime
    params: Any
    path: Mapping[str, str]
    is_given: bool = False
    me: str = ""

    @property
    def window(self) -> dict[str, Any]:
        """The window in GraphQL's words."""
        return _window(self.start, self.end)

    @property
    def earlier(self) -> dict[str, Any]:
        """As long a window right before, in GraphQL's words."""
        return _window(max(self.start - (self.end - self.start), FIRST), self.start)


def _window(start: datetime, end: datetime) -> dict[str, Any]:
    return {"between": {"start": printed(start), "end": printed(end)}}


def last_30_days(asked: Asked[Any]) -> Range:
    """start_date and end_date. Raises InvalidRange."""
    params = asked.params
    end = _running(asked.now)
    if params.end is not None:
        end = min(params.end.moment + DAY, LAST) if params.end.is_day else params.end.moment
    last = (end - timedelta(microseconds=1)).astimezone(UTC)  # midnight belongs to the day before
    start = max(_midnight(last) - DEFAULT_DAYS * DAY, FIRST)
    if params.start is not None:
        start = params.start.moment
    if start >= end:
        raise InvalidRange(BACKWARDS)
    return Range(start, end, params, asked.path)


def dashboard(asked: Asked[Any]) -> Range:
    """A period, or from and to where no period is named. Raises InvalidInput, InvalidRange."""
    return from_to(asked) if asked.params.period is None else _month_to_date(asked)


def from_to(asked: Asked[Any]) -> Range:
    """From and to, else the month to date. Raises InvalidInput, InvalidRange."""
    params = asked.params
    if not params.first or not params.last:
        return _month_to_date(asked)
    start, end = _day(params.first, BAD_START), _day(params.last, BAD_END)
    if start > end:
        raise InvalidRange(BACKWARDS)
    return Range(start, min(end + DAY, LAST), params, asked.path, True, asked.caller.subject)


def forgiving(asked: Asked[Any]) -> Range:
    """The same; dates that cannot be read are the month to date, as in the vendor's code."""
    try:
        return from_to(asked)
    except InvalidInput:
        return _month_to_date(asked)


def _month_to_date(asked: Asked[Any]) -> Range:
    start = _midnight(asked.now.astimezone(UTC)).replace(day=1)
    return Range(start, _running(asked.now), asked.params, asked.path, me=asked.caller.subject)


def _running(now: datetime) -> datetime:
    """The end of the running quarter of an hour: nothing can lie between, and the tiers can cut there."""
    return now - (now - EPOCH) % QUARTER + QUARTER


def _day(text: str, otherwise: str) -> datetime:
    if DATE.fullmatch(text) is None:
        raise InvalidInput(otherwise)
    try:
        return iso(text).moment
    except ValueError as error:
        raise InvalidInput(otherwise) from error


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
