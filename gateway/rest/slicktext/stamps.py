"""The vendor's moments: '2024-11-17 08:30:00', in the zone of the brand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema

from gateway.rest.read import DAY
from models.moments import rfc3339
from models.zones import zone
from resolvers.periods import FIRST, LAST

SECOND = timedelta(seconds=1)
HINT = "must be a date and time such as 2024-11-17 08:30:00, or a date"
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.ASCII)


class Stamp(NamedTuple):
    """A moment on somebody's wall, or, of an `is_aware` one, anywhere; a day stands for its midnight."""

    moment: datetime
    is_day: bool
    is_aware: bool

    def first(self, name: str) -> datetime:
        """The moment as the first that belongs."""
        return self._at(name)

    def last(self, name: str) -> datetime:
        """The first moment after the day or the second that it is."""
        if self.is_day:
            return _held(_local(self.moment + timedelta(days=1), name))
        return _held(self._at(name).replace(microsecond=0) + SECOND)

    def _at(self, name: str) -> datetime:
        return self.moment if self.is_aware else _held(_local(self.moment, name))


def _local(wall: datetime, name: str) -> datetime:
    return wall.replace(tzinfo=zone(name)).astimezone(UTC)


def _held(moment: datetime) -> datetime:
    return min(max(moment, FIRST), LAST)


def stamp(text: str) -> Stamp | None:
    """The moment that a text names; None for an empty one, which stands for none. Raises ValueError."""
    if not text:
        return None
    is_day = DAY.fullmatch(text) is not None
    is_aware = not is_day and _PLAIN.fullmatch(text) is None
    try:
        if is_aware:
            found = rfc3339(text)
        else:
            found = datetime.fromisoformat(text)
            _check(found.replace(tzinfo=UTC))
            return Stamp(found, is_day, False)
    except ValueError as error:
        raise ValueError(HINT) from error
    _check(found)
    return Stamp(found, False, True)


def _check(found: datetime) -> None:
    if not FIRST <= found <= LAST:
        raise ValueError("out of reach")


def second(text: str, name: str) -> str:
    """The second that a filter names, as our filters spell it. Raises ValueError."""
    found = stamp(text)
    if found is None:
        raise ValueError(HINT)
    return found.first(name).strftime("%Y-%m-%dT%H:%M:%SZ")


def wall(moment: str | None, name: str) -> str | None:
    """A moment of GraphQL as the vendor writes it."""
    if moment is None:
        return None
    return datetime.fromisoformat(moment).astimezone(zone(name)).strftime("%Y-%m-%d %H:%M:%S")


When = Annotated[
    Stamp | None,
    BeforeValidator(stamp),
    WithJsonSchema({"type": "string", "examples": ["2024-11-17 00:00:00", "2024-11-17"]}),
]
