"""When people and machines are awake: weights of the hours of a day and the days of a week."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from gateway.simulate.moments import DAY, HOUR, local

# Midnight first; a busy late morning, a dip at lunch, a second hill in the evening.
HOURS = (2, 1, 1, 1, 1, 2, 6, 14, 28, 40, 46, 44, 36, 38, 42, 40, 38, 38, 40, 36, 26, 16, 9, 4)
WEEKDAYS = (1.0, 1.08, 1.12, 1.06, 1.0, 0.6, 0.45)  # Monday first
GROWTH = 0.4  # how much busier the end of a span is than its start

WAKES = 7 * HOUR
QUIET_UNTIL = 8 * HOUR
QUIET_FROM = 21 * HOUR


class Rhythm:
    """How a total spreads over the hours of a span, by the clocks of one zone."""

    def __init__(self, zone: ZoneInfo, start: int, end: int) -> None:
        self._first = start // HOUR
        last = (end - 1) // HOUR
        count = last - self._first + 1
        self._weights = [
            _weight(hour * HOUR, zone) * (1 + GROWTH * (hour - self._first) / count)
            for hour in range(self._first, last + 1)
        ]
        covered = [
            min((hour + 1) * HOUR, end) - max(hour * HOUR, start) for hour in range(self._first, last + 1)
        ]
        self._total = sum(weight * width for weight, width in zip(self._weights, covered, strict=True))

    def share(self, begin: int, until: int) -> float:
        """Which part of the whole falls in `begin` … `until`; both in the same hour, or nearly."""
        return self._weights[begin // HOUR - self._first] * (until - begin) / self._total


def _weight(at: int, zone: ZoneInfo) -> float:
    clock = local(at, zone)
    return HOURS[clock.hour] * WEEKDAYS[clock.weekday()]


def quiet(local_begin: int, local_until: int) -> int:
    """How long to wait so that nothing between these two local moments falls before 08:00 or after 21:00."""
    begin = local_begin % DAY
    if begin < QUIET_UNTIL:
        return QUIET_UNTIL - begin
    if begin + (local_until - local_begin) > QUIET_FROM:
        return DAY + QUIET_UNTIL - begin
    return 0
