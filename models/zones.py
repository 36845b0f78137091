"""Time zones by their IANA name."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from models.errors import UnknownTimezone

_NAMES = frozenset(available_timezones())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone called `name`. Raises UnknownTimezone for anything that is not an IANA name."""
    # ZoneInfo itself reads files by the name it is given, so only listed names get that far.
    if name not in _NAMES:
        raise UnknownTimezone(f"'{name[:64]}' is not an IANA time zone, such as Europe/Madrid or UTC.")
    return ZoneInfo(name)
