"""The best times to send: local hours and weekdays of sending, and what became of it later."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.house import House, message
from tests.worlds import bounded

NUMBERS = count(1)
DAYS = 'window: {days: {first: "2026-05-01", last: "2026-05-05"}}'


async def test_a_message_counts_at_the_local_hour_it_was_sent_whatever_happened_later(
    house: House, key: str
) -> None:
    # Kolkata is 5½ hours ahead: 18:29 UTC on Sunday 3 May is 23:59 there, 18:30 is Monday, 00:00.
    await house.take(
        message(
            "a", "2026-05-01T00:00:00Z", sent_at="2026-05-03T18:29:00Z", delivered_at="2026-05-05T09:00:00Z"
        ),
        message(
            "b", "2026-05-01T00:00:00Z", sent_at="2026-05-03T18:30:00Z", delivered_at="2026-05-03T18:31:00Z"
        ),
        message("c", "2026-05-01T00:00:00Z", sent_at="2026-05-03T18:45:00Z"),
        message("d", "2026-05-01T00:00:00Z", failed_at="2026-05-03T18:50:00Z"),  # left us, never handed over
        message("e", "2026-05-03T18:30:00Z"),  # never left us
        message("f", "2026-05-03T18:30:00Z", direction="inbound"),
    )

    found = await house.ask(
        key,
        f'{{ bestSendTimes({DAYS}, timezone: "Asia/Kolkata") {{ timezone'
        " byHour { hour value metrics { sent delivered failed } }"
        " byWeekday { weekday value metrics { attempted } } } }",
    )

    assert found["bestSendTimes"] == {
        "timezone": "Asia/Kolkata",
        "byHour": [
            {"hour": 0, "value": 50, "metrics": {"sent": 2, "delivered": 1, "failed": 1}},  # b, c and d
            {"hour": 23, "value": 100, "metrics": {"sent": 1, "delivered": 1, "failed": 0}},  # a
        ],
        "byWeekday": [
            {"weekday": 0, "value": 50, "metrics": {"attempted": 3}},
            {"weekday": 6, "value": 100, "metrics": {"attempted": 1}},
        ],
    }


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Australia/Lord_Howe"])
async def test_hours_and_weekdays_each_add_up_to_what_was_sent(house: House, key: str, zone: str) -> None:
    # Every 97 minutes one, over the end of Lord Howe's summer time (02:00 on 5 April).
    sent = [datetime(2026, 4, 3, tzinfo=UTC) + timedelta(minutes=97 * number) for number in range(60)]
    moments = [moment.isoformat() for moment in sent]
    await house.take(*(message(f"m{n}", at, sent_at=at) for n, at in enumerate(moments)))
    fields = "byHour { hour value } byWeekday { weekday value }"
    # without a window it is about the last 90 days

    document = f'{{ bestSendTimes(metric: SENT, timezone: "{zone}") {{ {fields} }} }}'
    found = (await house.ask(key, document))["bestSendTimes"]

    local = [moment.astimezone(ZoneInfo(zone)) for moment in sent]
    assert {row["hour"]: row["value"] for row in found["byHour"]} == Counter(at.hour for at in local)
    weekdays = {row["weekday"]: row["value"] for row in found["byWeekday"]}
    assert weekdays == Counter(at.weekday() for at in local)
    assert sum(weekdays.values()) == 60


MOMENTS = ("sent_at", "delivered_at", "failed_at", "hard_bounced_at", "read_at")
TOLD = st.dictionaries(st.sampled_from(MOMENTS), st.integers(0, 5 * 24 * 60 - 1), max_size=4)


@given(told=st.lists(TOLD, max_size=12))
@bounded(4)
async def test_nothing_is_confirmed_that_was_not_handed_over_whatever_events_are_missing(
    house: House, told: list[dict[str, int]]
) -> None:
    slug = f"drawn-{next(NUMBERS)}"
    first = datetime(2026, 5, 1, tzinfo=UTC)
    drawn = [{name: first + timedelta(minutes=at) for name, at in one.items()} for one in told]
    written = [{name: at.isoformat() for name, at in one.items()} for one in drawn]
    records = [message(f"m{n}", first.isoformat(), **one) for n, one in enumerate(written)]
    await house.take(
        {"type": "organization", "id": slug}, *({**record, "organization": slug} for record in records)
    )
    fields = "metrics { handedOff confirmed failed }"

    found = (
        await house.ask(
            await house.key(slug),
            f"{{ bestSendTimes({DAYS}) {{ byHour {{ {fields} }} byWeekday {{ {fields} }} }} }}",
        )
    )["bestSendTimes"]

    # by hand: what was sent or arrived was handed over; what failed is neither
    good = [one for one in drawn if "failed_at" not in one]
    counts = {
        "handedOff": sum("sent_at" in one or "delivered_at" in one for one in good),
        "confirmed": sum("delivered_at" in one for one in good),
        "failed": len(drawn) - len(good),
    }
    for rows in found.values():
        assert {name: sum(row["metrics"][name] for row in rows) for name in counts} == counts
        assert all(row["metrics"]["confirmed"] <= row["metrics"]["handedOff"] for row in rows)


async def test_a_filter_says_whose_send_times_are_meant(house: House, key: str) -> None:
    await house.take(
        message("a", "2026-05-02T10:00:00Z", sent_at="2026-05-02T10:00:00Z", channel="sms"),
        message("b", "2026-05-02T11:00:00Z", sent_at="2026-05-02T11:00:00Z", channel="email"),
    )

    document = f'{{ bestSendTimes({DAYS}, filter: {{channel: ["sms"]}}) {{ byHour {{ hour }} }} }}'

    assert (await house.ask(key, document))["bestSendTimes"]["byHour"] == [{"hour": 10}]
