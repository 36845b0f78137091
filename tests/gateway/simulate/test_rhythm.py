"""Days, nights and weekends."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.simulate.moments import DAY, HOUR
from gateway.simulate.rhythm import Rhythm, quiet
from gateway.simulate.tenants import TENANTS

Records = list[dict[str, Any]]
ZONES = {tenant.slug: ZoneInfo(tenant.timezone) for tenant in TENANTS}


def created(arrived: Records, direction: str) -> list[tuple[dict[str, Any], datetime]]:
    return [
        (record, datetime.fromisoformat(record["created_at"]).astimezone(ZONES[record["organization"]]))
        for record in arrived
        if record["type"] == "message" and record.get("direction") == direction
    ]


def test_the_shares_of_all_slots_are_one() -> None:
    start, end = 1000 * HOUR + 7, 1031 * HOUR + 11
    rhythm = Rhythm(ZoneInfo("Asia/Kathmandu"), start, end)

    edges = [start, *range(1001 * HOUR, 1032 * HOUR, HOUR), end]
    shares = [rhythm.share(begin, until) for begin, until in pairwise(edges)]

    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(
    ("begin", "until", "wait"),
    [
        (7.5, 8.0, 0.5),  # before eight: until eight
        (0.0, 1.0, 8.0),
        (8.0, 20.9, 0.0),
        (20.5, 21.0, 0.0),  # just in time
        (20.5, 21.5, 11.5),  # would run into the night: until eight tomorrow
        (23.0, 23.5, 9.0),
    ],
)
def test_quiet_hours_are_waited_for(begin: float, until: float, wait: float) -> None:
    day = 20_000 * DAY

    assert quiet(day + int(begin * HOUR), day + int(until * HOUR)) == int(wait * HOUR)


def test_nights_are_quieter_than_days(arrived: Records) -> None:
    hours = [
        moment.hour
        for record, moment in created(arrived, "outbound")
        if record["source"] in ("api", "workflow")
    ]

    nights = sum(hour < 6 for hour in hours) / 6
    days = sum(9 <= hour < 18 for hour in hours) / 9

    assert nights * 10 < days


def test_weekends_are_quieter_than_weekdays(arrived: Records) -> None:
    days = [
        moment.weekday()
        for record, moment in created(arrived, "outbound")
        if record["source"] in ("api", "workflow")
    ]

    weekend = sum(day >= 5 for day in days) / 2
    week = sum(day < 5 for day in days) / 5

    assert 0.35 < weekend / week < 0.7


def test_campaigns_do_not_ring_anybody_up_at_night(arrived: Records) -> None:
    zones = {
        (record["organization"], record["id"]): ZoneInfo(record["timezone"])
        for record in arrived
        if record["type"] == "contact"
    }

    hours = [
        moment.astimezone(zones[record["organization"], record["contact_id"]]).hour
        for record, moment in created(arrived, "outbound")
        if record["source"] == "campaign" and record["channel"] != "email" and "is_test" not in record
    ]

    assert len(hours) > 2_000
    assert min(hours) >= 8
    assert max(hours) < 21


def test_people_sleep_before_they_open(arrived: Records) -> None:
    opened = [
        datetime.fromisoformat(record["at"]).astimezone(ZONES["penguin"]).hour
        for record in arrived
        if record["type"] == "event" and record["event"] == "opened" and "actor" not in record
    ]

    assert sum(hour < 6 for hour in opened) / len(opened) < 0.12  # a quarter of the day
