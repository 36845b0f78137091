"""Where local hours, days, weeks, months and years begin, held against the calendar on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.errors import InvalidInput, InvalidRange, UnknownTimezone
from resolvers.periods import (
    LAST,
    Buckets,
    Granularity,
    Segment,
    Window,
    buckets,
    count_at_most,
    day_number,
    day_start,
    first_day,
    local_day,
    minute,
    moment,
    month_number,
    offset_at,
    period_of_day,
    segments,
    yearly_segments,
)
from tests.resolvers.truth import CALENDAR, WIDTHS, label
from tests.worlds import at, bounded

NEW_YORK, LORD_HOWE, APIA = "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"
SAO_PAULO, KATHMANDU = "America/Sao_Paulo", "Asia/Kathmandu"
# Clocks that once changed at one minute past midnight, or went back over midnight: see `_change`.
ODD = {
    "America/Goose_Bay",
    "America/Moncton",
    "America/St_Johns",
    "Antarctica/Casey",
    "Asia/Gaza",
    "Asia/Hebron",
    "Canada/Newfoundland",
}
ALL_ZONES = st.sampled_from(sorted(available_timezones()))
PLAIN_ZONES = st.sampled_from(sorted(available_timezones() - ODD))
MINUTES = st.integers(minute(at("2000-01-01")), minute(at("2096-12-31")))
LONGEST = {"minute": 3000, "quarter_hour": 40_000, "hour": 200_000, "day": 500_000}


def days(name: str, first: str, last: str | None = None) -> Window:
    """Whole local days, both included, by the calendar on the wall."""
    zone = ZoneInfo(name)
    ends = (date.fromisoformat(first), date.fromisoformat(last or first) + timedelta(days=1))
    return Window(*(datetime(d.year, d.month, d.day, tzinfo=zone).astimezone(UTC) for d in ends))


def hours_of(made: Buckets) -> list[float]:
    """How long each bucket is, in hours."""
    return [(end - start) / 60 for start, end in zip(made.bounds[:-1], made.bounds[1:], strict=True)]


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        (NEW_YORK, "2025-03-09", 23),  # 02:00 becomes 03:00
        (NEW_YORK, "2025-11-02", 25),  # 02:00 becomes 01:00
        (LORD_HOWE, "2025-04-06", 24.5),  # 02:00 becomes 01:30
        (LORD_HOWE, "2025-10-05", 23.5),  # 02:00 becomes 02:30
        (SAO_PAULO, "2018-11-04", 23),  # 00:00 becomes 01:00
        (SAO_PAULO, "2018-02-17", 25),  # 24:00 becomes 23:00
        (KATHMANDU, "2026-05-05", 24),
        ("UTC", "2016-12-31", 24),  # a leap second is no minute
    ],
)
def test_a_day_is_as_long_as_the_zone_says(zone: str, day: str, length: float) -> None:
    assert hours_of(buckets(days(zone, day), Granularity.DAY, zone)) == [length]


def test_apia_skipped_30_december_2011() -> None:
    made = buckets(days(APIA, "2011-12-29", "2011-12-31"), Granularity.DAY, APIA)

    # From UTC−10 to UTC+14 at 2011-12-30 10:00 UTC: the 29th ends where the 31st begins.
    assert [moment(start) for start in made.bounds] == [
        at("2011-12-29 10:00"),
        at("2011-12-30 10:00"),
        at("2011-12-31 10:00"),
    ]
    assert made.keys == (day_number(date(2011, 12, 29)), day_number(date(2011, 12, 31)))
    assert day_start(APIA, day_number(date(2011, 12, 30))) == day_start(APIA, day_number(date(2011, 12, 31)))


def test_a_day_without_a_midnight_begins_with_its_first_moment() -> None:
    # São Paulo, 4 November 2018: after 23:59:59 (UTC−3) comes 01:00 (UTC−2), 03:00 UTC.
    start = moment(day_start(SAO_PAULO, day_number(date(2018, 11, 4))))

    assert start == at("2018-11-04 03:00")
    assert start.astimezone(ZoneInfo(SAO_PAULO)).hour == 1


def test_kathmandu_is_five_hours_and_three_quarters_ahead() -> None:
    made = buckets(days(KATHMANDU, "2026-05-05"), Granularity.HOUR, KATHMANDU)

    assert offset_at(KATHMANDU, minute(at("2026-05-05"))) == 5 * 60 + 45
    assert [moment(start) for start in made.bounds[:2]] == [at("2026-05-04 18:15"), at("2026-05-04 19:15")]
    assert len(made) == 24


def test_an_hour_that_a_change_cuts_is_two_buckets() -> None:
    # Lord Howe, 6 April 2025, around 15:00Z: 01:00–02:00 (UTC+11) is followed by 01:30–02:00 (UTC+10:30).
    back = buckets(days(LORD_HOWE, "2025-04-06"), Granularity.HOUR, LORD_HOWE)
    # 5 October 2025, 15:30Z: 01:00–02:00 (UTC+10:30) is followed by 02:30–03:00 (UTC+11).
    forth = buckets(days(LORD_HOWE, "2025-10-05"), Granularity.HOUR, LORD_HOWE)

    assert hours_of(back) == [1, 1, 0.5, *[1] * 22]
    assert hours_of(forth) == [1, 1, 0.5, *[1] * 21]


@pytest.mark.parametrize(
    ("day", "year", "week"),
    [
        ("2020-12-31", 2020, 53),  # a Thursday
        ("2021-01-03", 2020, 53),  # the Sunday that ends it
        ("2021-01-04", 2021, 1),
        ("2024-12-30", 2025, 1),
        ("2026-12-28", 2026, 53),
        ("1970-01-08", 1970, 2),
    ],
)
def test_weeks_are_iso_weeks(day: str, year: int, week: int) -> None:
    number = period_of_day(Granularity.WEEK, day_number(date.fromisoformat(day)))
    monday = date(1970, 1, 1) + timedelta(days=first_day(Granularity.WEEK, number))

    assert monday == date.fromisocalendar(year, week, 1)


@given(st.dates(date(1970, 1, 8), date(2099, 12, 31)))
@bounded(100)
def test_every_day_belongs_to_its_week_month_and_year(day: date) -> None:
    def begins(granularity: Granularity) -> date:
        number = period_of_day(granularity, day_number(day))
        return date(1970, 1, 1) + timedelta(days=first_day(granularity, number))

    assert begins(Granularity.DAY) == day
    assert begins(Granularity.WEEK) == day - timedelta(days=day.weekday())
    assert begins(Granularity.MONTH) == day.replace(day=1)
    assert begins(Granularity.YEAR) == day.replace(month=1, day=1)
    assert month_number(day) == day.year * 12 + day.month - 1


@given(zone=ALL_ZONES, start=MINUTES, length=st.integers(1, 10**6), granularity=st.sampled_from(Granularity))
@example("America/St_Johns", minute(at("2007-03-11")), 1440, Granularity.HOUR)  # 00:01 becomes 01:01
@example("America/St_Johns", minute(at("2007-11-03")), 2880, Granularity.DAY)  # 00:01 becomes 23:01
@example("Antarctica/Casey", minute(at("2010-03-04")), 2880, Granularity.DAY)  # 02:00 becomes 23:00
@example(APIA, minute(at("2011-12-30 09:00")), 120, Granularity.DAY)
@example(LORD_HOWE, minute(at("2025-04-05 14:00")), 120, Granularity.HOUR)
@bounded(75)
def test_buckets_follow_one_another_and_cover_the_window(
    zone: str, start: int, length: int, granularity: Granularity
) -> None:
    window = window_of(start, length, granularity)

    made = buckets(window, granularity, zone)

    assert list(made.bounds) == sorted(set(made.bounds)), "no bucket is empty, none overlaps"
    assert len(made.bounds) == len(made.keys) + 1
    assert list(made.keys) == sorted(set(made.keys)), "keys tell buckets apart and rise"
    assert made.bounds[0] <= window.start_minute < made.bounds[1], "the first holds the start"
    assert made.bounds[-2] < window.end_minute <= made.bounds[-1], "the last holds the end"
    assert len(made) <= count_at_most(window, granularity, zone)
    # What is whole stays whole: asked for its own span, nothing is added.
    assert buckets(made.window, granularity, zone) == made


@given(zone=PLAIN_ZONES, start=MINUTES, length=st.integers(1, 10**6), data=st.data())
@bounded(75)
def test_a_bucket_holds_what_the_wall_says_and_nothing_else(
    zone: str, start: int, length: int, data: st.DataObject
) -> None:
    granularity = data.draw(st.sampled_from(Granularity))
    window = window_of(start, length, granularity)
    made = buckets(window, granularity, zone)
    minutes = st.integers(made.bounds[0], made.bounds[-1] - 1)
    bounds = st.sampled_from(made.bounds[:-1])

    for at_minute in (*(data.draw(minutes) for _ in range(5)), data.draw(bounds)):
        place = made.index(at_minute)
        assert made.bounds[place] <= at_minute < made.bounds[place + 1]
        said = label(moment(at_minute), granularity, zone)
        assert said == label(moment(made.bounds[place]), granularity, zone)
        assert said == label(moment(made.bounds[place + 1] - 1), granularity, zone)
        if place + 1 < len(made):
            assert said != label(moment(made.bounds[place + 1]), granularity, zone)


@given(
    start=MINUTES, length=st.integers(1, 10**9), granularity=st.sampled_from(Granularity), zone=PLAIN_ZONES
)
@bounded(50)
def test_clipped_buckets_are_the_whole_ones_cut_where_the_window_ends(
    start: int, length: int, granularity: Granularity, zone: str
) -> None:
    even = window_of(start, 1 + length % LONGEST.get(granularity.value, 10**6), granularity)
    # Not on whole minutes: almost a minute later at either end.
    window = Window(
        even.start + timedelta(microseconds=length % 60_000_000),
        even.end + timedelta(microseconds=length % 59_999_999),
    )
    whole, cut = buckets(window, granularity, zone), buckets(window, granularity, zone, clip=True)

    assert (cut.keys, cut.window) == (whole.keys, window)
    inside = [max(window.start, min(window.end, moment)) for moment in whole.moments]
    assert cut.moments == inside
    assert all(a < b for a, b in pairwise(cut.moments))


def window_of(start: int, length: int, granularity: Granularity) -> Window:
    """A window from that minute, short enough for so fine buckets."""
    end = start + min(length, LONGEST.get(granularity.value, length))
    return Window(moment(start), moment(min(end, minute(LAST))))


def test_the_oracle_knows_every_granularity() -> None:
    assert {*WIDTHS, *CALENDAR} == {granularity.value for granularity in Granularity}


@given(zone=ALL_ZONES, start=MINUTES)
@example(LORD_HOWE, minute(at("2025-04-05 20:00")))
@example("America/St_Johns", minute(at("2007-11-04 20:00")))
@bounded(50)
def test_the_hours_of_a_local_day_are_the_day(zone: str, start: int) -> None:
    day = buckets(Window(moment(start), moment(start + 1)), Granularity.DAY, zone)

    for granularity in (Granularity.HOUR, Granularity.QUARTER_HOUR):
        assert buckets(day.window, granularity, zone).window == day.window


@given(zone=ALL_ZONES, start=MINUTES, data=st.data())
@bounded(75)
def test_numbers_of_days_rise_with_time_and_begin_at_their_start(
    zone: str, start: int, data: st.DataObject
) -> None:
    at_minute = start + data.draw(st.integers(0, 3 * 1440))
    day = local_day(zone, at_minute)

    assert local_day(zone, start) <= day
    assert day_start(zone, day) <= at_minute < day_start(zone, day + 1)
    assert local_day(zone, day_start(zone, day)) == day


@given(zone=PLAIN_ZONES, at_minute=MINUTES)
@bounded(150)
def test_segments_say_what_zoneinfo_says(zone: str, at_minute: int) -> None:
    local = moment(at_minute).astimezone(ZoneInfo(zone))

    assert timedelta(minutes=offset_at(zone, at_minute)) == local.utcoffset()
    assert local_day(zone, at_minute) == day_number(local.date())


@given(
    zone=st.sampled_from(sorted(ODD)),
    at_minute=st.integers(minute(at("2000-01-01")), minute(at("2023-01-01"))),
)
@bounded(100)
def test_odd_changes_are_counted_from_a_quarter_of_an_hour(zone: str, at_minute: int) -> None:
    wall = moment(at_minute).astimezone(ZoneInfo(zone)).utcoffset()
    near = [moment(at_minute + minutes).astimezone(ZoneInfo(zone)).utcoffset() for minutes in (14, -59, -119)]

    # Up to 14 minutes early, or up to two hours late where the clocks went back over midnight.
    assert timedelta(minutes=offset_at(zone, at_minute)) in (wall, *near)


def test_a_clock_that_goes_back_over_midnight_does_not_bring_yesterday_back() -> None:
    # St John's, 4 November 2007: 00:01 (UTC−2:30) became 23:01 (UTC−3:30) of the 3rd, at 02:31 UTC. The
    # 4th begins at its first midnight, 02:30 UTC, and lasts until 03:30 UTC of the 5th: 25 hours.
    name, day = "America/St_Johns", day_number(date(2007, 11, 4))

    assert moment(day_start(name, day)) == at("2007-11-04 02:30")
    assert {local_day(name, minute(at("2007-11-04 02:30")) + m) for m in range(25 * 60)} == {day}
    assert segments(name, minute(at("2007-11-04 02:00")), minute(at("2007-11-04 04:00"))) == (
        Segment(minute(at("2007-11-04 02:00")), minute(at("2007-11-04 03:30")), -150),
        Segment(minute(at("2007-11-04 03:30")), minute(at("2007-11-04 04:00")), -210),
    )


def test_changes_follow_one_another_and_lie_on_quarters_of_an_hour() -> None:
    spans = dict.fromkeys(available_timezones(), ("2025-01-01", "2026-01-01"))
    spans |= dict.fromkeys(ODD, ("2000-01-01", "2024-01-01"))
    for zone, ends in spans.items():
        start, end = (minute(at(text)) for text in ends)
        found = segments(zone, start, end)

        assert all(s.start % 15 == 0 and s.offset % 15 == 0 for s in found), zone
        assert all(a.end == b.start and a.offset != b.offset for a, b in pairwise(found))
        assert (found[0].start, found[-1].end) == (start, end)


@given(zone=ALL_ZONES, first=st.dates(date(2000, 1, 1), date(2099, 1, 1)), years=st.integers(0, 3))
@bounded(12)
def test_yearly_segments_hold_every_moment_of_their_years(zone: str, first: date, years: int) -> None:
    far = ZoneInfo("Pacific/Kiritimati")  # 14 hours ahead: its year may be the next
    start = datetime(first.year, first.month, first.day, tzinfo=far)
    end = start + timedelta(days=366 * years)

    found = yearly_segments(zone, start, end)

    assert found[0].start <= minute(start) and minute(end) < found[-1].end
    assert all(a.end == b.start for a, b in pairwise(found))
    assert len({yearly_segments(zone, start.replace(month=m, day=15), end) for m in (2, 7, 12)}) == 1


@given(start=MINUTES, length=st.integers(1, 10**7), granularity=st.sampled_from(Granularity), zone=ALL_ZONES)
@example(minute(at("2026-05-05 23:59")), 2, Granularity.DAY, "UTC")  # two minutes touch two days
@example(minute(at("2026-12-31 23:59")), 2, Granularity.YEAR, "UTC")
@example(minute(at("2025-03-08 17:59")), 1442, Granularity.DAY, NEW_YORK)
@example(minute(at("2000-01-01")), 10**6, Granularity.HOUR, LORD_HOWE)  # four changes cut four hours
@bounded(30)
def test_there_are_never_more_buckets_than_count_at_most(
    start: int, length: int, granularity: Granularity, zone: str
) -> None:
    window = window_of(start, min(length, minute(at("2099-12-31")) - start), granularity)
    number = len(buckets(window, granularity, zone))

    assert number <= count_at_most(window, granularity, zone) <= number + 3 + number // 1000


def test_windows_are_half_open_and_lie_between_1970_and_2100() -> None:
    noon = at("2026-05-05 12:00")

    with pytest.raises(InvalidRange):
        Window(noon, noon)
    with pytest.raises(InvalidInput, match="offset"):
        Window(noon.replace(tzinfo=None), noon)
    with pytest.raises(InvalidInput, match="between"):
        Window(at("1970-01-07"), noon)
    with pytest.raises(InvalidInput, match="between"):
        Window(noon, at("2100-01-01 00:01"))
    second = Window(noon, noon + timedelta(seconds=1))
    assert (second.end_minute - second.start_minute, second.is_aligned(1)) == (1, False)
    assert Window(noon, noon + timedelta(minutes=15)).is_aligned(15)


def test_only_iana_names_are_zones() -> None:
    for name in ("Mars/Olympus", "../etc/passwd", "", "utc+2", "EUROPE/MADRID" * 50):
        with pytest.raises(UnknownTimezone) as told:
            offset_at(name, 0)
        assert len(told.value.message) < 150
