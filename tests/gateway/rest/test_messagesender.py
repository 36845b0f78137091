"""MessageSender's overview and trends: numbers worked out by hand, and which moments lie in a range."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.rest import VENDORS, vendor_routes
from gateway.rest.messagesender import answers
from gateway.rest.messagesender.shape import rate
from gateway.settings import SettingsError
from tests.gateway.rest.sender import (
    EXPORT,
    OVERVIEW,
    TIMES,
    TOP,
    TRENDS,
    URLS,
    Sender,
    campaign,
    contact,
    delivered,
    enrolled,
    failed,
    queued,
    with_options,
)
from tests.gateway.rest.world import at, received, sent

WEEK = {"startDate": "2026-05-01", "endDate": "2026-05-06"}
NOTHING = {"total": 0, "sent": 0, "delivered": 0, "failed": 0}


def day(date: str, *numbers: int) -> dict[str, Any]:
    """A row of the messages trend."""
    return {"date": date, **dict(zip(NOTHING, numbers, strict=True))}


async def first_week_of_may(sender: Sender) -> None:
    """Six campaigns, eight messages that count, four contacts."""
    await sender.take(
        campaign("c1", "2026-05-03T10:00:00Z", "completed"),
        campaign("c2", "2026-05-04T09:00:00Z", "scheduled"),
        campaign("c3", "2026-05-04T10:00:00Z", "sending"),
        campaign("c4", "2026-05-05T10:00:00Z", "failed"),
        campaign("c5", "2026-05-05T23:59:59Z", "draft"),  # has no column of its own: only in the total
        campaign("c6", "2026-04-01T10:00:00Z", "completed"),  # before the range
        # the 3rd: four arrived, one was handed over and failed
        *(delivered(f"a{i}", f"2026-05-03T11:0{i}:00Z", campaign_id="c1") for i in range(4)),
        failed("a4", "2026-05-03T11:04:00Z", campaign_id="c1"),
        # the 4th: one on its way, one that has not left; what happens to them later is counted here too
        sent("b1", "2026-05-04T10:01:00Z", campaign_id="c3"),
        queued("b2", "2026-05-04T10:02:00Z", campaign_id="c3"),
        # the 5th, from its first moment on; it arrived when the range was over
        sent("d1", "2026-05-05T00:00:00Z", delivered_at="2026-05-06T00:00:30Z"),
        # none of these counts: a test, an inbound one, and one right after the range
        delivered("x1", "2026-05-05T12:00:00Z", is_test=True),
        received("x2", "2026-05-05T12:00:00Z"),
        delivered("x3", "2026-05-06T00:00:00Z"),
        contact("p1"),
        contact("p2", is_textable=False),
        contact("p3", is_opted_in=False),
        contact("p4", is_textable=False, is_opted_in=False),
    )
    await sender.count_until("2026-05-06T00:00:00Z")


async def test_the_overview(sender: Sender) -> None:
    await first_week_of_may(sender)

    told = await sender.told(OVERVIEW, **WEEK)

    # 5 + 2 + 1 messages; sent 4 + 1 + 1 without the failed one and the one that waits; delivered 4 + 1
    # contacts: p1 and p3 are textable, p3 and p4 have opted out
    assert told == {
        "dateRange": {"start": "2026-05-01T00:00:00.000Z", "end": "2026-05-06T00:00:00.000Z"},
        "campaigns": {"total": 5, "completed": 1, "sending": 1, "scheduled": 1, "failed": 1},
        "messages": {"total": 8, "sent": 6, "delivered": 5, "failed": 1},
        "contacts": {"total": 4, "textable": 2, "optedOut": 2},
        "deliveryRate": 62.5,  # 5 ÷ 8
    }
    assert list(told) == ["dateRange", "campaigns", "messages", "contacts", "deliveryRate"]
    answers.Overview.model_validate(told)


async def test_trends_of_messages_have_a_row_for_every_day(sender: Sender) -> None:
    await first_week_of_may(sender)

    told = await sender.told(TRENDS, **WEEK)

    assert told == [
        day("2026-05-01", 0, 0, 0, 0),
        day("2026-05-02", 0, 0, 0, 0),
        day("2026-05-03", 5, 4, 4, 1),
        day("2026-05-04", 2, 1, 0, 0),
        day("2026-05-05", 1, 1, 1, 0),
    ]
    assert told == await sender.told(TRENDS, metric="messages", **WEEK)
    answers.Trends.model_validate(told)


async def test_trends_of_campaigns_leave_scheduled_ones_in_the_total(sender: Sender) -> None:
    await first_week_of_may(sender)

    told = await sender.told(TRENDS, metric="campaigns", **WEEK)

    names = ("total", "completed", "sending", "failed")
    rows = [(0, 0, 0, 0), (0, 0, 0, 0), (1, 1, 0, 0), (2, 0, 1, 0), (2, 0, 0, 1)]
    assert told == [
        {"date": f"2026-05-0{number}", **dict(zip(names, row, strict=True))}
        for number, row in enumerate(rows, 1)
    ]
    answers.Trends.model_validate(told)


def test_rates_are_the_documents_with_its_slips_corrected() -> None:
    # spec/vendors.md, 9: the document prints 96.89 for the first, which its own formula does not give
    assert rate(46_800, 48_500) == 96.49
    assert rate(4_187, 4_200) == 99.69
    assert [rate(*pair) for pair in ((12_100, 12_400), (14_800, 15_200), (18_000, 18_500))] == [
        97.58,
        97.37,
        97.3,
    ]
    assert rate(21_500, 22_100) == 97.29
    assert (rate(0, 0), rate(0, 7), rate(7, 7)) == (0, 0, 100)
    # halves go up, worked out on the fraction: 1 ÷ 800 is 0.125 %, 33 ÷ 32,000 is 0.103125 %
    assert (rate(1, 800), rate(33, 32_000), rate(1, 3), rate(2, 3)) == (0.13, 0.1, 33.33, 66.67)


async def test_every_url_answers_under_the_vendors_name_too(sender: Sender) -> None:
    await first_week_of_may(sender)

    for url in URLS:
        bare, under = await sender.get(url), await sender.get(f"/messagesender{url}")
        assert (bare.status_code, bare.content) == (200, under.content), url
        assert bare.headers["cache-control"] == under.headers["cache-control"] == "private, no-cache"
        assert bare.headers["vary"] == "Authorization, x-organization-id"
        head = await sender.http.head(url, headers=sender.headers())
        assert (head.status_code, head.headers["content-type"]) == (200, bare.headers["content-type"])


async def test_what_the_client_holds_already_is_not_sent_again(sender: Sender) -> None:
    await first_week_of_may(sender)

    for url in (url for url in URLS if "export" not in url):  # lists are written as they are read
        first = await sender.get(url)
        held = sender.headers() | {"If-None-Match": first.headers["etag"]}
        again = await sender.http.get(url, headers=held)
        assert (again.status_code, again.content) == (304, b""), url
        for name in ("etag", "cache-control", "vary", "link"):
            assert again.headers[name] == first.headers[name]


async def test_an_organization_that_was_never_counted_has_nothing(sender: Sender) -> None:
    told = await sender.told(OVERVIEW, **WEEK)

    assert told["messages"] == NOTHING
    assert told["contacts"] == {"total": 0, "textable": 0, "optedOut": 0}
    assert told["deliveryRate"] == 0
    assert await sender.told(TRENDS, **WEEK) == [day(f"2026-05-0{n}", 0, 0, 0, 0) for n in range(1, 6)]
    assert await sender.told(TOP, **WEEK) == []
    assert await sender.told(TIMES, **WEEK) == {"byHour": [], "byDayOfWeek": []}


async def test_without_dates_it_is_the_last_30_days_to_the_millisecond(sender: Sender) -> None:
    sender.house.now = at("2026-05-06T10:20:30.456789Z")
    await sender.take(
        delivered("before", "2026-04-06T10:20:30.455999Z"),
        delivered("first", "2026-04-06T10:20:30.456Z"),
        delivered("last", "2026-05-06T10:20:30.455999Z"),
        delivered("after", "2026-05-06T10:20:30.456Z"),
    )
    await sender.count_until("2026-05-06T10:20:31Z")

    told = await sender.told(OVERVIEW)
    rows = await sender.told(TRENDS)

    assert told["dateRange"] == {"start": "2026-04-06T10:20:30.456Z", "end": "2026-05-06T10:20:30.456Z"}
    assert told["messages"]["total"] == 2
    # 31 days are touched; the first and the last are cut where the range is
    assert (len(rows), rows[0], rows[-1]) == (
        31,
        day("2026-04-06", 1, 1, 1, 0),
        day("2026-05-06", 1, 1, 1, 0),
    )


async def test_an_absent_start_is_30_or_90_days_before_the_end(sender: Sender) -> None:
    await sender.take(
        *(
            delivered(f"m{i}", moment)
            for i, moment in enumerate(("2026-03-11T00:00:00Z", "2026-01-10T00:00:00Z"))
        ),
        *(
            delivered(f"b{i}", moment)
            for i, moment in enumerate(("2026-03-10T23:59:59Z", "2026-01-09T23:59:59Z"))
        ),
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    told = await sender.told(OVERVIEW, endDate="2026-04-10")  # 30 days after 2026-03-11, 90 after 2026-01-10
    times = await sender.told(TIMES, endDate="2026-04-10")

    assert told["dateRange"] == {"start": "2026-03-11T00:00:00.000Z", "end": "2026-04-10T00:00:00.000Z"}
    assert told["messages"]["total"] == 1
    assert sum(hour["totalSent"] for hour in times["byHour"]) == 3
    assert len(await sender.told(TRENDS, startDate="2026-05-01")) == 5  # and an absent end is now


async def test_an_end_in_its_first_30_days_begins_with_the_first_day_there_is(sender: Sender) -> None:
    told = await sender.told(OVERVIEW, endDate="1970-01-09")

    assert told["dateRange"] == {"start": "1970-01-08T00:00:00.000Z", "end": "1970-01-09T00:00:00.000Z"}
    assert await sender.told(TIMES, endDate="1970-01-08") == {"byHour": [], "byDayOfWeek": []}


RANGES = (
    ("2026-05-05", "2026-05-06", 4),  # all of the day, and nothing of the next
    ("2026-05-05T00:00:00", "2026-05-06T00:00:00", 4),  # without an offset it is UTC
    ("2026-05-05T08:00:00Z", "2026-05-05T08:00:00.000001Z", 1),
    ("2026-05-05T08:00:00.000001Z", "2026-05-05T20:00:00Z", 1),
    ("2026-05-05T10:00:00+02:00", "2026-05-05T08:00:01.5+00:00", 1),  # 08:00:00–08:00:01.5
    ("2026-05-05t00:00:00z", "2026-05-05T12:30:00", 3),
    ("2026-05-05", "2026-05-05T12:29:59.999999Z", 2),
    ("2026-05-04T19:00:00-05:00", "2026-05-06", 4),  # midnight, from New York
)


async def test_dates_and_moments_name_a_half_open_range(sender: Sender) -> None:
    moments = ("00:00:00", "08:00:00", "12:29:59.999999", "23:59:59.999999")
    await sender.take(
        *(delivered(f"m{i}", f"2026-05-05T{moment}Z") for i, moment in enumerate(moments)),
        delivered("early", "2026-05-04T23:59:59.999999Z"),
        delivered("late", "2026-05-06T00:00:00Z"),
    )
    await sender.count_until("2026-05-06T01:00:00Z")

    for start, end, expected in RANGES:
        told = await sender.told(OVERVIEW, startDate=start, endDate=end)
        rows = await sender.told(TRENDS, startDate=start, endDate=end)

        assert (start, end, told["messages"]["total"]) == (start, end, expected)
        assert rows == [day("2026-05-05", expected, expected, expected, 0)]


async def test_equal_ends_are_an_empty_range(sender: Sender) -> None:
    await first_week_of_may(sender)
    nowhen = {"startDate": "2026-05-03", "endDate": "2026-05-03T00:00:00Z"}

    told = await sender.told(OVERVIEW, **nowhen)

    assert told == {
        "dateRange": {"start": "2026-05-03T00:00:00.000Z", "end": "2026-05-03T00:00:00.000Z"},
        "campaigns": dict.fromkeys(("total", "completed", "sending", "scheduled", "failed"), 0),
        "messages": NOTHING,
        "contacts": {"total": 4, "textable": 2, "optedOut": 2},  # they never follow the range
        "deliveryRate": 0,
    }
    assert await sender.told(TRENDS, **nowhen) == []
    assert await sender.told(TRENDS, metric="campaigns", **nowhen) == []
    assert await sender.told(TOP, **nowhen) == []
    assert await sender.told(TIMES, **nowhen) == {"byHour": [], "byDayOfWeek": []}


async def test_an_operator_can_choose_that_a_date_as_end_includes_that_day(sender: Sender) -> None:
    await first_week_of_may(sender)

    async def total(http: Any, **dates: str) -> tuple[int, str]:
        told = (await http.get(OVERVIEW, params=dates)).json()
        return told["messages"]["total"], told["dateRange"]["end"]

    async with with_options(sender, ["messagesender.inclusive-end-date"]) as http:
        assert await total(http, startDate="2026-05-03", endDate="2026-05-04") == (
            7,
            "2026-05-05T00:00:00.000Z",
        )
        assert await total(http, startDate="2026-05-04", endDate="2026-05-04") == (
            2,
            "2026-05-05T00:00:00.000Z",
        )
        # a moment is a moment, and an absent end is now
        moment = await total(http, startDate="2026-05-03", endDate="2026-05-04T00:00:00Z")
        assert moment == (5, "2026-05-04T00:00:00.000Z")
        assert (await total(http, startDate="2026-05-03"))[1] == "2026-05-06T00:00:00.000Z"
        rows = (await http.get(TRENDS, params={"startDate": "2026-05-05", "endDate": "2026-05-05"})).json()
        assert rows == [day("2026-05-05", 1, 1, 1, 0)]
        last = await http.get(OVERVIEW, params={"startDate": "2099-12-31", "endDate": "2100-01-01"})
        assert last.status_code == 200
    async with with_options(sender, []) as http:
        assert await total(http, startDate="2026-05-03", endDate="2026-05-04") == (
            5,
            "2026-05-04T00:00:00.000Z",
        )


async def test_an_option_that_there_is_not_is_named(sender: Sender) -> None:
    gateway = sender.house.gateway

    for option in ("messagesender.nonsense", "agentmessage.inclusive-end-date", "inclusive-end-date", ""):
        with pytest.raises(
            SettingsError, match=f"VENDOR_OPTIONS: There is no '{option}'; there are messages"
        ):
            vendor_routes(gateway.door, gateway.auth, None, VENDORS, [option])


async def test_days_of_trends_are_those_of_utc_wherever_the_organization_is(sender: Sender) -> None:
    abroad = await enrolled(sender.house, timezone="Asia/Kolkata")
    # 20:00 UTC on the 5th is 01:30 on the 6th over there
    await abroad.take(delivered("m1", "2026-05-05T20:00:00Z"), campaign("c1", "2026-05-05T20:00:00Z"))
    await abroad.count_until("2026-05-06T00:00:00Z")

    messages = await abroad.told(TRENDS, startDate="2026-05-05", endDate="2026-05-06")
    campaigns = await abroad.told(TRENDS, startDate="2026-05-05", endDate="2026-05-06", metric="campaigns")

    assert messages == [day("2026-05-05", 1, 1, 1, 0)]
    assert [(row["date"], row["total"]) for row in campaigns] == [("2026-05-05", 1)]


async def test_the_range_of_a_day_ago_and_of_a_year_agree_with_the_tiers(sender: Sender) -> None:
    """Whole days come from rollups, ragged ends from the raw rows; both must know a message once."""
    moments = (
        "2025-05-06T00:00:00Z",
        "2025-12-31T23:59:59.5Z",
        "2026-01-01T00:00:00Z",
        "2026-05-05T23:59:59Z",
    )
    await sender.take(*(delivered(f"m{i}", moment) for i, moment in enumerate(moments)))
    await sender.count_until("2026-05-06T00:00:00Z")

    year = {"startDate": "2025-05-06", "endDate": "2026-05-06"}
    ragged = {"startDate": "2025-05-06T00:00:00.000001Z", "endDate": "2026-05-05T23:59:59Z"}

    assert (await sender.told(OVERVIEW, **year))["messages"]["total"] == 4
    assert (await sender.told(OVERVIEW, **ragged))["messages"]["total"] == 2
    rows = await sender.told(TRENDS, **year)
    assert [row["date"] for row in rows if row["total"]] == [moment[:10] for moment in moments]
    assert (len(rows), len(await sender.told(TRENDS, **ragged))) == (365, 365)


async def test_other_parameters_are_ignored(sender: Sender) -> None:
    for url in URLS:
        answer = await sender.get(url, page="2", organizationId="x")
        assert answer.status_code == 200, url
    assert (await sender.get(EXPORT, type="campaigns")).status_code == 200
