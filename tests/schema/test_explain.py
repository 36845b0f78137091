"""How a series came about: what is counted, what is not, which tier answered."""

from __future__ import annotations

import re
from typing import Any

import pytest

from models import FACTS, MESSAGES, TIERS, VIEWS
from resolvers.caller import EXPLAIN_SQL, METRICS_READ
from tests.house import HOUR, House, event, message, open_house
from tests.schema.test_campaigns import counted
from tests.test_house import is_sentence

TERMS = "{ name about weight total countedAt }"
PARTS = "parts { tier table dimensions window { start end } }"
MAY = 'window: {days: {first: "2026-05-01", last: "2026-05-05"}}'


@pytest.fixture
async def trusted(house: House) -> str:
    """A key that may read SQL."""
    return await house.key("acme", (METRICS_READ, EXPLAIN_SQL))


async def explained(house: House, key: str, field: str, fields: str) -> dict[str, Any]:
    """The explanation of a field with its total beside it."""
    found = await house.ask(key, f"{{ {field} {{ total explain {{ {fields} }} }} }}")
    [answer] = found.values()
    return {"value": answer["total"], **answer["explain"]}


async def test_numerator_and_denominator_make_the_value(house: House, key: str) -> None:
    sent = {"sent_at": "2026-05-05T10:00:00Z"}
    await house.take(
        *(message(name, "2026-05-05T10:00:00Z", **sent) for name in "abcd"),
        event("a", "opened", "2026-05-05T11:00:00Z"),
        event("b", "opened", "2026-05-05T11:00:00Z"),
        event("a", "clicked", "2026-05-05T11:00:00Z"),
    )

    found = await explained(
        house,
        key,
        f"messageBuckets(metric: ENGAGEMENT_SCORE, {MAY})",
        f"times numerator {TERMS} denominator {TERMS} metric {{ name kind unit formula }} asOf revision",
    )

    # 100 × (0.3 × 2 opened + 0.4 × 1 clicked + 0.3 × 0 replied) ÷ 4 attempted
    assert [(one["name"], one["weight"], one["total"]) for one in found["numerator"]] == [
        ("OPENED", 0.3, 2),
        ("CLICKED", 0.4, 1),
        ("REPLIED", 0.3, 0),
    ]
    assert [(one["name"], one["weight"], one["total"]) for one in found["denominator"]] == [
        ("ATTEMPTED", 1, 4)
    ]
    assert (found["times"], found["value"]) == (100, 25)
    assert found["metric"] == {
        "name": "ENGAGEMENT_SCORE",
        "kind": "ratio",
        "unit": "points",
        "formula": "100 × (0.3 opened + 0.4 clicked + 0.3 replied) ÷ attempted",
    }
    assert (found["asOf"], found["revision"]) == ("2026-05-05T23:59:55Z", 1)


async def test_what_is_taken_away_weighs_less_than_nothing(house: House, key: str) -> None:
    await house.take(
        *(message(name, "2026-05-05T10:00:00Z", sent_at="2026-05-05T10:00:00Z") for name in "abc"),
        event("a", "bounced", "2026-05-05T11:00:00Z"),
        event("b", "opened", "2026-05-05T11:00:00Z"),
    )

    found = await explained(
        house, key, f"messageBuckets(metric: ACCEPTED_OPEN_RATE, {MAY})", f"denominator {TERMS}"
    )

    # 1 opened of 3 attempted − 1 bounced
    assert [(one["weight"], one["total"]) for one in found["denominator"]] == [(1, 3), (-1, 1)]
    assert found["value"] == 50


async def test_a_sum_is_its_own_numerator_and_counts_where_its_clock_says(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T10:00:00Z", delivered_at="2026-05-05T10:00:01Z"))

    told = [
        await explained(
            house,
            key,
            f"messageBuckets(metric: ATTEMPTED, clock: {clock}, {MAY})",
            f"times numerator {TERMS} denominator {TERMS} clock clockAbout",
        )
        for clock in ("CREATED", "HAPPENED", "SENT")
    ]

    left = "sent_at, else delivered_at, else failed_at, else hard_bounced_at, else soft_bounced_at"
    assert [one["numerator"][0]["countedAt"] for one in told] == ["created_at", left, left]
    assert [(one["times"], one["numerator"][0]["total"], one["denominator"]) for one in told] == [
        (1, 1, None)
    ] * 3
    assert "left us" in told[2]["clockAbout"] and told[2]["clock"] == "SENT"


async def test_what_is_not_counted_is_said(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T10:00:00Z"), message("b", "2026-05-05T10:00:00Z", is_test=True))
    window = 'window: {days: {first: "2026-05-05", last: "2026-05-07"}}'

    found = await explained(house, key, f"messageBuckets({window})", "excluded population")

    assert found["value"] == 1
    assert found["excluded"] == [
        "Test messages never count.",
        "2 of 3 buckets begin after the watermark and are not counted yet.",
    ]
    assert found["population"] == MESSAGES.about


def test_what_a_fact_holds_back_it_says() -> None:
    for fact in (*FACTS, *VIEWS):
        if fact.where is not None or fact.view is not None:
            assert fact.leaves_out, fact.name
        assert [text for text in fact.leaves_out if not is_sentence(text)] == []


QUESTIONS = {
    f"messageBuckets(granularity: MONTH, {MAY})": ["month"],
    f"messageBuckets({MAY}, groupBy: [SENDER])": ["day"],
    f'messageBuckets({MAY}, timezone: "Asia/Kathmandu")': ["slim_quarter"],
    f'messageBuckets({MAY}, timezone: "Asia/Kathmandu", filter: {{campaign: ["a", "b"]}})': ["quarter"],
    f"messageBuckets({MAY}, clock: SENT, granularity: HOUR)": ["slim_quarter"],
    f"messageBuckets({MAY}, groupBy: [STATUS])": ["raw rows"],
    "messageBuckets(granularity: MINUTE, window: {last: {count: 9, unit: MINUTE}})": ["minute"],
    'messageBuckets(granularity: HOUR, clip: true, window: {between: {start: "2026-05-05T10:07:00.5Z", '
    'end: "2026-05-05T12:20:01Z"}})': ["raw rows", "slim_quarter", "raw rows"],
    f"engagementBuckets({MAY}, groupBy: [CAMPAIGN], clock: HAPPENED)": ["day"],
    f'orderBuckets({MAY}, filter: {{ofContact: {{city: ["Lyon"]}}}})': ["raw rows"],
    f"mailboxDayBuckets({MAY})": ["quarter"],
    f"recipientBuckets({MAY})": ["raw rows"],
}


@pytest.mark.parametrize("field", QUESTIONS, ids=range(len(QUESTIONS)))
async def test_the_tier_that_is_named_is_the_one_that_answered(
    house: House, trusted: str, field: str
) -> None:
    await house.take(
        message("a", "2026-05-05T10:10:00Z", campaign_id="a", contact_id="1"),
        event("a", "clicked", "2026-05-05T11:00:00Z"),
    )
    await house.told_of_commits()
    await house.ask(trusted, "{ freshness { asOf } }")  # the key and the watermarks are known from here on
    with counted(house) as plain:
        await house.ask(trusted, f"{{ {field} {{ total }} }}")
    with counted(house) as statements:
        found = await explained(house, trusted, field, f"{PARTS} sql")

    assert [part["tier"] for part in found["parts"]] == QUESTIONS[field]
    ran = sorted(nameless(one) for one in statements)
    assert ran == sorted(nameless(one) for one in plain)  # explaining asks the store for nothing
    assert len(found["sql"]) == len(found["parts"])
    for part, sql in zip(found["parts"], found["sql"], strict=True):
        text, comment = sql.rsplit("\n-- ", 1)
        assert nameless(text) in ran
        assert comment.startswith('{"') and '"organization_id' in comment
        if part["table"] is not None:
            assert re.search(rf"FROM {part['table']}\b", text)
    spans = [part["window"] for part in found["parts"]]
    assert [one["end"] for one in spans[:-1]] == [one["start"] for one in spans[1:]]


def nameless(sql: str) -> str:
    """A statement without the names of its parameters, which drivers know by number or place."""
    return re.sub(r"\$\d+|(?<!:):[A-Za-z_]\w*", "?", sql)


async def test_a_tier_is_told_with_what_it_can_be_split_by(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T10:10:00Z"))

    found = await explained(house, key, f'messageBuckets({MAY}, timezone: "Asia/Kolkata")', PARTS)

    [part] = found["parts"]
    slim = [
        dimension.name.upper()
        for tier in TIERS[MESSAGES]
        if tier.name == "slim_quarter"
        for dimension in tier.dimensions
    ]
    assert (part["table"], part["dimensions"]) == ("message_slim_quarter", slim)
    assert "CAMPAIGN" not in slim and "CHANNEL" in slim


async def test_without_the_scope_only_the_sql_is_refused(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T10:10:00Z"))
    response = await house.post(
        key, f"{{ messageBuckets({MAY}) {{ total explain {{ metric {{ name }} sql }} }} }}"
    )

    body = response.json()
    assert body["data"]["messageBuckets"] == {
        "total": 1,
        "explain": {"metric": {"name": "LOGGED"}, "sql": None},
    }
    [error] = body["errors"]
    assert error["path"] == ["messageBuckets", "explain", "sql"]
    assert (error["extensions"]["code"], error["extensions"]["required_scope"]) == (
        "FORBIDDEN",
        "explain:sql",
    )


async def test_a_series_below_another_field_is_explained_alone(house: House, trusted: str) -> None:
    await house.take(
        *(
            {"type": "campaign", "organization": "acme", "id": name, "created_at": "2026-05-01T00:00:00Z"}
            for name in "xy"
        ),
        message("a", "2026-05-05T10:00:00Z", campaign_id="x"),
        message("b", "2026-05-05T10:00:00Z", campaign_id="y"),
        message("c", "2026-05-05T10:00:00Z", campaign_id="y"),
    )

    found = await house.ask(
        trusted,
        f"{{ campaigns {{ edges {{ node {{ externalId timeSeries({MAY}) {{ explain {{ numerator {TERMS} sql }} }} }} }} }} }}",
    )

    told = {
        edge["node"]["externalId"]: edge["node"]["timeSeries"]["explain"]
        for edge in found["campaigns"]["edges"]
    }
    assert {name: one["numerator"][0]["total"] for name, one in told.items()} == {"x": 1, "y": 2}
    assert '"x"' in told["x"]["sql"][0] and '"y"' not in told["x"]["sql"][0]


async def test_what_retention_has_left_is_told_part_by_part(store_url: str) -> None:
    async with open_house(store_url, retention_detailed_days=15) as house:
        await house.take({"type": "organization", "id": "acme", "timezone": "UTC"})
        await house.take(*(message(f"m{day}", f"2026-04-{day}T10:10:00Z") for day in range(19, 24)))
        await house.gateway.retainer.once()
        house.now += 2 * HOUR
        assert await house.gateway.retainer.once() > 0
        key = await house.key("acme", (METRICS_READ, EXPLAIN_SQL))
        window = 'window: {days: {first: "2026-04-19", last: "2026-04-23"}}'
        days = await explained(house, key, f"messageBuckets({window})", PARTS)
        hours = await explained(
            house,
            key,
            f"messageBuckets({window}, granularity: HOUR)",
            f"{PARTS} numerator {TERMS} excluded sql",
        )
        noon = window.replace("days", "between").replace("first", "start").replace("last", "end")
        noon = noon.replace("19", "19T00:00:00Z").replace("23", "23T12:00:00Z")
        clipped = await explained(house, key, f"messageBuckets({noon}, clip: true)", PARTS)

    assert days["value"] == 5
    assert [spans(part) for part in days["parts"]] == [("day", "2026-04-19T00", "2026-04-24T00")]
    # 15 days besides the running one are kept finer than days, from the 20th on: of 120 hours 24 are gone
    assert (hours["value"], hours["numerator"][0]["total"]) == (None, None)
    assert [spans(part) for part in hours["parts"]] == [("slim_quarter", "2026-04-20T00", "2026-04-24T00")]
    assert hours["excluded"][1:] == ["24 of 120 buckets are no longer kept this finely; there is no total."]
    assert len(hours["sql"]) == 1
    # whole days from the days, which retention has left, and the half one from quarters of an hour
    assert clipped["value"] == 5
    assert [spans(part) for part in clipped["parts"]] == [
        ("day", "2026-04-19T00", "2026-04-23T00"),
        ("slim_quarter", "2026-04-23T00", "2026-04-23T12"),
    ]


def spans(part: dict[str, Any]) -> tuple[str, str, str]:
    """A part as its tier and its ends, to the hour."""
    return part["tier"], part["window"]["start"][:13], part["window"]["end"][:13]
