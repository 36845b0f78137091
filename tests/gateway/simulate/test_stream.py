"""The records as they come out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import orjson
import pytest

from gateway.simulate import Plan, lines, records
from models.records import RECORD

AHEAD = {"campaign": {"scheduled_at"}, "credit_entry": {"expires_at"}}
Records = list[dict[str, Any]]


def moments(record: dict[str, Any]) -> dict[str, datetime]:
    return {
        key: datetime.fromisoformat(value)
        for key, value in record.items()
        if key.endswith("_at") or key == "at"
    }


def told_at(record: dict[str, Any]) -> datetime:
    return max(moment for key, moment in moments(record).items() if key not in AHEAD.get(record["type"], ()))


def test_every_record_is_valid(arrived: Records) -> None:
    for record in arrived:
        RECORD.validate_json(orjson.dumps(record))


def test_moments_are_utc_with_milliseconds(arrived: Records) -> None:
    texts = [
        value for record in arrived for key, value in record.items() if key.endswith("_at") or key == "at"
    ]

    assert all(len(text) == len("2026-02-02T00:00:00.000Z") and text.endswith("Z") for text in texts)


def test_organizations_come_first(arrived: Records, plan: Plan) -> None:
    first = arrived[: len(plan.organizations)]

    assert [record["id"] for record in first] == [tenant.slug for tenant in plan.organizations]
    assert {record["type"] for record in first} == {"organization"}
    assert "organization" not in {record["type"] for record in arrived[len(first) :]}


def test_every_type_of_record_comes(arrived: Records) -> None:
    types = {record["type"] for record in arrived}

    assert types == {
        *("organization", "campaign", "contact", "message", "event", "webhook_delivery"),
        *("billing_account", "subscription", "credit_product", "credit_entry"),
        *("domain", "mailbox", "ip_address", "ip_check", "mailbox_day"),
        *("contact_event", "contact_list", "segment", "campaign_audience", "link", "order", "user"),
        *("workflow", "workflow_entry", "inbox_thread", "inbox_tag", "inbox_event"),
        *("sender", "bot_session", "bot_flow", "flow_run", "keyword_hit", "ai_call", "transfer"),
        "availability",
    }


def test_the_same_plan_gives_the_same_bytes(plan: Plan) -> None:
    small = replace(plan, events=4_000)

    assert b"".join(lines(small)) == b"".join(lines(small))


@pytest.mark.parametrize("change", [{"seed": 4}, {"start": datetime.fromisoformat("2026-02-03T00:00:00Z")}])
def test_another_seed_or_span_gives_other_messages(plan: Plan, change: dict[str, Any]) -> None:
    small = replace(plan, events=4_000)

    ids, others = (
        {record["id"] for record in records(each) if record["type"] == "message" and "is_test" not in record}
        for each in (small, replace(small, **change))
    )

    assert ids
    assert ids.isdisjoint(others)


def test_lines_are_the_records(plan: Plan) -> None:
    small = replace(plan, events=4_000)

    for line, record in zip(lines(small), records(small), strict=True):
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        assert orjson.loads(line) == record


def test_records_come_before_the_simulation_is_over(plan: Plan) -> None:
    endless = replace(plan, events=1_000_000)

    assert len(list(islice(records(endless), 5_000))) == 5_000


def test_nothing_has_happened_at_the_end_or_later(arrived: Records, plan: Plan) -> None:
    assert max(told_at(record) for record in arrived if moments(record)) < plan.end


def test_messages_and_events_are_not_older_than_the_start(arrived: Records, plan: Plan) -> None:
    dynamic = [record for record in arrived if record["type"] in ("message", "event", "webhook_delivery")]

    assert min(min(moments(record).values()) for record in dynamic) >= plan.start


def test_records_arrive_nearly_in_order(arrived: Records) -> None:
    told = [told_at(record) for record in arrived if record["type"] in ("message", "event")]

    in_order = sum(before <= after for before, after in pairwise(told))

    assert 0.9 < in_order / len(told) < 1


def test_about_one_or_two_percent_come_twice(arrived: Records) -> None:
    bodies = [orjson.dumps(record) for record in arrived]

    share = 1 - len(set(bodies)) / len(bodies)

    assert 0.01 < share < 0.02


def test_about_one_percent_comes_hours_late(arrived: Records) -> None:
    newest = datetime.fromisoformat("2000-01-01T00:00:00Z")
    late = 0
    for record in arrived:
        if record["type"] in ("message", "event"):
            told = told_at(record)
            late += newest - told > timedelta(hours=1)
            newest = max(newest, told)

    assert 0.005 < late / len(arrived) < 0.015


def test_some_events_come_before_their_message(arrived: Records) -> None:
    announced: set[str] = set()
    early = 0
    for record in arrived:
        if record["type"] == "message":
            announced.add(record["id"])
        elif record["type"] == "event":
            early += record["message_id"] not in announced

    assert 100 < early < len(arrived) * 0.3


def test_every_event_has_its_message(arrived: Records) -> None:
    messages = {record["id"] for record in arrived if record["type"] == "message"}

    assert {record["message_id"] for record in arrived if record["type"] == "event"} <= messages


def test_a_message_is_always_told_with_the_same_creation(arrived: Records) -> None:
    created: defaultdict[str, set[str]] = defaultdict(set)
    for record in arrived:
        if record["type"] == "message":
            created[record["id"]].add(record["created_at"])

    assert {len(moments) for moments in created.values()} == {1}
