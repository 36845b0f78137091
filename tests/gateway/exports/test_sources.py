"""An export is a query: its numbers are those that GraphQL answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from models import FACTS, MESSAGES
from resolvers.exports.registry import SOURCES
from tests.gateway.exports.asking import exported, made, requested
from tests.house import ACME, House, event, message, open_house

DAYS = {"days": {"first": "2026-05-01", "last": "2026-05-06"}}
ASKED = 'window: {days: {first: "2026-05-01", last: "2026-05-06"}}'


def campaign(id: str, created_at: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "campaign",
        "organization": "acme",
        "id": id,
        "name": f"The {id}",
        "created_at": created_at,
    } | more


async def stock(house: House) -> None:
    """Two campaigns with messages and one without; `asleep` is older than May and does nothing in it."""
    await house.take(
        ACME,
        campaign("spring", "2026-05-01T08:00:00Z", status="completed", started_at="2026-05-01T09:00:00Z"),
        campaign("winter", "2026-01-01T00:00:00Z", status="sending"),
        campaign("asleep", "2026-01-02T00:00:00Z", status="draft"),
        message(
            "a",
            "2026-05-01T10:00:00.25Z",
            campaign_id="spring",
            channel="sms",
            sent_at="2026-05-01T10:00:01Z",
            delivered_at="2026-05-02T00:30:00Z",
            cost_micros=7900,
            segments=2,
        ),
        message("b", "2026-05-01T10:05:00Z", campaign_id="spring", channel="sms", contact_id="=HYPERLINK(1)"),
        event("b", "failed", "2026-05-01T10:06:00Z", error_code="30003"),
        message("c", "2026-05-03T10:00:00Z", campaign_id="winter", channel="email", contact_id="+4915112345"),
        event(
            "c",
            "bounced",
            "2026-05-03T11:00:00Z",
            bounce="hard",
            bounce_reason='No "such"\r\nuser, sorry',
        ),
        message("d", "2026-05-04T10:00:00Z", direction="inbound", channel="sms"),
        message("old", "2026-04-01T10:00:00Z", campaign_id="winter", channel="email"),
        message("test", "2026-05-04T10:00:00Z", is_test=True),
        {"type": "contact", "organization": "acme", "id": "1", "created_at": "2026-05-02T00:00:00Z"},
    )


@pytest.fixture(scope="module")
async def house(shared_store_url: str) -> AsyncIterator[House]:
    """One for all tests that change nothing."""
    async with open_house(shared_store_url) as opened:
        await stock(opened)
        yield opened


@pytest.fixture
async def own_house(store_url: str) -> AsyncIterator[House]:
    """One for a test that changes something."""
    async with open_house(store_url) as opened:
        await stock(opened)
        yield opened


def test_every_fact_can_be_exported_in_buckets() -> None:
    assert {f"{fact.name}_buckets" for fact in FACTS} < set(SOURCES)


async def test_buckets_are_those_of_the_query_metric_by_metric(house: House, key: str) -> None:
    file = await exported(house, key, messageBuckets={"window": DAYS, "granularity": "DAY"})

    names = " ".join(name.upper() for name in MESSAGES.measures)
    asked = " ".join(
        f'{name}: messageBuckets({ASKED}, metric: {name}, asOf: "{file.export["asOf"]}") '
        "{ total columns { start end state value } }"
        for name in names.split()
    )
    answer = await house.ask(key, f"{{ {asked} }}")
    for name in MESSAGES.measures:
        columns = answer[name.upper()]["columns"]
        assert [row["start"] for row in file.rows] == columns["start"]
        assert [row["end"] for row in file.rows] == columns["end"]
        assert [row["state"].upper() for row in file.rows] == columns["state"]
        assert [float(row[name]) if row[name] else None for row in file.rows] == columns["value"]
    assert sum(int(row["logged"] or 0) for row in file.rows) == answer["LOGGED"]["total"] == 3
    # the sixth of May begins at the clock's now: nothing of it is counted yet
    assert [row["state"] for row in file.rows] == ["final"] * 4 + ["provisional", "pending"]
    assert file.rows[-1]["logged"] == ""
    assert file.export["rows"] == 6


async def test_groups_have_a_row_where_anything_was_counted(house: House, key: str) -> None:
    file = await exported(
        house,
        key,
        messageBuckets={
            "window": DAYS,
            "metrics": ["DELIVERED", "LOGGED"],
            "groupBy": ["CAMPAIGN", "CHANNEL"],
            "filter": {"direction": ["outbound"]},
            "clock": "HAPPENED",
        },
    )

    # a was delivered a day after it was logged
    assert [tuple(row.values())[0:1] + tuple(row.values())[3:] for row in file.rows] == [
        ("2026-05-01T00:00:00Z", "spring", "sms", "0", "2"),
        ("2026-05-02T00:00:00Z", "spring", "sms", "1", "0"),
        ("2026-05-03T00:00:00Z", "winter", "email", "0", "1"),
    ]
    assert list(file.rows[0]) == ["start", "end", "state", "campaign", "channel", "delivered", "logged"]


async def test_slices_of_a_long_window_are_its_buckets(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {
        "window": {"between": {"start": "2026-04-30T10:07:00Z", "end": "2026-05-05T09:11:30Z"}},
        "granularity": "HOUR",
        "timezone": "Asia/Kolkata",
        "clip": True,
        "metrics": ["TOTAL", "DELIVERY_RATE"],
    }
    whole = (await exported(house, key, messageBuckets=asked)).rows
    monkeypatch.setattr("resolvers.exports.buckets.SLICE", 7)

    sliced = (await exported(house, key, messageBuckets=asked)).rows

    assert sliced == whole
    assert whole[0]["start"] == "2026-04-30T10:07:00Z"
    assert whole[-1]["end"] == "2026-05-05T09:11:30Z"
    assert sum(int(row["total"]) for row in whole) == 4
    assert len(whole) == 120  # from half past to half past, and two that are cut: 119 hours and a bit


OTHERS = {
    "engagement": "clicks",
    "webhook": "attempted",
    "campaign": "total",
    "contact": "total",
    "credit": "entries",
}


async def test_buckets_of_every_other_fact_add_up_to_their_total(own_house: House) -> None:
    house, key = own_house, await own_house.key("acme")
    at = "2026-05-02T10:00:00Z"
    delivery = {"endpoint_id": "crm", "kind": "message.sent", "outcome": "success", "at": at}
    await house.take(
        event("a", "clicked", at),
        {"type": "webhook_delivery", "organization": "acme", "id": "w", **delivery},
        {"type": "credit_entry", "organization": "acme", "id": "e", "kind": "grant", "credits": 5, "at": at},
    )

    for family, metric in OTHERS.items():
        source: dict[str, Any] = {f"{family}Buckets": {"window": DAYS}}
        file = await exported(house, key, **source)

        asked = f"{{ {family}Buckets({ASKED}, metric: {metric.upper()}) {{ total }} }}"
        total = (await house.ask(key, asked))[f"{family}Buckets"]["total"]
        assert sum(int(row[metric] or 0) for row in file.rows) == total == 1, family
        assert file.export["kind"] == f"{family}_buckets".upper()


SUMMARY = 'summary(window: {days: {first: "2026-05-01", last: "2026-05-06"}}) { logged delivered failed bounced deliveryRate costMicros }'


async def test_campaign_performance_is_each_campaigns_summary(house: House, key: str) -> None:
    file = await exported(house, key, campaignPerformance={"window": DAYS})

    answer = await house.ask(key, f"{{ campaigns {{ edges {{ node {{ externalId {SUMMARY} }} }} }} }}")
    summaries = {e["node"]["externalId"]: e["node"]["summary"] for e in answer["campaigns"]["edges"]}
    # newest first; winter is older, but has a message in the window, and asleep has none
    assert [row["campaign_id"] for row in file.rows] == ["spring", "winter"]
    for row in file.rows:
        summary = summaries[row["campaign_id"]]
        assert [int(row[name]) for name in ("logged", "delivered", "failed", "bounced", "cost_micros")] == [
            *(summary["logged"], summary["delivered"], summary["failed"], summary["bounced"]),
            summary["costMicros"],
        ]
        assert float(row["delivery_rate"]) == summary["deliveryRate"]
    # one of two delivered
    assert file.rows[0]["delivery_rate"] == "50.0"
    assert list(file.rows[0].values())[:5] == [
        *("spring", "The spring", "2026-05-01T08:00:00Z", "2026-05-01T09:00:00Z", "completed")
    ]


async def test_campaign_performance_by_day_has_a_row_for_each_campaign_and_day(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.exports.campaign_performance.CELLS", 1)  # one campaign at a time

    file = await exported(
        house,
        key,
        campaignPerformance={
            "window": {"days": {"first": "2026-05-01", "last": "2026-05-03"}},
            "campaignIds": ["Campaign:winter", "spring", "winter"],
            "timeSeries": True,
        },
    )

    assert [(row["date"], row["campaign_id"], row["logged"]) for row in file.rows] == [
        ("2026-05-01", "winter", "0"),
        ("2026-05-02", "winter", "0"),
        ("2026-05-03", "winter", "1"),
        ("2026-05-01", "spring", "2"),
        ("2026-05-02", "spring", "0"),
        ("2026-05-03", "spring", "0"),
    ]


async def test_overall_performance_is_the_overview(house: House, key: str) -> None:
    file = await exported(house, key, overallPerformance={"window": DAYS})
    by_month = await exported(
        house, key, overallPerformance={"window": DAYS, "timeSeries": True, "granularity": "MONTH"}
    )

    answer = await house.ask(
        key, f"{{ overview({ASKED}) {{ messages {{ total logged delivered failed received }} }} }}"
    )
    names = ("total", "logged", "delivered", "failed", "received")
    assert [int(file.rows[0][name]) for name in names] == list(answer["overview"]["messages"].values())
    assert list(answer["overview"]["messages"].values()) == [4, 3, 1, 1, 1]
    assert list(file.rows[0].values())[:4] == ["2026-05-01T00:00:00Z", "2026-05-07T00:00:00Z", "acme", "acme"]
    assert len(file.rows) == 1
    # the whole of May: the same messages
    assert [(row["date"], row["logged"]) for row in by_month.rows] == [("2026-05-01", "3")]


async def test_campaigns_are_listed_with_everything_ever_counted(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.exports.campaigns.PAGE", 1)

    file = await exported(house, key, campaigns={})
    some = await exported(house, key, campaigns={"filter": {"statuses": ["DRAFT", "SENDING"]}})

    assert [(row["campaign_id"], row["logged"]) for row in file.rows] == [
        *(("spring", "2"), ("asleep", "0"), ("winter", "2"))
    ]
    assert [row["campaign_id"] for row in some.rows] == ["asleep", "winter"]


async def test_messages_are_told_raw_and_add_up_to_the_query(house: House, key: str) -> None:
    file = await exported(house, key, messages={"window": DAYS})

    total = (await house.ask(key, f"{{ messageBuckets({ASKED}, metric: TOTAL) {{ total }} }}"))[
        "messageBuckets"
    ]["total"]
    assert len(file.rows) == total == 4
    assert [(row["message_id"], row["status"]) for row in file.rows] == [
        *(("a", "delivered"), ("b", "failed"), ("c", "bounced"), ("d", "received"))
    ]
    a, b, c, _ = file.rows
    assert (a["created_at"], a["delivered_at"], a["read_at"]) == (
        *("2026-05-01T10:00:00.25Z", "2026-05-02T00:30:00Z"),
        "",
    )
    assert (a["segments"], a["cost_micros"]) == ("2", "7900")
    assert b["contact_id"] == "'=HYPERLINK(1)"
    assert b["error_code"] == "30003"
    assert c["contact_id"] == "+4915112345"
    assert c["bounce_reason"] == 'No "such"\r\nuser, sorry'


async def test_messages_are_chosen_by_what_they_are_and_how_far_they_came(house: House, key: str) -> None:
    chosen = {"window": DAYS, "filter": {"channel": ["sms"]}, "statuses": ["FAILED", "RECEIVED"]}

    file = await exported(house, key, messages=chosen)

    assert [row["message_id"] for row in file.rows] == ["b", "d"]


async def test_csv_is_the_same_whether_the_store_writes_it_or_we_do(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_store = await exported(house, key, messages={"window": DAYS})
    monkeypatch.setattr("resolvers.exports.pour.can_copy", lambda *_: False)

    by_us = await exported(house, key, messages={"window": DAYS})

    assert by_us.body == by_store.body
    assert by_us.export["rows"] == by_store.export["rows"] == 4
    assert by_us.export["sha256"] == by_store.export["sha256"]


async def test_what_comes_after_the_request_is_not_in_the_file(own_house: House) -> None:
    house, key = own_house, await own_house.key("acme")
    asked = await requested(house, key, messages={"window": DAYS})
    await house.take(message("late", "2026-05-06T00:00:00Z"))

    file = await made(house, key, messages={"window": DAYS})

    assert asked["asOf"] == file["asOf"] == "2026-05-05T23:59:55Z"  # five seconds behind the clock
    assert file["rows"] == 4


LIST = "{ exports(first: 100) { edges { cursor } } }"
REFUSED = (
    (
        {"messageBuckets": {"granularity": "MINUTE", "window": {"last": {"count": 9, "unit": "YEAR"}}}},
        "WINDOW_TOO_LARGE",
    ),
    ({"messageBuckets": {"timezone": "Mars/Phobos"}}, "UNKNOWN_TIMEZONE"),
    ({"messageBuckets": {"groupBy": ["CAMPAIGN", "CAMPAIGN"]}}, "INVALID_INPUT"),
    ({"webhookBuckets": {"clock": "SENT"}}, "INVALID_INPUT"),
    ({"campaignPerformance": {"campaignIds": ["nobody"]}}, "NOT_FOUND"),
    ({"campaignPerformance": {"campaignIds": []}}, "INVALID_INPUT"),
    ({"overallPerformance": {"timeSeries": True, "granularity": "HOUR"}}, "INVALID_INPUT"),
    (
        {
            "messages": {
                "window": {"between": {"start": "2026-05-02T00:00:00Z", "end": "2026-05-01T00:00:00Z"}}
            }
        },
        "INVALID_TIME_RANGE",
    ),
)


async def test_what_cannot_be_asked_is_refused_at_once(house: House, key: str) -> None:
    document = "mutation ($source: ExportSourceInput!) { createExport(input: {source: $source}) { id } }"
    before = await house.ask(key, LIST)

    for source, code in REFUSED:
        response = await house.post(key, document, source=source)

        assert response.json()["errors"][0]["extensions"]["code"] == code, source
        assert await house.ask(key, LIST) == before, source
