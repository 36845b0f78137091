"""MessageSender's top campaigns and best send times."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.rest.messagesender import answers
from tests.gateway.rest.sender import TIMES, TOP, Sender, campaign, delivered, enrolled, failed, queued
from tests.gateway.rest.world import received, sent
from tests.worlds import bounded

WEEK = {"startDate": "2026-05-01", "endDate": "2026-05-06"}


def messages(of: str, total: int, arrived: int) -> list[dict[str, Any]]:
    """So many messages of a campaign, of which so many arrived and the rest failed."""
    moment = "2026-05-05T12:00:00Z"
    return [
        *(delivered(f"{of}-{i}", moment, campaign_id=of) for i in range(arrived)),
        *(failed(f"{of}-{i}", moment, campaign_id=of) for i in range(arrived, total)),
    ]


async def test_a_campaign_and_what_became_of_its_messages(sender: Sender) -> None:
    await sender.take(
        campaign("b2c3d4e5", "2026-05-04T13:00:00.5Z", name="April Fundraiser Blast", audience_size=99),
        *messages("b2c3d4e5", 7, 5),
        # one handed over, one that has not left; a test, an answer and another campaign's do not count
        sent("s1", "2026-05-05T12:00:00Z", campaign_id="b2c3d4e5"),
        queued("q1", "2026-05-05T12:00:00Z", campaign_id="b2c3d4e5"),
        delivered("t1", "2026-05-05T12:00:00Z", campaign_id="b2c3d4e5", is_test=True),
        received("r1", "2026-05-05T12:00:00Z", campaign_id="b2c3d4e5"),
        delivered("n1", "2026-05-05T12:00:00Z"),
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    told = await sender.told(TOP, startDate="2026-05-04", endDate="2026-05-05")

    # its messages count wherever they lie: the range is about when the campaign was created
    # total 7 + 1 + 1; sent 5 + 1; 5 ÷ 9 = 55.555… %
    assert told == [
        {
            "id": "b2c3d4e5",
            "name": "April Fundraiser Blast",
            "createdAt": "2026-05-04T13:00:00.500Z",
            "totalCount": 9,
            "sentCount": 6,
            "deliveredCount": 5,
            "failedCount": 2,
            "deliveryRate": 55.56,
        }
    ]
    answers.TopCampaigns.model_validate(told)


async def test_the_best_come_first_then_the_larger_then_the_newer(sender: Sender) -> None:
    await sender.take(
        *(
            campaign(name, "2026-05-03T10:00:00Z")
            for name in ("half", "whole", "third", "none", "larger", "silent")
        ),
        campaign("newer", "2026-05-03T10:00:01Z"),
        campaign("before", "2026-04-30T23:59:59Z"),
        campaign("running", "2026-05-03T10:00:00Z", "sending"),
        *messages("half", 4, 2),
        *messages("newer", 4, 2),
        *messages("larger", 6, 3),
        *messages("whole", 1, 1),
        *messages("third", 3, 1),
        *messages("none", 5, 0),
        *messages("before", 1, 1),
        *messages("running", 1, 1),
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    async def names(**asked: Any) -> list[str]:
        return [one["name"] for one in await sender.told(TOP, **{**WEEK, **asked})]

    # 100, 50 (of 6), 50 (of 4, newer), 50 (of 4), 33.3, 0; `silent` has no messages
    ranked = ["whole", "larger", "newer", "half", "third", "none"]
    assert await names() == ranked
    assert await names(startDate="2026-04-30") == ["whole", "before", *ranked[1:]]
    assert await names(limit=2) == ranked[:2]
    # a limit is brought between 1 and 100
    for limit in ("0", "-5", "1"):
        assert await names(limit=limit) == ranked[:1]
    for limit in ("100", "101", "999999999"):
        assert await names(limit=limit) == ranked


async def test_ten_are_told_of_unless_more_are_asked_for(sender: Sender) -> None:
    names = [f"c{i:03}" for i in range(105)]
    await sender.take(
        *(campaign(name, "2026-05-03T10:00:00Z") for name in names),
        *(message for name in names for message in messages(name, 1, 1)),
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    async def told(**asked: Any) -> list[str]:
        return [one["id"] for one in await sender.told(TOP, **WEEK, **asked)]

    assert await told() == names[:10]  # equal in everything: by id
    assert await told(limit=500) == names[:100]


@bounded(3)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5)), max_size=8))
async def test_whatever_there_is_it_is_in_order(sender: Sender, drawn: list[tuple[int, int, int]]) -> None:
    other = await enrolled(sender.house)
    counts = {f"c{i}": (max(pair), min(pair), seconds) for i, (*pair, seconds) in enumerate(drawn)}
    for name, (total, arrived, seconds) in counts.items():
        await other.take(campaign(name, f"2026-05-03T10:00:0{seconds}Z"), *messages(name, total, arrived))
    await other.count_until("2026-05-06T00:00:00Z")

    told = await other.told(TOP, **WEEK)

    def place(name: str) -> Any:
        total, arrived, seconds = counts[name]
        return -Fraction(arrived, total), -total, -seconds, name

    assert [one["id"] for one in told] == sorted((name for name in counts if counts[name][0]), key=place)
    assert all(
        one["deliveryRate"] == round(100 * one["deliveredCount"] / one["totalCount"] + 1e-9, 2)
        for one in told
    )


async def test_hours_and_weekdays_are_those_of_the_organization(sender: Sender) -> None:
    # 03:30 UTC on Sunday 2026-05-03; 23:30 on Saturday in New York, 09:00 on Sunday in Kolkata
    # 19:00 UTC on Sunday; 15:00 on Sunday, 00:30 on Monday
    records = [
        delivered("m1", "2026-05-03T03:30:00Z"),
        delivered("m2", "2026-05-03T19:00:00Z"),
        sent("m3", "2026-05-03T19:14:59Z"),
    ]
    expected = {
        "UTC": ([(3, 1, 1), (19, 2, 1)], [(0, 3, 2)]),
        "America/New_York": ([(15, 2, 1), (23, 1, 1)], [(0, 2, 1), (6, 1, 1)]),
        "Asia/Kolkata": ([(0, 2, 1), (9, 1, 1)], [(0, 1, 1), (1, 2, 1)]),
    }
    for zone, (hours, days) in expected.items():
        one = await enrolled(sender.house, timezone=zone)
        await one.take(*records)
        await one.count_until("2026-05-06T00:00:00Z")

        told = await one.told(TIMES)

        def row(key: str, numbers: tuple[int, int, int]) -> dict[str, Any]:
            at, total, arrived = numbers
            rate = {(1, 1): 100, (2, 1): 50, (3, 2): 66.67}[total, arrived]
            return {key: at, "totalSent": total, "delivered": arrived, "deliveryRate": rate}

        assert told == {
            "byHour": [row("hour", numbers) for numbers in hours],
            "byDayOfWeek": [row("dayOfWeek", numbers) for numbers in days],
        }, zone
        answers.BestSendTimes.model_validate(told)


async def test_every_weekday_has_its_number_and_sunday_is_0(sender: Sender) -> None:
    sunday = date(2026, 4, 26)
    days = [f"{sunday + timedelta(days=number)}T10:00:00Z" for number in range(7)]
    # on each day one message more than on the day before
    await sender.take(
        *(delivered(f"m{n}-{i}", moment) for n, moment in enumerate(days) for i in range(n + 1))
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    told = await sender.told(TIMES)

    assert [(one["dayOfWeek"], one["totalSent"]) for one in told["byDayOfWeek"]] == [
        (n, n + 1) for n in range(7)
    ]
    assert [(one["hour"], one["totalSent"]) for one in told["byHour"]] == [(10, 28)]


async def test_a_message_counts_where_it_was_sent_and_only_if_it_was(sender: Sender) -> None:
    await sender.take(
        # made before the window and sent in it, delivered an hour later; made in it and sent after it
        delivered("in", "2026-05-04T23:00:00Z")
        | {"sent_at": "2026-05-05T08:00:00Z", "delivered_at": "2026-05-05T09:00:00Z"},
        delivered("out", "2026-05-05T23:00:00Z")
        | {"sent_at": "2026-05-06T00:00:00Z", "delivered_at": "2026-05-06T00:00:01Z"},
        # failed, never left, a test, an inbound one: hours without any other are left out
        failed("f1", "2026-05-05T10:00:00Z"),
        queued("q1", "2026-05-05T11:00:00Z"),
        delivered("t1", "2026-05-05T12:00:00Z", is_test=True),
        received("r1", "2026-05-05T13:00:00Z"),
        # beside one that failed: it is no part of totalSent
        delivered("d2", "2026-05-05T14:00:00Z"),
        failed("f2", "2026-05-05T14:00:00Z"),
    )
    await sender.count_until("2026-05-06T00:10:00Z")

    told = await sender.told(TIMES, startDate="2026-05-05", endDate="2026-05-06")

    assert told == {
        "byHour": [
            {"hour": 8, "totalSent": 1, "delivered": 1, "deliveryRate": 100},
            {"hour": 14, "totalSent": 1, "delivered": 1, "deliveryRate": 100},
        ],
        "byDayOfWeek": [{"dayOfWeek": 2, "totalSent": 2, "delivered": 2, "deliveryRate": 100}],
    }


async def test_without_dates_it_is_the_last_90_days(sender: Sender) -> None:
    # midnight, 90 days before 2026-05-06, is that of 2026-02-05
    await sender.take(
        delivered("before", "2026-02-04T23:59:59Z"),
        delivered("first", "2026-02-05T00:00:00Z"),
        delivered("last", "2026-05-05T23:59:59Z"),
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    told = await sender.told(TIMES)

    assert [(one["hour"], one["totalSent"]) for one in told["byHour"]] == [(0, 1), (23, 1)]


async def test_given_ends_are_widened_to_quarters_of_an_hour(sender: Sender) -> None:
    await sender.take(
        *(
            delivered(f"m{n}", f"2026-05-05T{time}Z")
            for n, time in enumerate(("09:59:59", "10:00:00", "10:29:59", "10:30:00"))
        )
    )
    await sender.count_until("2026-05-06T00:00:00Z")
    day = "2026-05-05T{}Z".format

    async def counted(start: str, end: str) -> int:
        told = await sender.told(TIMES, startDate=day(start), endDate=day(end))
        return sum(one["totalSent"] for one in told["byHour"])

    assert await counted("10:00:00", "10:30:00") == 2
    assert await counted("10:14:59.999", "10:15:00.001") == 2  # 10:00 to 10:30
    assert await counted("10:29:59.999", "10:30:00") == 1  # 10:15 to 10:30
    assert await counted("10:01:00", "10:01:00") == 0  # equal ends stay an empty range


@bounded(3)
@given(
    st.lists(st.tuples(st.integers(0, 4 * 24 * 3600 - 1), st.booleans()), max_size=20),
    st.integers(0, 4 * 24 * 60),
    st.integers(0, 4 * 24 * 60),
)
async def test_hours_and_weekdays_hold_the_same_messages(
    sender: Sender, drawn: list[tuple[int, bool]], one: int, other: int
) -> None:
    abroad = await enrolled(sender.house, timezone="Asia/Kathmandu")

    def moment(seconds: int) -> str:
        return f"2026-05-0{1 + seconds // 86_400}T{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"

    await abroad.take(
        *((delivered if arrived else sent)(f"m{i}", moment(at)) for i, (at, arrived) in enumerate(drawn))
    )
    await abroad.count_until("2026-05-06T00:00:00Z")
    start, end = sorted((one, other))

    told = await abroad.told(TIMES, startDate=moment(start * 60), endDate=moment(end * 60))

    # the ends are widened to quarters of an hour, unless there is nothing between them
    first, last = (start // 15 * 15, -(-end // 15) * 15) if start < end else (0, 0)
    inside = [arrived for at, arrived in drawn if first * 60 <= at < last * 60]
    for rows in told.values():
        assert sum(row["totalSent"] for row in rows) == len(inside)
        assert sum(row["delivered"] for row in rows) == sum(inside)
