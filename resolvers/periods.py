"""Windows and buckets: where local minutes, hours, days, weeks, months and years begin, in any zone.

All arithmetic is on whole minutes since 1970 UTC. A zone is a row of segments with one offset each, so
the same integer arithmetic cuts buckets here and in SQL.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache

from models.base import EPOCH
from models.errors import InvalidInput, InvalidRange
from models.moments import printed
from models.zones import zone

FIRST, LAST = datetime(1970, 1, 8, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
DAY_MINUTES = 1440
MOST_REACHED, MOST_BETWEEN = 16, 1  # what buckets remember
_EPOCH_DATE = date(1970, 1, 1)
_MINUTE = timedelta(minutes=1)


class Granularity(StrEnum):
    """The width of a bucket."""

    MINUTE = "minute"
    QUARTER_HOUR = "quarter_hour"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @property
    def rank(self) -> int:
        """Place from fine to coarse."""
        return _RANKS[self]

    @property
    def is_local(self) -> bool:
        """Whether its bounds are midnights of the zone."""
        return self.rank >= Granularity.DAY.rank


_RANKS = {one: rank for rank, one in enumerate(Granularity)}


WIDTHS = {Granularity.MINUTE: 1, Granularity.QUARTER_HOUR: 15, Granularity.HOUR: 60}  # minutes


@dataclass(frozen=True)
class Window:
    """A half-open span of time [start, end), in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise InvalidInput("A moment needs its offset, such as 2026-05-05T00:00:00Z.")
        if not (self.start >= FIRST and self.end <= LAST):
            raise InvalidInput("A window lies between 1970-01-08 and 2100.")
        if self.start >= self.end:
            raise InvalidRange()

    @property
    def start_minute(self) -> int:
        """The minute that the start falls in."""
        return minute(self.start)

    @property
    def end_minute(self) -> int:
        """The first minute that is wholly past the end."""
        return -(-(self.end - EPOCH) // _MINUTE)

    def is_aligned(self, minutes: int) -> bool:
        """Whether both ends are whole multiples of `minutes`."""
        step = timedelta(minutes=minutes)
        return not (self.start - EPOCH) % step and not (self.end - EPOCH) % step


@dataclass(frozen=True)
class Segment:
    """A span in which a zone keeps one offset: minutes since 1970, [start, end), minutes east of UTC."""

    start: int
    end: int
    offset: int


def minute(moment: datetime) -> int:
    """Whole minutes since 1970."""
    return (moment - EPOCH) // _MINUTE


def moment(minutes: int) -> datetime:
    """The moment that many minutes after 1970."""
    return EPOCH + minutes * _MINUTE


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH_DATE).days


def month_number(day: date) -> int:
    """Months since year 0."""
    return day.year * 12 + day.month - 1


@lru_cache(maxsize=4096)
def _year_segments(name: str, year: int) -> tuple[tuple[int, int], ...]:
    """(first minute, offset) wherever the zone's offset changes in that UTC year, the year's start first."""
    tz, step = zone(name), timedelta(days=1)

    def offset(at: datetime) -> int:
        return (at.astimezone(tz).utcoffset() or timedelta()) // _MINUTE

    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    found = [(minute(at), offset(at))]
    while at < end:
        after = min(at + step, end)
        if offset(after) != offset(at):
            low, high = minute(at), minute(after)
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(moment(middle)) == offset(at) else (low, middle)
            if high < minute(end):
                found.append((_counted_from(high, offset(at), offset(after)), offset(after)))
        at = after
    return tuple(found)


def _counted_from(change: int, old: int, new: int) -> int:
    """From which minute a change of offset counts: its own, but for a few odd ones.

    Where clocks go back over midnight, the day that has begun goes on until its second midnight (Casey 2010,
    Newfoundland until 2010). Where they change one minute past midnight, from midnight: tiers hold quarters.
    """
    begun = (change - 1 + old) // DAY_MINUTES
    if begun > (change + new) // DAY_MINUTES:
        return begun * DAY_MINUTES - new
    return change - change % 15


@lru_cache(maxsize=4096)
def segments(name: str, start: int, end: int) -> tuple[Segment, ...]:
    """The zone's offsets over the minutes [start, end), in order, without a gap."""
    changes: list[tuple[int, int]] = []
    for year in range(moment(start).year, moment(end).year + 1):
        for change in _year_segments(name, year):
            if not changes or changes[-1][1] != change[1]:
                changes.append(change)
    bounds = [*(first for first, _ in changes), 1 << 31]
    return tuple(
        Segment(max(first, start), min(bounds[i + 1], end), offset)
        for i, (first, offset) in enumerate(changes)
        if bounds[i + 1] > start and first < end
    )


def yearly_segments(name: str, first: datetime, last: datetime) -> tuple[Segment, ...]:
    """The zone's offsets over whole UTC years that hold both moments; two answers a year at most."""
    year = last.year - 1 if first.year >= last.year - 1 else FIRST.year
    start, end = datetime(year - 1, 12, 31, tzinfo=UTC), datetime(last.year + 1, 1, 2, tzinfo=UTC)
    return segments(name, minute(start), minute(end))


def offset_at(name: str, at: int) -> int:
    """Minutes east of UTC in force at that minute."""
    return segments(name, at, at + 1)[0].offset


def local_day(name: str, at: int) -> int:
    """The zone's day, since 1970-01-01, that a minute belongs to."""
    return (at + offset_at(name, at)) // DAY_MINUTES


def day_start(name: str, day: int) -> int:
    """The first minute of a zone's day: its midnight, or the first moment after a skipped one."""
    midnight = datetime.combine(_EPOCH_DATE + timedelta(days=day), datetime.min.time(), tzinfo=zone(name))
    return minute(midnight.astimezone(UTC))


def period_of_day(granularity: Granularity, day: int) -> int:
    """The number of the day, ISO week, month or year that holds a day."""
    if granularity is Granularity.DAY:
        return day
    if granularity is Granularity.WEEK:
        return (day + 3) // 7
    month = month_number(_EPOCH_DATE + timedelta(days=day))
    return month if granularity is Granularity.MONTH else month // 12


def first_day(granularity: Granularity, number: int) -> int:
    """The day that begins the day, week, month or year of that number."""
    if granularity is Granularity.DAY:
        return number
    if granularity is Granularity.WEEK:
        return number * 7 - 3
    month = number if granularity is Granularity.MONTH else number * 12
    return day_number(date(month // 12, month % 12 + 1, 1))


@dataclass(frozen=True)
class Buckets:
    """Consecutive buckets: `keys` as SQL numbers them, and their bounds: starts, then the last end.

    The first and the last of clipped ones end where the window does, at any microsecond of a minute.
    """

    keys: tuple[int, ...]
    bounds: tuple[int, ...]
    clipped: Window | None = None

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def window(self) -> Window:
        """From the first start to the last end."""
        return self.clipped or Window(moment(self.bounds[0]), moment(self.bounds[-1]))

    @cached_property
    def moments(self) -> list[datetime]:
        """The bounds as moments."""
        inner = [moment(at) for at in self.bounds[1:-1]]
        return [self.window.start, *inner, self.window.end]

    @cached_property
    def texts(self) -> list[bytes]:
        """The bounds as JSON tells them."""
        return [b'"%b"' % printed(at).encode() for at in self.moments]

    def texts_between(self, before: bytes, after: bytes) -> list[bytes]:
        """The bounds as JSON tells them, with something before and after each; remembered, as charts ask for
        the same buckets again and again."""
        found = self._between.get((before, after))
        if found is None:
            if len(self._between) >= MOST_BETWEEN:
                self._between.clear()
            found = self._between[before, after] = [before + text + after for text in self.texts]
        return found

    @cached_property
    def _between(self) -> dict[tuple[bytes, bytes], list[bytes]]:
        return {}

    @cached_property
    def listed(self) -> list[int]:
        """The keys, as stores list them."""
        return list(self.keys)

    @cached_property
    def places(self) -> dict[int, int]:
        """The place of each key."""
        return {key: place for place, key in enumerate(self.keys)}

    def reached(self, at: datetime) -> tuple[int, int]:
        """How many buckets, from the first, are over by a moment, and how many have begun."""
        found = self._reached.get(at)
        if found is None:
            minutes = (at - EPOCH) / _MINUTE
            ended = max(bisect_right(self.bounds, minutes) - 1, 0)
            found = ended, bisect_left(self.bounds, minutes, 0, len(self.bounds) - 1)
            if len(self._reached) >= MOST_REACHED:
                self._reached.clear()
            self._reached[at] = found
        return found

    @cached_property
    def _reached(self) -> dict[datetime, tuple[int, int]]:
        return {}

    def index(self, at: int) -> int:
        """The place of the bucket that holds a minute."""
        return bisect_right(self.bounds, at) - 1


def count_at_most(window: Window, granularity: Granularity, name: str) -> int:
    """How many buckets the window touches, without making them: never too few, too many by a few at most."""
    if granularity.is_local:
        first, last = _numbers(window, granularity, name)
        return last - first + 1
    width = WIDTHS[granularity]
    number = -(-window.end_minute // width) - window.start_minute // width
    if granularity is not Granularity.HOUR:
        return number
    # Hours of Kolkata begin at half past; a change of half an hour, up to two a year, cuts one in two.
    return number + 1 + 2 * (1 + number // (366 * 24))


@lru_cache(maxsize=16)  # ten thousand of them with their texts hold some megabytes
def buckets(window: Window, granularity: Granularity, name: str, clip: bool = False) -> Buckets:
    """Every bucket that the window touches, whole, or clipped to it. Skipped days are left out."""
    made = (_local if granularity.is_local else _regular)(window, granularity, name)
    if not clip:
        return made
    bounds = (window.start_minute, *made.bounds[1:-1], window.end_minute)
    return Buckets(made.keys, bounds, window)


def _local(window: Window, granularity: Granularity, name: str) -> Buckets:
    first, last = _numbers(window, granularity, name)
    starts = [day_start(name, first_day(granularity, number)) for number in range(first, last + 2)]
    kept = [i for i in range(len(starts) - 1) if starts[i] < starts[i + 1]]
    return Buckets(tuple(first + i for i in kept), (*(starts[i] for i in kept), starts[-1]))


def _numbers(window: Window, granularity: Granularity, name: str) -> tuple[int, int]:
    """The first and the last day, week, month or year that the window touches."""
    ends = (local_day(name, at) for at in (window.start_minute, window.end_minute - 1))
    first, last = (period_of_day(granularity, day) for day in ends)
    return first, last


def _regular(window: Window, granularity: Granularity, name: str) -> Buckets:
    width = WIDTHS[granularity]
    keys: list[int] = []
    starts: list[int] = []
    reach = (window.start_minute - width, window.end_minute + width)
    end = window.end_minute
    for segment in segments(name, *reach):
        # An hour that an offset change cuts in two becomes two buckets, told apart by their keys.
        key = segment.start - (segment.start + segment.offset) % width
        while key < segment.end:
            start, stop = max(key, segment.start), min(key + width, segment.end)
            if stop > window.start_minute and start < window.end_minute:
                keys.append(key)
                starts.append(start)
                end = stop
            key += width
    return Buckets(tuple(keys), (*starts, end))
