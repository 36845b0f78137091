"""Dashboards: the overview of a window is what its series add up to, and what there really is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.house import House, event, message
from tests.worlds import bounded

DOCUMENT = """query ($window: WindowInput!, $timezone: String!, $granularity: Granularity!) {
  overview(window: $window, timezone: $timezone) {
    timezone
    window { start end }
    messages { logged creditsDrawn }
    engagements { clicks }
    campaigns { audience }
    contacts { optedOut }
    credits { purchased }
  }
  trends(window: $window, timezone: $timezone, granularity: $granularity, clip: true) {
    logged: messages(metric: LOGGED) { ...Series columns { value start } }
    creditsDrawn: messages(metric: CREDITS_DRAWN) { total columns { value } }
    clicks: engagements(metric: CLICKS) { total columns { value } }
    audience: campaigns(metric: AUDIENCE) { total columns { value } }
    optedOut: contacts(metric: OPTED_OUT) { total columns { value } }
    purchased: credits(metric: PURCHASED) { total columns { value } }
  }
}
fragment Series on MessageBuckets { total timezone window { start end } granularity }"""
START, END = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC)
# One of everything every 97 minutes and a bit; the n-th drew n % 3 + 1 credits and so on.
MOMENTS = [START + number * timedelta(minutes=97, microseconds=1) for number in range(60)]


def told(number: int, moment: datetime) -> list[dict[str, Any]]:
    """One of everything."""
    at, mine = moment.isoformat(), {"organization": "acme", "id": str(number)}
    sms = {"channel": "sms", "sent_at": at, "credits": number % 3 + 1}
    return [
        message(str(number), at, **sms),
        event(str(number), "clicked", at),
        {"type": "campaign", **mine, "created_at": at, "audience_size": number},
        {"type": "contact", **mine, "created_at": at, "is_opted_in": number % 2 == 0},
        {"type": "credit_entry", **mine, "kind": "purchase", "credits": 10, "at": at},
    ]


def by_hand(start: datetime, end: datetime) -> dict[str, int]:
    """What lies in the window."""
    found = [number for number, moment in enumerate(MOMENTS) if start <= moment < end]
    return {
        "logged": len(found),
        "creditsDrawn": sum(number % 3 + 1 for number in found),
        "clicks": len(found),
        "audience": sum(found),
        "optedOut": sum(number % 2 for number in found),
        "purchased": 10 * len(found),
    }


# At and around a message's own microsecond, and any minute.
ENDS = st.builds(
    lambda moment, micros: moment + timedelta(microseconds=micros),
    st.sampled_from(MOMENTS)
    | st.integers(1, (END - START) // timedelta(minutes=1)).map(lambda n: START + timedelta(minutes=n)),
    st.sampled_from([0, -1, 1, 29_999_999]),
)
SPANS = st.lists(ENDS, min_size=2, max_size=2, unique=True).map(sorted)


@given(data=st.data())
@bounded(3)
async def test_the_overview_is_what_the_trends_add_up_to_and_what_there_is(
    house: House, key: str, data: st.DataObject
) -> None:
    await house.take(*(record for n, moment in enumerate(MOMENTS) for record in told(n, moment)))
    for _ in range(3):
        start, end = data.draw(SPANS)
        window = {"between": {"start": start.isoformat(), "end": end.isoformat()}}
        asked = {
            "timezone": data.draw(st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"])),
            "granularity": data.draw(st.sampled_from(["QUARTER_HOUR", "HOUR", "DAY", "WEEK", "MONTH"])),
        }

        found = await house.ask(key, DOCUMENT, window=window, **asked)

        overview, trends = found["overview"], found["trends"]
        counted = {
            name: number
            for part in overview.values()
            if isinstance(part, dict)
            for name, number in part.items()
            if name not in ("start", "end")
        }
        assert counted == by_hand(start, end), (start, end, asked)
        assert {name: series["total"] for name, series in trends.items()} == counted
        assert {name: sum(series["columns"]["value"]) for name, series in trends.items()} == counted
        logged = trends["logged"]
        assert {name: logged[name] for name in asked} == asked
        assert logged["window"] == overview["window"]
        assert logged["columns"]["start"][0] == overview["window"]["start"]


async def test_without_a_window_it_is_the_last_thirty_days_of_the_organization(
    house: House, key: str
) -> None:
    await house.take({"type": "organization", "id": "acme", "timezone": "Asia/Kolkata"})

    found = await house.ask(
        key, "{ overview { timezone window { start } asOf } trends { messages { timezone bucketCount } } }"
    )

    # now is 2026-05-06 05:30 in Kolkata; thirty days with today begin on 7 April, at 18:30 UTC of the 6th
    assert found["overview"] == {
        "timezone": "Asia/Kolkata",
        "window": {"start": "2026-04-06T18:30:00Z"},
        "asOf": "2026-05-05T23:59:55Z",
    }
    assert found["trends"]["messages"] == {"timezone": "Asia/Kolkata", "bucketCount": 30}


async def test_each_number_of_the_overview_has_its_own_filter_and_clock(house: House, key: str) -> None:
    await house.take(
        message("a", "2026-05-01T10:00:00Z", channel="sms", delivered_at="2026-05-03T10:00:00Z"),
        message("b", "2026-05-03T10:00:00Z", channel="email"),
        {"type": "contact", "organization": "acme", "id": "1", "created_at": "2026-05-03T10:00:00Z"},
    )
    window = 'window: {days: {first: "2026-05-02", last: "2026-05-04"}}'

    found = await house.ask(
        key,
        f'{{ overview({window}) {{ all: messages {{ logged delivered }} sms: messages(filter: {{channel: ["sms"]}}) {{ logged }}'
        " happened: messages(clock: HAPPENED) { delivered }"
        ' imported: contacts(filter: {source: ["import"]}) { total } contacts { total } } }',
    )

    assert found["overview"] == {
        "all": {"logged": 1, "delivered": 0},
        "sms": {"logged": 0},
        "happened": {"delivered": 1},
        "imported": {"total": 0},
        "contacts": {"total": 1},
    }
