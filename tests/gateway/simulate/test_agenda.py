"""Campaigns, and how they go off."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from gateway.simulate import Plan
from gateway.simulate.agenda import Agenda
from gateway.simulate.campaigns import Campaign, life
from gateway.simulate.moments import DAY, HOUR, MINUTE
from gateway.simulate.tenants import TENANTS

Records = list[dict[str, Any]]
NOON = 20_000 * DAY + 12 * HOUR
BURST = Campaign(
    id="cmp_1",
    name="Burst",
    channel="sms",
    body="",
    size=10_000,
    created=NOON - DAY,
    start=NOON,
    duration=10 * MINUTE,
)


@pytest.fixture(scope="module")
def last(arrived: Records) -> dict[tuple[str, str], dict[str, Any]]:
    """The last word on each campaign."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for record in arrived:
        if record["type"] == "campaign":
            key = record["organization"], record["id"]
            told[key] = max(told.get(key, record), record, key=lambda each: each["updated_at"])
    return told


def test_thousands_leave_within_minutes_and_ever_faster() -> None:
    minutes = [BURST.place_at(NOON + minute * MINUTE) for minute in range(11)]
    pace = [after - before for before, after in pairwise(minutes)]

    assert minutes[0] == 0
    assert minutes[-1] == 10_000
    assert pace == sorted(pace)
    assert pace[-1] > 10 * pace[0]


def test_a_place_in_the_queue_leaves_in_the_slot_that_counts_it() -> None:
    for minute in range(10):
        begin, until = NOON + minute * MINUTE, NOON + (minute + 1) * MINUTE
        first, end = BURST.place_at(begin), BURST.place_at(until)

        assert begin <= BURST.moment_of(first)
        assert BURST.moment_of(end - 1) <= until


def test_a_campaign_lives_from_draft_to_completed() -> None:
    told = list(life(BURST, "slick"))

    assert [record["status"] for _, record in told] == [
        "draft",
        "scheduled",
        "queued",
        "sending",
        "completed",
    ]
    assert [at for at, _ in told] == sorted(at for at, _ in told)
    assert "started_at" not in told[2][1]
    assert told[-1][1]["completed_at"] > told[-1][1]["started_at"]


def test_campaigns_of_every_status_are_left(last: dict[tuple[str, str], dict[str, Any]]) -> None:
    statuses = Counter(record["status"] for record in last.values())

    assert set(statuses) == {
        *("draft", "scheduled", "queued", "sending", "paused", "completed", "failed", "cancelled"),
    }
    assert statuses["completed"] > sum(statuses.values()) / 2


def test_scheduled_campaigns_lie_ahead(last: dict[tuple[str, str], dict[str, Any]], plan: Plan) -> None:
    scheduled = [record for record in last.values() if record["status"] == "scheduled"]

    assert len(scheduled) == 2 * len(TENANTS)
    assert all(datetime.fromisoformat(record["scheduled_at"]) > plan.end for record in scheduled)


def test_nobody_gets_a_campaign_twice(arrived: Records) -> None:
    reached: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for record in arrived:
        if record["type"] == "message" and "campaign_id" in record and "is_test" not in record:
            contacts = reached[record["organization"], record["campaign_id"]]
            assert contacts.setdefault(record["contact_id"], record["id"]) == record["id"]

    assert len(reached) > 50


def test_most_of_an_audience_is_reached(
    arrived: Records, last: dict[tuple[str, str], dict[str, Any]]
) -> None:
    reached: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for record in arrived:
        if record["type"] == "message" and "campaign_id" in record and "is_test" not in record:
            reached[record["organization"], record["campaign_id"]].add(record["contact_id"])

    shares = [
        len(reached[key]) / record["audience_size"]
        for key, record in last.items()
        if record["status"] == "completed"
    ]

    assert max(shares) <= 1
    assert sum(share > 0.97 for share in shares) / len(shares) > 0.9


def test_campaigns_send_in_bursts(arrived: Records) -> None:
    by_minute = Counter(
        record["created_at"][:16]
        for record in arrived
        if record["type"] == "message" and record.get("source") == "campaign"
    )

    busiest_hour = sum(number for _, number in by_minute.most_common(60))

    assert busiest_hour / sum(by_minute.values()) > 0.2  # of the four weeks' 40,320 minutes


def test_ids_are_of_each_vendor_kind_and_do_not_change(plan: Plan) -> None:
    start, end = int(plan.start.timestamp() * 1000), int(plan.end.timestamp() * 1000)
    kinds = {
        "uuid": lambda text: str(UUID(text)),
        "code": lambda text: f"cmp_{int(text[4:], 16):08x}",
        "number": lambda text: str(int(text)),
        "named": str,
    }

    for tenant in TENANTS:
        ids = [campaign.id for campaign in Agenda(tenant, Random("1"), start, end).campaigns(500, 100)]
        again = [
            campaign.id
            for campaign in Agenda(tenant, Random("1"), start + DAY, end + DAY).campaigns(500, 100)
        ]

        assert ids == [kinds[tenant.campaign_ids](each) for each in ids]
        assert len(set(ids)) == len(ids)
        assert tenant.campaign_ids == "named" or ids == again


def test_no_campaign_is_larger_than_the_book(plan: Plan) -> None:
    start, end = int(plan.start.timestamp() * 1000), int(plan.end.timestamp() * 1000)

    sizes = [campaign.size for campaign in Agenda(TENANTS[0], Random("2"), start, end).campaigns(5_000, 90)]

    assert max(sizes) == 90


def test_campaigns_start_at_working_hours(last: dict[tuple[str, str], dict[str, Any]], plan: Plan) -> None:
    hours = {tenant.slug: tenant.hours for tenant in TENANTS}
    zones = {tenant.slug: tenant.timezone for tenant in TENANTS}

    for (slug, _), record in last.items():
        if record["status"] == "completed" and slug != "signal-post":
            started = datetime.fromisoformat(record["started_at"])
            assert plan.end - started > timedelta(0)
            assert started.astimezone(ZoneInfo(zones[slug])).hour in hours[slug]
