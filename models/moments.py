"""Moments and days as text, strictly: much that Python reads as one is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def rfc3339(text: str) -> datetime:
    """The moment that an RFC 3339 text with its offset names, in UTC. Raises ValueError."""
    try:
        if not _MOMENT.fullmatch(text.upper()):
            raise ValueError
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("must be RFC 3339 with its offset, such as 2026-05-05T00:00:00Z") from error


def printed(moment: datetime) -> str:
    """RFC 3339 in UTC with a Z, and no more digits than the moment has."""
    told = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return told.isoformat().replace("+00:00", "Z")


def calendar_day(text: str) -> date:
    """The day that a text such as 2026-05-05 names. Raises ValueError."""
    if not _DAY.fullmatch(text):
        raise ValueError("must be a day such as 2026-05-05")
    return date.fromisoformat(text)
