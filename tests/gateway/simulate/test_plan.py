"""How much a plan asks for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from gateway.simulate import TENANTS, Plan, demo_plan, records
from models.errors import InvalidInput, InvalidRange

START = datetime(2026, 2, 2, tzinfo=UTC)
END = datetime(2026, 2, 9, tzinfo=UTC)


def test_about_as_many_records_come_as_were_asked_for(arrived: list[dict[str, Any]], plan: Plan) -> None:
    assert plan.events is not None
    assert len(arrived) == pytest.approx(plan.events, rel=0.06)


def test_each_organization_sends_about_as_many_messages_as_were_asked_for() -> None:
    plan = Plan(start=START, end=END, organizations=TENANTS[:2], messages=3_000)

    sent = Counter(
        organization
        for organization, _ in {
            (record["organization"], record["id"])
            for record in records(plan)
            if record["type"] == "message"
            and record.get("direction") == "outbound"
            and "is_test" not in record
        }
    )

    assert set(sent) == {"amplifi", "penguin"}
    assert all(number == pytest.approx(3_000, rel=0.1) for number in sent.values())


def test_a_single_organization_may_be_played_alone() -> None:
    plan = Plan(start=START, end=END, organizations=TENANTS[1:2], messages=100)

    assert {record["organization"] for record in records(plan) if "organization" in record} == {"penguin"}


@pytest.mark.parametrize("hours", [1, 5, 30])
def test_a_span_may_be_short(hours: int) -> None:
    plan = Plan(start=START, end=START + timedelta(hours=hours), messages=200)

    assert sum(record["type"] == "message" for record in records(plan)) > 100


def test_the_demo_ends_at_the_hour_and_spans_four_months() -> None:
    now = datetime(2026, 3, 10, 20, 52, 17, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    plan = demo_plan(now)

    assert plan.end == datetime(2026, 3, 10, 15, tzinfo=UTC)
    assert plan.end - plan.start == timedelta(days=120)
    assert plan.organizations == TENANTS
    assert plan.expected_records == pytest.approx(100_000, rel=0.01)


def test_a_plan_without_an_amount_or_with_two_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Plan(start=START, end=END)
    with pytest.raises(InvalidInput):
        Plan(start=START, end=END, messages=1, events=1)


def test_a_plan_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidRange):
        Plan(start=END, end=START, messages=1)


def test_a_plan_without_offsets_or_organizations_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Plan(start=START.replace(tzinfo=None), end=END, messages=1)
    with pytest.raises(InvalidInput):
        replace(Plan(start=START, end=END, messages=1), organizations=())
