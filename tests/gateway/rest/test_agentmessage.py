"""AgentMessage's three URLs: numbers worked out by hand, on a day that is not quite counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gateway.rest.agentmessage.answers import Answer
from tests.gateway.rest.world import World, attempt, received, sent

MESSAGES, INBOUND, WEBHOOKS = "/v1/metrics/messages", "/v1/metrics/inbound", "/v1/metrics/webhooks"
DAY = {"from_": "2026-05-05T00:00:00Z", "to": "2026-05-06T00:00:00Z"}


def values(answer: Any, name: str = "value") -> dict[str, Any]:
    """Hour → value, of the buckets that hold anything but a known zero."""
    assert answer.status_code == 200, answer.text
    Answer.model_validate(answer.json())  # what our OpenAPI document says
    buckets = answer.json()["data"]["buckets"]
    return {b["bucket_start"][11:13]: b[name] for b in buckets if b[name] not in (0, {})}


async def test_the_documents_example_as_its_own_rules_would_have_it(world: World) -> None:
    # 14 at midnight and 9 at one o'clock, as printed; one at 23:10 lies in the hour that is not over
    moments = [f"2026-05-05T00:{i:02}:00Z" for i in range(14)] + [
        f"2026-05-05T01:{i:02}:00Z" for i in range(9)
    ]
    await world.take(*(received(f"m{i}", moment) for i, moment in enumerate(moments)))
    await world.take(received("late", "2026-05-05T23:10:00Z"))
    await world.count_until("2026-05-05T23:59:43.5Z")

    answer = await world.get(INBOUND, metric="received", granularity="hour", **DAY)

    # 24 buckets; only 23:00 ends after as_of; the document's third one, 2026-05-06T00:00, is outside
    hours = [f"2026-05-05T{hour:02}:00:00Z" for hour in range(24)]
    assert answer.json() == {
        "success": True,
        "data": {
            "metric": "messages.inbound.received",
            "granularity": "hour",
            "from": "2026-05-05T00:00:00Z",
            "to": "2026-05-06T00:00:00Z",
            "buckets": [
                {"bucket_start": hour, "value": value}
                for hour, value in zip(hours, [14, 9, *[0] * 21, None], strict=True)
            ],
        },
        "meta": {"as_of": "2026-05-05T23:59:43Z", "limit": 1000, "next_cursor": None},
    }
    assert list(answer.json()["data"]) == ["metric", "granularity", "from", "to", "buckets"]
    assert answer.headers["cache-control"] == "private, max-age=30"
    assert answer.headers["content-type"] == "application/json"


async def test_a_bucket_is_known_as_soon_as_its_end_is_counted_and_not_before(world: World) -> None:
    await world.take(sent("m1", "2026-05-05T10:30:00Z"))
    span = {"from_": "2026-05-05T10:00:00Z", "to": "2026-05-05T12:00:00Z", "granularity": "hour"}

    await world.count_until("2026-05-05T10:59:59.999999Z")
    before = await world.get(MESSAGES, metric="sent", **span)
    await world.count_until("2026-05-05T11:00:00Z")
    after = await world.get(MESSAGES, metric="sent", **span)

    assert [bucket["value"] for bucket in before.json()["data"]["buckets"]] == [None, None]
    assert [bucket["value"] for bucket in after.json()["data"]["buckets"]] == [1, None]
    assert before.json()["meta"]["as_of"] == "2026-05-05T10:59:59Z"


async def test_an_organization_that_was_never_counted_has_only_nulls(world: World) -> None:
    answer = await world.get(MESSAGES, metric="sent", granularity="hour", group_by="channel", **DAY)

    assert [bucket["groups"] for bucket in answer.json()["data"]["buckets"]] == [None] * 24
    assert answer.json()["meta"]["as_of"] == "1970-01-01T00:00:00Z"


async def test_each_thing_is_counted_in_the_hour_it_happened(world: World) -> None:
    await world.take(
        # sent at 10, delivered at 11; sent at 12, failed at 14 (its sending still counts at 12)
        sent("m1", "2026-05-05T10:00:00Z", delivered_at="2026-05-05T11:59:59Z"),
        sent("m2", "2026-05-05T12:00:00Z", failed_at="2026-05-05T14:00:00Z"),
        # failed before it was ever sent; a test message and an inbound one never count
        {
            "type": "message",
            "id": "m3",
            "created_at": "2026-05-05T15:00:00Z",
            "failed_at": "2026-05-05T15:30:00Z",
        },
        sent("m4", "2026-05-05T10:00:00Z", is_test=True),
        received("m5", "2026-05-05T10:00:00Z"),
    )
    await world.count_until("2026-05-06T00:00:00Z")

    assert values(await world.get(MESSAGES, metric="sent", **DAY)) == {"10": 1, "12": 1}
    assert values(await world.get(MESSAGES, metric="delivered", **DAY)) == {"11": 1}
    assert values(await world.get(MESSAGES, metric="failed", **DAY)) == {"14": 1, "15": 1}
    assert values(await world.get(INBOUND, metric="received", **DAY)) == {"10": 1}
    echoes = {
        MESSAGES: ("delivered", "messages.outbound.delivered"),
        INBOUND: ("cost_cents", "messages.inbound.cost_cents"),
        WEBHOOKS: ("retried", "webhooks.retried"),
    }
    for url, (metric, echo) in echoes.items():
        assert (await world.get(url, metric=metric, **DAY)).json()["data"]["metric"] == echo


async def test_cents_are_rounded_half_up_for_each_bucket_from_exact_sums(world: World) -> None:
    await world.take(
        # 10 o'clock: 3 × 0.79 = 2.37 → 2. 11: 0.5 → 1. 12: 0.4999 → 0. 13: 1.5 → 2. 14: 2.5 → 3.
        *(sent(f"a{i}", "2026-05-05T10:00:00Z", cost_micros=7900) for i in range(3)),
        sent("b", "2026-05-05T11:00:00Z", cost_micros=5000),
        sent("c", "2026-05-05T12:00:00Z", cost_micros=4999),
        sent("d", "2026-05-05T13:00:00Z", cost_micros=15000),
        # charged an hour after it was sent
        sent("e", "2026-05-05T13:30:00Z", cost_micros=25000, charged_at="2026-05-05T14:00:00Z"),
        received("f", "2026-05-05T10:00:00Z", cost_micros=30000),
    )
    await world.count_until("2026-05-06T00:00:00Z")
    day = {**DAY, "granularity": "day"}

    assert values(await world.get(MESSAGES, metric="cost_cents", **DAY)) == {
        "10": 2,
        "11": 1,
        "13": 2,
        "14": 3,
    }
    assert values(await world.get(INBOUND, metric="cost_cents", **DAY)) == {"10": 3}
    # the day is rounded once: 23700 + 5000 + 4999 + 15000 + 25000 = 73699 micros → 7 cents, not 8
    assert values(await world.get(MESSAGES, metric="cost_cents", **day)) == {"00": 7}


async def test_groups_leave_zeros_out_and_name_those_without_a_value_none(world: World) -> None:
    await world.take(
        sent("m1", "2026-05-05T10:00:00Z"),
        sent("m2", "2026-05-05T10:01:00Z"),
        sent("m3", "2026-05-05T10:02:00Z", channel="mms"),
        sent("m4", "2026-05-05T11:00:00Z", channel="mms"),
        sent("m5", "2026-05-05T11:00:00Z", channel=None),
        sent("m6", "2026-05-05T23:00:00Z"),
        *(
            sent(
                f"f{code}{i}",
                "2026-05-05T09:00:00Z",
                channel="mms",
                failed_at="2026-05-05T10:00:00Z",
                error_code=code,
            )
            for code, i in (("30003", 1), ("30003", 2), (None, 1), ("none", 1))
        ),
    )
    await world.count_until("2026-05-05T23:30:00Z")

    channels = await world.get(MESSAGES, metric="sent", group_by="channel", granularity="hour", **DAY)
    codes = await world.get(MESSAGES, metric="failed", group_by="error_code", granularity="hour", **DAY)

    assert values(channels, "groups") == {
        "09": {"mms": 4},
        "10": {"mms": 1, "sms": 2},
        "11": {"mms": 1, "none": 1},
        "23": None,
    }
    # a carrier whose code really is "none" adds to those without one
    assert values(codes, "groups") == {"10": {"30003": 2, "none": 2}, "23": None}
    assert channels.json()["data"]["buckets"][0] == {"bucket_start": "2026-05-05T00:00:00Z", "groups": {}}


async def test_webhooks_are_split_by_endpoint_kind_and_status_class(world: World) -> None:
    await world.take(
        attempt("w1", "2026-05-05T10:00:00Z", "success"),
        attempt("w2", "2026-05-05T10:10:00Z", "retry", http_status=503),
        attempt("w3", "2026-05-05T10:20:00Z", "retry", http_status=0, endpoint_id="ep_2"),
        attempt("w4", "2026-05-05T11:00:00Z", "dead", http_status=404, kind="message.failed"),
    )
    await world.count_until("2026-05-06T00:00:00Z")

    def ask(metric: str, group: str) -> Any:
        return world.get(WEBHOOKS, metric=metric, group_by=group, granularity="hour", **DAY)

    assert values(await world.get(WEBHOOKS, metric="delivered", **DAY)) == {"10": 1}
    assert values(await ask("retried", "endpoint_id"), "groups") == {"10": {"ep_1": 1, "ep_2": 1}}
    assert values(await ask("retried", "http_status_class"), "groups") == {"10": {"5xx": 1, "none": 1}}
    assert values(await ask("failed", "kind"), "groups") == {"11": {"message.failed": 1}}


async def test_the_groups_of_a_bucket_add_up_to_its_value(world: World) -> None:
    channels = ("sms", "mms", None)
    await world.take(
        *(
            sent(f"m{i}", f"2026-05-05T{i % 20:02}:{i % 60:02}:00Z", channel=channels[i % 3])
            for i in range(90)
        )
    )
    await world.count_until("2026-05-06T00:00:00Z")

    plain = await world.get(MESSAGES, metric="sent", **DAY)
    split = await world.get(MESSAGES, metric="sent", group_by="channel", **DAY)

    sums = [sum(bucket["groups"].values()) for bucket in split.json()["data"]["buckets"]]
    assert [bucket["value"] for bucket in plain.json()["data"]["buckets"]] == sums
    assert sum(sums) == 90


async def test_the_prior_period_is_as_many_buckets_right_before(world: World) -> None:
    await world.take(
        sent("m1", "2026-05-05T10:00:00Z"),
        sent("m2", "2026-05-05T11:00:00Z", channel="mms"),
        # three hours earlier, bucket for bucket; 06:59 is before that window
        sent("p0", "2026-05-05T06:59:59Z"),
        sent("p1", "2026-05-05T07:00:00Z"),
        sent("p2", "2026-05-05T07:30:00Z"),
        sent("p3", "2026-05-05T09:59:59Z"),
    )
    await world.count_until("2026-05-05T12:30:00Z")
    asked = {
        "from_": "2026-05-05T10:00:00Z",
        "to": "2026-05-05T13:00:00Z",
        "granularity": "hour",
        "compare_to": "prior_period",
    }

    plain = (await world.get(MESSAGES, metric="sent", **asked)).json()["data"]
    split = (await world.get(MESSAGES, metric="sent", group_by="channel", **asked)).json()["data"]

    assert (plain["prior_from"], plain["prior_to"]) == ("2026-05-05T07:00:00Z", "2026-05-05T10:00:00Z")
    assert [(b["value"], b["prior_value"]) for b in plain["buckets"]] == [(1, 2), (1, 0), (None, 1)]
    assert [(b["groups"], b["prior_groups"]) for b in split["buckets"]] == [
        ({"sms": 1}, {"sms": 2}),
        ({"mms": 1}, {}),
        (None, {"sms": 1}),
    ]


async def test_without_a_window_it_is_the_last_day_by_hours_or_the_last_month_by_days(world: World) -> None:
    frugal = await world.enroll("frugal", "payg")
    world.house.now += timedelta(seconds=0.9)

    hours = (await world.get(MESSAGES, metric="sent")).json()["data"]
    days = (await world.get(MESSAGES, key=frugal, metric="sent")).json()["data"]
    minutes = (await world.get(MESSAGES, metric="sent", granularity="minute", limit=5)).json()["data"]

    assert (hours["granularity"], hours["from"], hours["to"]) == (
        "hour",
        "2026-05-05T00:00:00Z",
        "2026-05-06T00:00:00Z",
    )
    assert len(hours["buckets"]) == 24
    assert (days["granularity"], days["from"], len(days["buckets"])) == ("day", "2026-04-06T00:00:00Z", 30)
    assert (minutes["from"], len(minutes["buckets"])) == ("2026-05-05T00:00:00Z", 5)


async def test_from_moves_down_to_its_bucket_and_a_cut_last_bucket_is_whole(world: World) -> None:
    await world.take(sent("m1", "2026-05-05T08:05:00Z"), sent("m2", "2026-05-05T10:50:00Z"))
    await world.count_until("2026-05-06T00:00:00Z")

    # 08:40 Z said in another offset; 10:15 cuts the bucket of 10 o'clock
    answer = await world.get(
        MESSAGES,
        metric="sent",
        granularity="hour",
        from_="2026-05-05T10:40:00+02:00",
        to="2026-05-05T10:15:00.25Z",
    )

    data = answer.json()["data"]
    assert (data["from"], data["to"]) == ("2026-05-05T08:00:00Z", "2026-05-05T10:15:00.250000Z")
    assert [(b["bucket_start"][11:16], b["value"]) for b in data["buckets"]] == [
        ("08:00", 1),
        ("09:00", 0),
        ("10:00", 1),
    ]


async def test_days_are_those_of_utc_wherever_the_organization_is(world: World) -> None:
    await world.take({"type": "organization", "id": world.slug, "plan": "scale", "timezone": "Asia/Kolkata"})
    # 01:00 on the 5th in UTC, 06:30 in Kolkata; 20:00 UTC is the 6th over there
    await world.take(sent("m1", "2026-05-05T01:00:00Z"), sent("m2", "2026-05-05T20:00:00Z"))
    await world.count_until("2026-05-06T00:00:00Z")

    answer = await world.get(MESSAGES, metric="sent", granularity="day", **DAY)

    assert answer.json()["data"]["buckets"] == [{"bucket_start": "2026-05-05T00:00:00Z", "value": 2}]


async def test_ten_thousand_minutes_are_answered_and_one_more_is_not(world: World) -> None:
    span: dict[str, Any] = {
        "metric": "sent",
        "granularity": "minute",
        "limit": 5000,
        "from_": "2026-04-28T00:00:00Z",
    }

    # 6 days 22 hours 40 minutes = 10,000 minutes
    most = await world.get(MESSAGES, to="2026-05-04T22:40:00Z", **span)
    over = await world.get(MESSAGES, to="2026-05-04T22:40:01Z", **span)
    week = await world.get(MESSAGES, to="2026-05-05T00:00:00Z", **span)

    rest = await world.get(MESSAGES, metric="sent", cursor=most.json()["meta"]["next_cursor"], limit=5000)
    assert len(most.json()["data"]["buckets"]) == len(rest.json()["data"]["buckets"]) == 5000
    assert rest.json()["data"]["buckets"][-1]["bucket_start"] == "2026-05-04T22:39:00Z"
    assert rest.json()["meta"]["next_cursor"] is None
    assert [answer.json()["error"]["details"]["bucket_count"] for answer in (over, week)] == [10_001, 10_080]


async def test_both_addresses_answer_alike_and_head_too(world: World) -> None:
    bare = await world.get(MESSAGES, metric="sent", **DAY)
    under = await world.get("/agentmessage" + MESSAGES, metric="sent", **DAY)
    head = await world.http.head(
        MESSAGES, params={"metric": "sent"}, headers={"Authorization": f"Bearer {world.key}"}
    )

    assert bare.json() == under.json()
    assert head.status_code == 200


async def test_parameters_it_does_not_know_are_ignored(world: World) -> None:
    answer = await world.get(f"{MESSAGES}?metric=sent&_=1&_=2&timezone=Asia/Kolkata")

    assert answer.status_code == 200
