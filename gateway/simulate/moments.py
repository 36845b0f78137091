"""Moments are whole milliseconds since 1970 here; this turns them into text and back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

KEPT_HOURS = 20_000


class _Hours(dict[int, str]):
    """The text of each hour since 1970, up to its colon; made when first asked for."""

    def __missing__(self, hour: int) -> str:
        if len(self) >= KEPT_HOURS:
            self.clear()
        text = self[hour] = datetime.fromtimestamp(hour * 3600, UTC).strftime("%Y-%m-%dT%H:")
        return text


_HOURS = _Hours()
_SECONDS = tuple(f"{second // 60:02d}:{second % 60:02d}." for second in range(3600))
_MILLISECONDS = tuple(f"{millisecond:03d}Z" for millisecond in range(1000))


def text(at: int) -> str:
    """The moment as RFC 3339 with milliseconds, in UTC."""
    second = at // 1000
    return f"{_HOURS[second // 3600]}{_SECONDS[second % 3600]}{_MILLISECONDS[at % 1000]}"


def of(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware `moment`."""
    return int(moment.timestamp() * 1000)


def local(at: int, zone: ZoneInfo) -> datetime:
    """What the clocks in `zone` show at `at`."""
    return datetime.fromtimestamp(at / 1000, zone)


def offset(at: int, zone: ZoneInfo) -> int:
    """How far the clocks in `zone` are ahead of UTC at `at`, in milliseconds."""
    ahead = local(at, zone).utcoffset()
    return int(ahead.total_seconds() * 1000) if ahead else 0
