"""MessageSender's numbers are GraphQL's numbers, and fit together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.rest.sender import (
    BALANCE,
    EXPORT,
    OVERVIEW,
    STATUS,
    TIMES,
    TOP,
    TRENDS,
    Sender,
    campaign,
    contact,
    delivered,
    failed,
    queued,
)
from tests.gateway.rest.twins import twin_of
from tests.gateway.rest.world import at, received, sent
from tests.worlds import bounded

KINDS = (delivered, failed, queued, sent)
STATUSES = ("completed", "sending", "scheduled", "failed", "draft")
FIRST, DAYS = at("2026-05-01T00:00:00Z"), 5


def moment(number: int) -> str:
    """A moment of the five days that no rollup could cut at."""
    return (FIRST + timedelta(microseconds=number * 7_654_321_987 % (DAYS * 86_400_000_000))).isoformat()


@pytest.fixture
async def made(sender: Sender) -> list[tuple[datetime, str]]:
    """Messages and campaigns all over five days; says when each counting message was made, and its kind."""
    made = [(moment(i), KINDS[i % 4]) for i in range(80)]
    # on the very edges of days and quarters of an hour too
    made += [(f"2026-05-0{1 + i % 5}T0{i}:{i % 4 * 15:02}:00Z", KINDS[i % 4]) for i in range(8)]
    await sender.take(
        *(
            kind(f"m{i}", when, campaign_id=f"c{i % 9}", characters=i * 20)
            for i, (when, kind) in enumerate(made)
        ),
        *(campaign(f"c{i}", moment(3 * i + 1), STATUSES[i % 5], audience_size=i) for i in range(12)),
        *(delivered(f"t{i}", moment(i), is_test=True) for i in range(5)),
        *(received(f"r{i}", moment(i)) for i in range(5)),
        *(contact(f"p{i}", is_textable=i % 2 == 0, is_opted_in=i % 3 == 0) for i in range(7)),
        {"type": "credit_entry", "id": "p1", "kind": "purchase", "credits": 900, "at": moment(1)},
    )
    await sender.count_until("2026-05-06T00:00:00Z")
    return [(at(when), kind.__name__) for when, kind in made]


RANGES = (
    {"startDate": "2026-05-02", "endDate": "2026-05-05"},
    {"startDate": "2026-05-01T12:34:56.789Z", "endDate": "2026-05-04T23:00:01Z"},
    {},
)


async def followed(sender: Sender, url: str, **params: Any) -> tuple[httpx2.Response, dict[str, Any]]:
    """An answer, and what the twin that its Link names says."""
    answer = await sender.get(url, **params)
    assert answer.status_code == 200, answer.text
    return answer, await twin_of(sender.http, sender.key, answer)


@pytest.mark.usefixtures("made")
async def test_its_links_lead_to_graphql_queries_with_the_same_numbers(sender: Sender) -> None:
    for dates in RANGES:
        answer, data = await followed(sender, OVERVIEW, **dates)
        told = answer.json()
        counted = {name: told[name] for name in ("campaigns", "messages")}
        assert (counted, told["contacts"]) == (data["overview"], data["contacts"]["counts"])

        for metric in ("messages", "campaigns"):
            answer, data = await followed(sender, TRENDS, metric=metric, **dates)
            buckets = data["trends"][metric]["buckets"]
            assert answer.json() == [{"date": one["start"][:10], **one["metrics"]} for one in buckets]

        answer, data = await followed(sender, TOP, limit=3, **dates)
        names = ("totalCount", "sentCount", "deliveredCount", "failedCount")
        assert [(one["id"], *(one[name] for name in names)) for one in answer.json()] == [
            (one["campaign"]["id"], *(one["metrics"][name] for name in names)) for one in data["topCampaigns"]
        ]

        answer, data = await followed(sender, TIMES, **dates)
        told, twin = answer.json(), data["bestSendTimes"]
        assert [(one["hour"], one["totalSent"], one["delivered"]) for one in told["byHour"]] == [
            (one["hour"], *one["metrics"].values()) for one in twin["byHour"] if one["metrics"]["totalSent"]
        ]
        assert {one["dayOfWeek"]: one["totalSent"] for one in told["byDayOfWeek"]} == {
            (one["weekday"] + 1) % 7: one["metrics"]["totalSent"]
            for one in twin["byWeekday"]
            if one["metrics"]["totalSent"]
        }

        answer, data = await followed(sender, EXPORT, **dates)
        nodes = [edge["node"] for edge in data["campaigns"]["edges"]]
        assert [line.split(",")[:6] for line in answer.text.splitlines()[1:]] == [
            [
                *(node["name"], node["status"].lower(), str(node["audienceSize"])),
                *(str(node["summary"][name]) for name in ("handedOff", "delivered", "failed")),
            ]
            for node in nodes
        ]

    answer, data = await followed(sender, STATUS)
    told = answer.json()
    assert told["credits"] == data["billingStatus"]["credits"]
    assert told["brand"] == data["billingStatus"]["brand"]
    answer, data = await followed(sender, BALANCE)
    assert answer.json() == data["credits"] == {"balance": told["credits"]["available"]}


async def test_the_link_of_an_empty_range_asks_for_nothing(sender: Sender) -> None:
    nowhen = {"startDate": "2026-05-03", "endDate": "2026-05-03"}

    for url in (OVERVIEW, TRENDS, TOP, TIMES):
        _, data = await followed(sender, url, **nowhen)
        assert not data.keys() - {"contacts"}


MICROSECONDS = st.integers(0, DAYS * 86_400_000_000).map(
    lambda number: (FIRST + timedelta(microseconds=number)).isoformat().replace("+00:00", "Z")
)
QUARTERS = st.integers(0, DAYS * 96).map(
    lambda number: (FIRST + timedelta(minutes=15 * number)).strftime("%Y-%m-%dT%H:%M:%S")
)
DATES = st.integers(0, DAYS).map(lambda number: str((FIRST + timedelta(days=number)).date()))
MOMENTS = MICROSECONDS | QUARTERS | DATES


@bounded(8)
@given(one=MOMENTS, other=MOMENTS)
async def test_the_overview_is_the_sum_of_its_trends(
    sender: Sender, made: list[tuple[datetime, str]], one: str, other: str
) -> None:
    first, last = sorted((one, other), key=_moment)
    dates = {"startDate": first, "endDate": last}

    told = await sender.told(OVERVIEW, **dates)
    messages = await sender.told(TRENDS, metric="messages", **dates)
    campaigns = await sender.told(TRENDS, metric="campaigns", **dates)

    for name in ("total", "sent", "delivered", "failed"):
        assert told["messages"][name] == sum(row[name] for row in messages)
    for name in ("total", "completed", "sending", "failed"):
        assert told["campaigns"][name] == sum(row[name] for row in campaigns)
    # and both are what was really made
    inside = [(when, kind) for when, kind in made if _moment(first) <= when < _moment(last)]
    assert told["messages"] == {
        "total": len(inside),
        "sent": sum(kind in {"delivered", "sent"} for _, kind in inside),
        "delivered": sum(kind == "delivered" for _, kind in inside),
        "failed": sum(kind == "failed" for _, kind in inside),
    }
    for row in messages:
        assert row["total"] == sum(str(when.date()) == row["date"] for when, _ in inside)


def _moment(text: str) -> datetime:
    return at(text if text.endswith("Z") else f"{text}Z" if "T" in text else f"{text}T00:00:00Z")
