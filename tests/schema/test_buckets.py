"""Buckets as GraphQL gives them: states, groups, comparison, pages, columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.house import ACME, House, message, open_house

DAY = 'window: {days: {first: "2026-05-05", last: "2026-05-05"}}'


async def test_a_running_bucket_is_provisional_and_a_coming_one_is_pending(house: House, key: str) -> None:
    # now is 2026-05-06 00:00, so the watermark stands at 23:59:55
    await house.take(message("a", "2026-05-05T10:00:00Z"), message("b", "2026-05-05T23:59:00Z"))
    window = 'window: {between: {start: "2026-05-05T22:00:00Z", end: "2026-05-06T01:00:00Z"}}'

    found = await house.ask(
        key,
        f"{{ messageBuckets(granularity: HOUR, {window}) {{ total buckets {{ state value metrics {{ logged }} }} }} }}",
    )

    assert found["messageBuckets"]["buckets"] == [
        {"state": "FINAL", "value": 0, "metrics": {"logged": 0}},
        {"state": "PROVISIONAL", "value": 1, "metrics": {"logged": 1}},
        {"state": "PENDING", "value": None, "metrics": None},
    ]


async def test_groups_are_named_by_their_dimensions_and_sum_to_the_bucket(house: House, key: str) -> None:
    await house.take(
        message("a", "2026-05-05T10:00:00Z", channel="sms"),
        message("b", "2026-05-05T10:00:00Z", channel="sms"),
        message("c", "2026-05-05T11:00:00Z", channel="email"),
        message("d", "2026-05-05T11:00:00Z"),
    )

    found = await house.ask(
        key,
        f"{{ messageBuckets({DAY}, groupBy: [CHANNEL]) {{ total buckets {{ value groups {{ key value }} }} }} }}",
    )

    assert found["messageBuckets"]["buckets"] == [
        {
            "value": 4,
            "groups": [
                {"key": [""], "value": 1},
                {"key": ["email"], "value": 1},
                {"key": ["sms"], "value": 2},
            ],
        }
    ]


async def test_filters_keep_only_what_they_name(house: House, key: str) -> None:
    await house.take(
        message("a", "2026-05-05T10:00:00Z", channel="sms", campaign_id="x"),
        message("b", "2026-05-05T10:00:00Z", channel="email", campaign_id="x"),
        message("c", "2026-05-05T10:00:00Z", channel="sms"),
    )

    found = await house.ask(
        key,
        f'{{ both: messageBuckets({DAY}, filter: {{channel: ["sms"], campaign: ["x", "y"]}}) {{ total }}'
        f' none: messageBuckets({DAY}, filter: {{campaign: [""]}}) {{ total }}'
        f" nobody: messageBuckets({DAY}, filter: {{channel: []}}) {{ total }} }}",
    )

    assert [found[name]["total"] for name in ("both", "none", "nobody")] == [1, 1, 0]


async def test_an_unfinished_window_is_compared_with_the_same_part_of_the_earlier_one(store_url: str) -> None:
    # It is noon on the 6th: of today's window 12 hours have passed.
    async with open_house(store_url, now=datetime(2026, 5, 6, 12, 0, 5, tzinfo=UTC)) as house:
        await house.take({"type": "organization", "id": "acme"})
        await house.take(
            message("a", "2026-05-05T03:00:00Z"),
            message("b", "2026-05-05T20:00:00Z"),  # after noon: not yet comparable
            message("c", "2026-05-06T05:00:00Z"),
            message("d", "2026-05-06T06:00:00Z"),
        )
        found = await house.ask(
            await house.key("acme"),
            "{ messageBuckets(window: {last: {count: 1, unit: DAY}}, compareTo: PRIOR_PERIOD) {"
            " total buckets { value priorValue priorStart }"
            " comparison { until total priorTotal change changePercent window { start end } } } }",
        )

    buckets = found["messageBuckets"]
    assert buckets["buckets"] == [{"value": 2, "priorValue": 2, "priorStart": "2026-05-05T00:00:00Z"}]
    assert buckets["comparison"] == {
        "until": "2026-05-06T12:00:00Z",
        "total": 2,
        "priorTotal": 1,
        "change": 1,
        "changePercent": 100,
        "window": {"start": "2026-05-05T00:00:00Z", "end": "2026-05-06T00:00:00Z"},
    }


async def test_what_lies_beyond_the_watermark_is_not_in_the_total(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T22:30:00Z"), message("b", "2026-05-05T23:30:00Z"))
    pinned = f'messageBuckets(granularity: HOUR, {DAY}, asOf: "2026-05-05T23:00:00Z")'

    found = (await house.ask(key, f"{{ {pinned} {{ total buckets {{ value }} }} }}"))["messageBuckets"]

    assert found["total"] == sum(bucket["value"] or 0 for bucket in found["buckets"]) == 1
    assert found["buckets"][-1]["value"] is None


async def test_a_window_that_has_not_begun_compares_nothing_with_nothing(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T03:00:00Z"))
    tomorrow = 'window: {days: {first: "2026-05-06", last: "2026-05-06"}}'

    found = await house.ask(
        key,
        f"{{ messageBuckets({tomorrow}, compareTo: DAY) {{ comparison {{ total priorTotal changePercent }} }} }}",
    )

    assert found["messageBuckets"]["comparison"] == {"total": 0, "priorTotal": 0, "changePercent": None}


async def test_a_change_from_nothing_has_no_percentage(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T03:00:00Z"))

    found = await house.ask(
        key,
        f"{{ messageBuckets({DAY}, compareTo: WEEK) {{ comparison {{ total priorTotal change changePercent }} }} }}",
    )

    assert found["messageBuckets"]["comparison"] == {
        "total": 1,
        "priorTotal": 0,
        "change": 1,
        "changePercent": None,
    }


async def test_every_comparison_works_on_every_granularity(house: House, key: str) -> None:
    await house.take(message("a", "2026-03-31T03:00:00Z"))
    asked = [
        f'{granularity}_{compare}: messageBuckets(window: $window, timezone: "Europe/Madrid",'
        f" granularity: {granularity}, compareTo: {compare})"
        " { bucketCount buckets { priorValue } columns { priorValue } }"
        for compare in ("PRIOR_PERIOD", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
        for granularity in ("HOUR", "DAY", "WEEK", "MONTH")
    ]
    window = {"days": {"first": "2026-03-29", "last": "2026-04-30"}}  # over the change to summer time

    answers = await house.ask(key, f"query ($window: WindowInput!) {{ {' '.join(asked)} }}", window=window)

    for found in answers.values():
        assert len(found["buckets"]) == found["bucketCount"] == len(found["columns"]["priorValue"])


async def test_pages_of_buckets_put_together_are_the_whole(house: House, key: str) -> None:
    await house.take(*(message(f"m{hour}", f"2026-05-05T{hour:02}:30:00Z") for hour in range(0, 24, 5)))
    ask = (
        f"query ($after: String, $first: Int) {{ messageBuckets({DAY}, granularity: HOUR, first: $first, after: $after)"
        " { total bucketCount buckets { start value } columns { value } pageInfo { hasNextPage endCursor } } }"
    )
    whole = (await house.ask(key, ask))["messageBuckets"]

    rows: list[dict[str, object]] = []
    after = None
    while True:
        page = (await house.ask(key, ask, first=7, after=after))["messageBuckets"]
        rows += page["buckets"]
        assert (page["total"], page["bucketCount"]) == (5, 24)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert rows == whole["buckets"]
    assert whole["columns"]["value"] == [row["value"] for row in whole["buckets"]]


async def test_a_bucket_cursor_pins_the_question(house: House, key: str) -> None:
    ask = "query ($after: String) { messageBuckets(%s, granularity: HOUR, metric: %s, first: 2, after: $after) { pageInfo { endCursor } } }"
    cursor = (await house.ask(key, ask % (DAY, "SENT")))["messageBuckets"]["pageInfo"]["endCursor"]

    response = await house.post(key, ask % (DAY, "LOGGED"), after=cursor)

    assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"


async def test_a_page_is_pinned_to_the_watermark_of_the_first(house: House, key: str) -> None:
    ask = 'query ($after: String) { messageBuckets(window: {days: {first: "2026-05-05", last: "2026-05-06"}}, granularity: HOUR, first: 30, after: $after) { asOf pageInfo { endCursor } buckets { state } } }'
    first = (await house.ask(key, ask))["messageBuckets"]

    house.now = datetime(2026, 5, 7, tzinfo=UTC)
    await house.gateway.worker.refresh()
    second = (await house.ask(key, ask, after=first["pageInfo"]["endCursor"]))["messageBuckets"]

    assert second["asOf"] == first["asOf"]
    assert {bucket["state"] for bucket in second["buckets"]} == {"PENDING"}


async def test_the_plan_limits_how_fine_and_how_many_buckets_there_are(house: House) -> None:
    await house.take({"type": "organization", "id": "small", "plan": "payg"})
    key = await house.key("small")

    fine = await house.post(key, "{ messageBuckets(granularity: HOUR) { total } }")
    long = await house.post(
        key, '{ messageBuckets(window: {days: {first: "1990-01-01", last: "2026-01-01"}}) { total } }'
    )

    told = fine.json()["errors"][0]["extensions"]
    assert (told["code"], told["max_granularity"]) == ("GRANULARITY_NOT_AVAILABLE", "day")
    told = long.json()["errors"][0]["extensions"]
    # 36 years of 365 days, 9 leap days (1992 … 2024), and the last day itself
    assert (told["code"], told["bucket_count"], told["max_buckets"]) == (
        "WINDOW_TOO_LARGE",
        36 * 365 + 9 + 1,
        10_000,
    )


async def test_the_heatmap_puts_messages_into_local_hours_and_sums_to_the_total(
    house: House, key: str
) -> None:
    # Tuesday 2026-05-05 22:30 UTC is Wednesday 04:00 in Kolkata
    await house.take(message("a", "2026-05-05T22:30:00Z", opened_at="2026-05-05T23:00:00Z"))

    found = (
        await house.ask(
            key, f'{{ heatmap({DAY}, timezone: "Asia/Kolkata") {{ total cells {{ weekday hour value }} }} }}'
        )
    )["heatmap"]

    assert found["total"] == 0  # in Kolkata that is the 6th
    wider = 'window: {days: {first: "2026-05-05", last: "2026-05-06"}}'
    found = (
        await house.ask(
            key,
            f'{{ heatmap({wider}, timezone: "Asia/Kolkata") {{ total cells {{ weekday hour value }} }} }}',
        )
    )["heatmap"]
    assert [cell for cell in found["cells"] if cell["value"]] == [{"weekday": 2, "hour": 4, "value": 1}]
    assert (found["total"], len(found["cells"])) == (1, 168)


async def test_every_click_counts_as_an_engagement_and_once_as_a_clicked_message(
    house: House, key: str
) -> None:
    clicks = [
        {
            "type": "event",
            "organization": "acme",
            "message_id": "a",
            "event": "clicked",
            "at": f"2026-05-05T10:0{n}:00Z",
        }
        for n in (1, 2, 2)  # the third is the second told again
    ]
    await house.take(message("a", "2026-05-05T10:00:00Z", channel="email", campaign_id="x"), *clicks)

    found = await house.ask(
        key,
        f"{{ every: engagementBuckets(metric: CLICKS, {DAY}, groupBy: [CAMPAIGN, CHANNEL]) {{ total columns {{ groups {{ key total }} }} }}"
        f" once: messageBuckets(metric: CLICKED, {DAY}) {{ total }} }}",
    )

    assert (found["every"]["total"], found["once"]["total"]) == (2, 1)
    assert found["every"]["columns"]["groups"] == [{"key": ["x", "email"], "total": 2}]


async def test_webhook_deliveries_are_counted_by_endpoint_and_outcome(house: House, key: str) -> None:
    deliveries = [
        {
            "type": "webhook_delivery",
            "organization": "acme",
            "id": f"w{n}",
            "endpoint_id": "e",
            "kind": "message.delivered",
            "http_status": status,
            "outcome": outcome,
            "at": "2026-05-05T10:00:00Z",
        }
        for n, (status, outcome) in enumerate([(200, "success"), (503, "retry"), (0, "dead")])
    ]
    await house.take(*deliveries)

    found = await house.ask(
        key,
        f"{{ webhookBuckets({DAY}, groupBy: [HTTP_STATUS_CLASS]) {{ total buckets {{ metrics {{ delivered retried failed successRate }} groups {{ key value }} }} }} }}",
    )

    (bucket,) = found["webhookBuckets"]["buckets"]
    assert bucket["groups"] == [{"key": [name], "value": 1} for name in ("2xx", "5xx", "none")]
    assert bucket["metrics"] == {
        "delivered": 1,
        "retried": 1,
        "failed": 1,
        "successRate": pytest.approx(100 / 3),
    }


async def test_the_catalogue_freshness_and_limits_say_what_there_is(house: House, key: str) -> None:
    await house.gateway.worker.refresh()

    found = await house.ask(
        key,
        "{ metrics { name fact kind formula dimensions { name } } freshness { fact asOf revision lagSeconds }"
        " limits { plan maxGranularity maxBuckets scopes } organization { slug timezone } }",
    )

    assert {
        "name": "DELIVERY_RATE",
        "fact": "message",
        "kind": "ratio",
        "formula": "100 × confirmed ÷ logged",
    }.items() <= (next(metric for metric in found["metrics"] if metric["name"] == "DELIVERY_RATE").items())
    facts = ["message", "engagement", "webhook", "campaign", "contact", "credit", "mailbox_day"]
    facts += ["opt_in", "order", "workflow_entry"]
    facts += ["flow_run", "keyword_hit", "ai_call", "transfer"]
    assert [mark["fact"] for mark in found["freshness"]] == facts
    views = ["recipient", "inbox", "inbox_tag", "session"]
    assert list(dict.fromkeys(metric["fact"] for metric in found["metrics"])) == [*facts, *views]
    assert found["freshness"][0]["lagSeconds"] == 5
    assert found["limits"]["scopes"] == ["events:write", "metrics:read"]


async def test_rows_of_one_request_share_a_budget_and_columns_are_cheaper(house: House, key: str) -> None:
    await house.take(ACME | {"plan": "growth"})
    year = 'window: {days: {first: "2025-05-06", last: "2026-05-05"}}'  # 8,760 hours
    rows = f"messageBuckets(granularity: HOUR, {year}) {{ buckets {{ start end state value }} }}"
    columns = f"messageBuckets(granularity: HOUR, {year}) {{ columns {{ start value }} }}"

    # 8,760 × 5 = 43,800 values each: two fit into 100,000, three do not
    two = await house.post(key, f"{{ {' '.join(f'a{n}: {rows}' for n in range(2))} }}")
    three = await house.post(key, f"{{ {' '.join(f'a{n}: {rows}' for n in range(3))} }}")
    many = await house.post(key, f"{{ {' '.join(f'a{n}: {columns}' for n in range(3))} }}")

    assert "errors" not in two.json()
    assert three.json()["errors"][0]["extensions"]["code"] == "TOO_MUCH_AT_ONCE"
    assert "errors" not in many.json()


async def test_a_cursor_keeps_a_window_back_from_now_where_it_was(house: House, key: str) -> None:
    ask = (
        "query ($after: String) { messageBuckets(window: {last: {count: 10, unit: MINUTE}}, granularity: MINUTE,"
        " first: 5, after: $after) { buckets { start } pageInfo { endCursor } } }"
    )
    first = (await house.ask(key, ask))["messageBuckets"]
    house.now += timedelta(minutes=2)
    second = (await house.ask(key, ask, after=first["pageInfo"]["endCursor"]))["messageBuckets"]

    starts = [datetime.fromisoformat(bucket["start"]) for bucket in first["buckets"] + second["buckets"]]
    assert starts == [datetime(2026, 5, 5, 23, 51, tzinfo=UTC) + timedelta(minutes=n) for n in range(10)]


async def test_a_campaigns_series_obeys_a_filter_that_excludes_it(house: House, key: str) -> None:
    await house.take(
        {"type": "campaign", "organization": "acme", "id": "c1", "created_at": "2026-05-05T00:00:00Z"},
        message("a", "2026-05-05T10:00:00Z", campaign_id="c1"),
    )
    series = 'timeSeries(%s, filter: {campaign: ["%s"]}) { total }'

    found = await house.ask(
        key, f'{{ campaign(id: "c1") {{ own: {series % (DAY, "c1")} other: {series % (DAY, "c2")} }} }}'
    )
    grouped = await house.post(
        key, f'{{ campaign(id: "c1") {{ timeSeries({DAY}, groupBy: [CAMPAIGN]) {{ total }} }} }}'
    )

    assert (found["campaign"]["own"]["total"], found["campaign"]["other"]["total"]) == (1, 0)
    assert grouped.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
