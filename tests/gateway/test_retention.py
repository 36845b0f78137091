"""Retention as clients and operators meet it: EXPIRED in GraphQL, a clear refusal in the shims, a command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from models import Message
from resolvers.kept import Kept
from resolvers.periods import minute
from resolvers.retention import census
from resolvers.watermarks import horizon_of
from tests.gateway.exports.asking import CREATE, looked, made, requested
from tests.gateway.test_cli import heliograph
from tests.guard import Guard
from tests.house import ACME, HOUR, House, bearer, event, message, open_house

UUID = "5b0c6f1e-8f5e-4f0b-9a57-2d3f6f1c7a10"
ALIASES = {"aliases": {"messagesender": UUID, "penguinmails": "ws_1"}}
ENDED = {"status": "completed", "started_at": "2026-03-01T10:00:00Z", "ended_at": "2026-03-01T10:01:00Z"}
# It is 6 May 2026: with the running day, details are kept from 6 April and days from 1 May 2025.
PRESET: dict[str, Any] = {"retention_detailed_days": 29, "retention_daily_days": 364}
MARCH = '{between: {start: "2026-03-01T00:00:00Z", end: "2026-03-02T00:00:00Z"}}'
DAY_BEFORE = '{between: {start: "2026-04-05T22:00:00Z", end: "2026-04-06T02:00:00Z"}}'


@asynccontextmanager
async def retaining(store_url: str) -> AsyncGenerator[House]:
    """A house in which retention has been on for two hours."""
    async with open_house(store_url, **PRESET) as opened:
        mail = {"channel": "email", "campaign_id": "spring"}
        await opened.take(
            {**ACME, **ALIASES, "plan": "unlimited"},
            message("ancient", "2024-03-01T10:00:00Z", **mail),
            message("old", "2026-03-01T10:00:00Z", **mail),
            message("young", "2026-04-06T01:00:00Z", **mail, sent_at="2026-04-06T01:00:00Z"),
            event("old", "opened", "2026-03-01T11:00:00Z"),
            {
                "type": "campaign",
                "organization": "acme",
                "id": "spring",
                "name": "Spring",
                "created_at": "2024-03-01T09:00:00Z",
                "status": "completed",
            },
        )
        assert await opened.gateway.retainer.once() == 0, "who asks now may still look below"
        opened.now += 2 * HOUR
        # both old rows and their event, on two clocks their quarters (slim and not), and the days of 2024
        assert await opened.gateway.retainer.once() > 3
        yield opened


@pytest.fixture(scope="module")
async def house(shared_store_url: str) -> AsyncIterator[House]:
    """One for all tests that only read."""
    async with retaining(shared_store_url) as opened:
        yield opened


@pytest.fixture
async def own_house(store_url: str) -> AsyncIterator[House]:
    """One for a test that changes something."""
    async with retaining(store_url) as opened:
        yield opened


async def test_buckets_that_are_gone_are_expired_and_null(house: House) -> None:
    key = await house.key("acme")
    fields = "buckets { state value metrics { logged } groups { value } } columns { state value } total"

    found = (
        await house.ask(key, f"{{ messageBuckets(granularity: HOUR, window: {DAY_BEFORE}) {{ {fields} }} }}")
    )["messageBuckets"]
    days = await house.ask(key, f"{{ messageBuckets(granularity: DAY, window: {MARCH}) {{ total }} }}")

    assert found["columns"] == {
        "state": ["EXPIRED", "EXPIRED", "FINAL", "FINAL"],
        "value": [None, None, 0, 1],
    }
    assert found["total"] is None
    assert found["buckets"][0] == {"state": "EXPIRED", "value": None, "metrics": None, "groups": None}
    assert found["buckets"][3]["metrics"] == {"logged": 1}
    assert days["messageBuckets"]["total"] == 1


async def test_a_frontend_can_know_beforehand(house: House) -> None:
    found = await house.ask(await house.key("acme"), "{ limits { detailedFrom dailyFrom } }")

    assert found["limits"] == {"detailedFrom": "2026-04-06T00:00:00Z", "dailyFrom": "2025-05-01T00:00:00Z"}


async def test_a_comparison_with_what_is_gone_has_no_change(house: House) -> None:
    key = await house.key("acme")
    hours = '{between: {start: "2026-04-06T00:00:00Z", end: "2026-04-06T02:00:00Z"}}'

    found = await house.ask(
        key,
        f"{{ messageBuckets(granularity: HOUR, compareTo: DAY, window: {hours}) {{ total "
        "buckets { value priorValue } comparison { total priorTotal change changePercent } } }",
    )

    assert found["messageBuckets"]["total"] == 1
    assert found["messageBuckets"]["buckets"][1] == {"value": 1, "priorValue": None}
    assert found["messageBuckets"]["comparison"] == {
        "total": 1,
        "priorTotal": None,
        "change": None,
        "changePercent": None,
    }


async def test_a_number_that_is_gone_is_an_error_that_leaves_the_others_alone(house: House) -> None:
    key = await house.key("acme")
    ragged = '{between: {start: "2026-03-01T09:00:00Z", end: "2026-05-01T00:00:00Z"}}'
    document = f"""{{
      gone: campaign(id: "spring") {{ summary(window: {ragged}) {{ logged }} }}
      kept: campaign(id: "spring") {{ summary {{ logged }} }}
    }}"""

    body = (await house.post(key, document)).json()
    heatmap = (await house.post(key, f"{{ heatmap(window: {MARCH}) {{ total }} }}")).json()

    assert body["data"] == {"gone": None, "kept": {"summary": {"logged": 3}}}
    told = body["errors"][0]["extensions"]
    assert (told["code"], told["earliest"], told["granularity"]) == ("EXPIRED", "2026-04-06T00:00:00Z", "DAY")
    assert heatmap["errors"][0]["extensions"]["code"] == "EXPIRED"


async def test_what_months_and_days_still_know_is_answered(house: House) -> None:
    key = await house.key("acme")

    found = await house.ask(
        key,
        """{
          topCampaigns(metric: LOGGED) { value }
          days: topCampaigns(metric: LOGGED, window: {days: {first: "2026-03-01", last: "2026-05-05"}}) { value }
          mixed: topCampaigns(metric: LOGGED, window: {between: {
            start: "2024-03-01T00:00:00Z", end: "2026-04-06T01:00:00.000001Z"}}) { value }
          campaign(id: "spring") { summary { logged opened } }
          overview(window: {days: {first: "2024-03-01", last: "2026-05-05"}}) { messages { logged } }
        }""",
    )

    assert found["topCampaigns"] == [{"value": 3}]
    assert found["days"] == [{"value": 2}]
    assert found["mixed"] == [{"value": 3}]  # months, then days, then an hour, then what its row tells
    assert found["campaign"]["summary"] == {"logged": 3, "opened": 1}
    assert found["overview"]["messages"]["logged"] == 3


GONE = (
    (
        "/v1/metrics/messages",
        {
            "metric": "sent",
            "from": "2026-04-05T00:00:00Z",
            "to": "2026-04-06T02:00:00Z",
            "granularity": "hour",
        },
        422,
        "reaches back further than what is kept",
    ),
    (
        "/api/analytics/trends",
        {"metric": "messages", "startDate": "2026-03-01T09:00:00Z", "endDate": "2026-04-06"},
        400,
        "no longer kept",
    ),
    (
        "/api/analytics/best-send-times",
        {"startDate": "2026-03-01", "endDate": "2026-04-06"},
        400,
        "2026-04-06T00:00:00Z",
    ),
    (
        "/api/v1/workspaces/ws_1/campaigns/spring/analytics",
        {"startDate": "2025-03-01", "endDate": "2025-06-01", "groupBy": "day"},
        400,
        "2025-05-01T00:00:00Z",
    ),
    (
        "/api/v1/workspaces/ws_1/analytics/engagement-heatmap",
        {"timeRange": "90d"},
        400,
        "no longer kept",
    ),
)


async def test_a_vendor_refuses_what_is_gone_in_its_own_words(house: House) -> None:
    headers = {**bearer(await house.key("acme")), "x-organization-id": UUID}

    for url, params, status, words in GONE:
        refused = await house.client.get(url, params=params, headers=headers)
        answered = await house.client.get(
            "/api/analytics/trends",
            params={"metric": "messages", "startDate": "2026-03-01", "endDate": "2026-03-02"},
            headers=headers,
        )

        assert (refused.status_code, words in refused.text) == (status, True), (url, refused.text)
        assert (answered.status_code, answered.json()[0]["total"]) == (200, 1), url


async def test_exports_say_so_too(house: House) -> None:
    key = await house.key("acme")
    source = {"messages": {"window": {"days": {"first": "2026-03-01", "last": "2026-05-05"}}}}
    refused = (await house.post(key, CREATE, input={"source": source, "format": "CSV"})).json()
    window = {"between": {"start": "2026-04-05T23:00:00Z", "end": "2026-04-06T02:00:00Z"}}
    buckets = {"window": window, "granularity": "HOUR", "metrics": ["LOGGED"], "groupBy": ["CHANNEL"]}

    done = await made(house, key, messageBuckets=buckets)
    file = (await house.client.get(done["downloadUrl"])).text
    whole = {"window": {"days": {"first": "2024-03-02", "last": "2026-05-05"}}, "timeSeries": False}
    source = {"overallPerformance": whole}
    total = (await house.post(key, CREATE, input={"source": source, "format": "CSV"})).json()

    assert refused["errors"][0]["extensions"]["code"] == "EXPIRED"
    assert total["errors"][0]["extensions"]["code"] == "EXPIRED"
    assert [line.split(",")[2:] for line in file.splitlines()[1:]] == [
        ["expired", "", ""],
        ["final", "email", "1"],
    ]


async def test_an_export_whose_rows_go_while_it_waits_fails_and_says_why(own_house: House) -> None:
    house = own_house
    key = await house.key("acme")
    window = {"days": {"first": "2026-04-06", "last": "2026-04-08"}}
    asked = await requested(house, key, messages={"window": window})
    house.now += timedelta(days=3)
    await house.gateway.retainer.once()

    while await house.gateway.exporter.make_one():
        pass

    export = await looked(house, key, asked["id"])
    assert export["status"] == "FAILED"
    assert "no longer kept" in export["error"]


async def test_late_records_are_refused_and_counted_over_http(house: House) -> None:
    headers = {**bearer(await house.key("acme")), "Content-Type": "application/x-ndjson"}
    late = b'{"type": "event", "message_id": "old", "event": "opened", "at": "2026-05-05T11:00:00Z"}'

    answer = await house.client.post("/v1/events", content=late, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["refused"] == [
        {"line": 1, "reason": "it is about something older than what is kept (retention)"}
    ]


async def test_every_statement_of_it_says_whose_rows_it_means(own_house: House) -> None:
    house = own_house
    house.now += timedelta(days=40)
    with Guard().over(house.gateway.store) as guard:
        await house.gateway.retainer.once()
        house.now += HOUR
        assert await house.gateway.retainer.once() > 0
        async with house.store.reading() as db:
            await census(db, await house.organization("acme"), Kept(1, 1))

    assert guard.faults == []
    assert guard.unscoped == set()


async def test_the_worker_does_it_by_itself(store_url: str) -> None:
    async with open_house(store_url, **PRESET) as house:
        await house.take(ACME)
        working = asyncio.create_task(house.gateway.worker.run())
        kept = 0
        while not kept:
            await asyncio.sleep(0.01)
            async with house.store.reading() as db:
                kept = (await horizon_of(db, (await house.organization("acme")).id)).detailed
        house.gateway.worker.stop()
        await working

    assert kept == minute(datetime(2026, 4, 6, tzinfo=UTC))


async def test_it_is_off_unless_it_is_asked_for(store_url: str) -> None:
    async with open_house(store_url) as house:
        await house.take(ACME, message("ancient", "2001-03-01T10:00:00Z"))
        await house.gateway.retainer.once()
        house.now += timedelta(days=1)
        assert await house.gateway.retainer.once() == 0
        async with house.store.reading() as db:
            assert (await db.execute(sa.select(sa.func.count()).select_from(Message))).scalar_one() == 1


RECORDS = b"""\
{"type": "organization", "id": "acme"}
{"type": "organization", "id": "other"}
{"type": "message", "organization": "acme", "id": "a", "created_at": "2019-05-05T10:00:00Z"}
{"type": "message", "organization": "other", "id": "a", "created_at": "2019-05-05T10:00:00Z"}
"""


def test_the_command_says_what_would_go_and_takes_it(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heliograph("migrate", url=store_url)
    heliograph("ingest", "-", url=store_url, given=RECORDS)
    assert b"RETENTION_DETAILED_DAYS" in heliograph("retention", url=store_url).stderr
    monkeypatch.setenv("RETENTION_DETAILED_DAYS", "30")
    monkeypatch.setenv("REQUEST_TIMEOUT_SECONDS", "0.1")
    monkeypatch.setattr("gateway.app.GRACE_S", 0.1)

    dry = [heliograph("retention", "--dry-run", url=store_url).stdout.decode() for _ in range(2)]
    assert dry[0] == dry[1]
    rows = [line.split() for line in dry[0].splitlines()]
    assert [row[-1] for row in rows if row[1:2] == ["messages"]] == ["1", "1"]
    assert [row[-1] for row in rows if row[1:2] == ["message_quarter"]] == ["2", "2"]

    taken = heliograph("retention", "--org", "acme", url=store_url)
    assert taken.returncode == 0
    # a row, and on two clocks one quarter in each of both tiers
    assert b"5 rows are gone" in taken.stderr
    left = heliograph("retention", "--dry-run", url=store_url).stdout.decode().splitlines()
    assert [line.split()[-1] for line in left if " messages " in line] == ["0", "1"]
    assert b"no organization 'nobody'" in heliograph("retention", "--org", "nobody", url=store_url).stderr


async def test_whatomate_refuses_hours_that_are_gone_and_tells_days_and_conversations(
    own_house: House,
) -> None:
    house = own_house
    key = await house.key("acme")
    await house.take({"type": "bot_session", "organization": "acme", "id": "s", **ENDED})
    march = {"start_date": "2026-03-01", "end_date": "2026-03-02"}

    async def ask(url: str, **params: str) -> tuple[int, Any]:
        answer = await house.client.get(f"/api/analytics/{url}", params=params, headers={"X-API-Key": key})
        return answer.status_code, answer.json()

    status, told = await ask("messages", **march)
    assert (status, [point["sent"] for point in told["data"]["timeline"]]) == (200, [1, 0])
    status, told = await ask("messages", **march, granularity="hour")
    assert (status, told["status"], told["data"]) == (400, "error", None)
    assert "2026-04-06" in told["message"]
    assert (await ask("chatbot", **march))[0] == 200
    ever = "{ sessionBuckets(granularity: MONTH, window: {lifetime: {}}) { columns { state } } }"
    found = (await house.ask(key, ever))["sessionBuckets"]["columns"]["state"]
    assert found == ["FINAL", "FINAL", "PROVISIONAL"]
