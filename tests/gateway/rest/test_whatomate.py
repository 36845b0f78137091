"""What Whatomate's dashboard, messages and chatbot answer, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.rest.whatomate import shape
from gateway.rest.whatomate.answers import ChatbotAnswer, DashboardAnswer, MessagesAnswer
from tests.gateway.rest.sender import campaign
from tests.gateway.rest.whato import (
    CHATBOT,
    DASHBOARD,
    HELP,
    MAIN,
    MESSAGES,
    Whato,
    called,
    handed,
    heard,
    into,
    out,
    ran,
    session,
)

NOW = "2026-05-06T10:00:00Z"


def contact(id: str, moment: str, **more: Any) -> dict[str, Any]:
    return {"type": "contact", "id": id, "created_at": moment, **more}


@pytest.mark.parametrize(
    ("top", "bottom", "percent"),
    [
        (9_800, 10_000, 98.0),
        (7_500, 9_800, 76.5),
        (750, 1_000, 75.0),
        (1, 3, 33.3),
        (2, 3, 66.7),
        (0, 0, 0.0),
    ],
)
def test_rates_have_one_decimal(top: int, bottom: int, percent: float) -> None:
    assert shape.share(top, bottom) == percent


@pytest.mark.parametrize(
    ("now", "before", "percent"), [(5, 0, 100), (0, 0, 0), (5, 4, 25), (1, 3, -200 / 3), (0, 7, -100)]
)
def test_a_change_out_of_nothing_is_a_hundred_percent(now: int, before: int, percent: float) -> None:
    assert shape.change(now, before) == pytest.approx(percent)


async def test_the_dashboard_tells_the_month_to_date(whato: Whato) -> None:
    await whato.take(
        # 16 contacts when the month began and 18 now: 2 ÷ 16 = 12.5 %
        *(contact(f"c{i}", "2026-04-01T00:00:00Z") for i in range(16)),
        contact("c16", "2026-05-04T00:00:00Z"),  # Monday's first moment
        contact("c17", "2026-05-06T09:00:00Z"),
        out("m0", "2026-04-30T23:59:59Z"),
        out("m1", "2026-05-01T00:00:00Z"),
        out("m2", "2026-05-06T00:00:00Z"),
        out("m3", "2026-05-05T23:59:59Z", sender_id=HELP),
        into("m4", "2026-05-06T08:00:00Z"),
        out("m5", "2026-05-06T08:00:00Z", is_test=True),
        campaign("k0", "2026-04-01T00:00:00Z", "scheduled"),
        campaign("k1", "2026-05-01T00:00:00Z", "sending"),
        campaign("k2", "2026-04-01T00:00:00Z", completed_at="2026-05-01T00:00:00Z"),
        campaign("k3", "2026-04-01T00:00:00Z", completed_at="2026-04-30T23:59:59Z"),
        campaign("k4", "2026-05-01T00:00:00Z", "draft"),
        *(session(f"s{i}", "2026-05-06T07:00:00Z", "2026-05-06T07:02:00Z") for i in range(4)),
        session("s4", "2026-05-06T09:59:00Z"),  # goes on: no conversation that counts yet
        session("s5", "2026-05-05T23:59:59Z", "2026-05-06T00:01:00Z"),
        handed("t0", "2026-05-06T07:01:00Z", session_id="s3"),
    )
    await whato.count_until(NOW)

    answer = await whato.get(DASHBOARD)
    DashboardAnswer.model_validate(answer.json())
    assert answer.json()["data"] == {
        "contacts": {"total": 18, "new_today": 1, "new_this_week": 2, "growth_percent": 12.5},
        "messages": {"total": 4, "sent": 3, "received": 1, "today": 2},
        "campaigns": {"total": 5, "active": 2, "completed_this_month": 1},
        "chatbot": {
            "conversations_today": 4,
            "auto_resolved": 3,
            "transferred_to_agent": 1,
            "resolution_rate": 75.0,
        },
    }
    counts = {
        period: (await whato.told(DASHBOARD, period=period))["messages"]
        for period in ("today", "week", "month", "year")
    }
    # today has m2 and m4, since Monday m3 too, since January m0 too
    assert [one["total"] for one in counts.values()] == [2, 3, 4, 5]
    assert {one["today"] for one in counts.values()} == {2}


async def test_growth_out_of_nothing_is_a_hundred_percent_and_none_is_zero(whato: Whato) -> None:
    assert (await whato.told(DASHBOARD))["contacts"]["growth_percent"] == 0.0

    await whato.take(contact("c1", "2026-05-06T09:00:00Z"))
    await whato.count_until(NOW)
    assert (await whato.told(DASHBOARD))["contacts"]["growth_percent"] == 100.0

    # one of four has left since: 3 − 4 of 4
    await whato.take(
        *(contact(f"d{i}", "2026-04-01T00:00:00Z") for i in range(4)),
        contact("c1", "2026-04-02T00:00:00Z", deleted_at="2026-04-03T00:00:00Z", updated_at=NOW),
        contact("d0", "2026-04-01T00:00:00Z", deleted_at="2026-05-02T00:00:00Z"),
    )
    await whato.count_until(NOW)
    assert (await whato.told(DASHBOARD))["contacts"]["growth_percent"] == -25.0


async def test_from_and_to_add_what_their_code_answers(whato: Whato) -> None:
    await whato.take(
        contact("ada", "2026-05-02T00:00:00Z", name="Ada"),
        contact("bo", "2026-05-03T00:00:00Z", phone="+99900000001"),
        *(out(f"n{i}", "2026-05-03T10:00:00Z", contact_id="ada") for i in range(5)),
        *(out(f"b{i}", "2026-05-01T10:00:00Z") for i in range(4)),
        session("s1", "2026-05-02T00:00:00Z"),
        campaign("k1", "2026-05-02T00:00:00Z"),
        campaign("k2", "2026-04-30T00:00:00Z", "sending"),
        campaign("k3", "2026-05-02T00:00:00Z", "draft"),
        into("r1", "2026-05-05T10:00:00Z", contact_id="bo", content_type="image"),
        out("r2", "2026-05-05T11:00:00.250Z", contact_id="ada", body="Hello", read_at="2026-05-05T11:01:00Z"),
        out("r3", "2026-05-05T12:00:00Z", failed_at="2026-05-05T12:00:00Z"),
    )
    await whato.count_until(NOW)

    told = await whato.told(DASHBOARD, from_="2026-05-02", to="2026-05-03")

    # the two days hold 5 messages, the two before them 4: 25 %; the rest came out of nothing or stayed one
    assert told["stats"] == {
        "total_messages": 5,
        "messages_change": 25.0,
        "total_contacts": 2,
        "contacts_change": 100.0,
        "chatbot_sessions": 1,
        "chatbot_change": 100.0,
        "campaigns_sent": 1,
        "campaigns_change": 0.0,
    }
    assert told["messages"] == {"total": 5, "sent": 5, "received": 0, "today": 0}
    assert [list(one.values()) for one in told["recent_messages"][:3]] == [
        ["r3", "Unknown", "", "outgoing", "2026-05-05T12:00:00Z", "failed"],
        ["r2", "Ada", "Hello", "outgoing", "2026-05-05T11:00:00.25Z", "read"],
        ["r1", "+99900000001", "[image]", "incoming", "2026-05-05T10:00:00Z", "received"],
    ]
    assert len(told["recent_messages"]) == 5


async def test_a_period_or_a_lone_date_leaves_their_codes_answer_out(whato: Whato) -> None:
    plain = {"contacts", "messages", "campaigns", "chatbot"}

    assert (await whato.told(DASHBOARD, from_="2026-05-02")).keys() == plain
    assert (await whato.told(DASHBOARD, period="week", from_="2026-05-02", to="2026-05-03")).keys() == plain


async def test_messages_count_read_ones_as_delivered_and_failed_ones_as_sent(whato: Whato) -> None:
    moment, later = "2026-05-05T10:00:00Z", "2026-05-05T10:05:00Z"
    await whato.take(
        # 100 sent: 98 delivered, 75 of them read, 5 of those without a word of their delivery; 2 failed
        *(out(f"d{i}", moment, delivered_at=moment) for i in range(23)),
        *(out(f"r{i}", moment, delivered_at=moment, read_at=later, content_type="image") for i in range(70)),
        *(out(f"o{i}", moment, read_at=later, content_type="image") for i in range(5)),
        *(out(f"f{i}", moment, failed_at=later) for i in range(2)),
        *(into(f"i{i}", "2026-05-04T10:00:00Z") for i in range(3)),
        into("x", "2026-05-04T10:00:00Z", content_type=None),
    )
    await whato.count_until(NOW)

    answer = await whato.get(MESSAGES, start_date="2026-05-03", end_date="2026-05-05")
    MessagesAnswer.model_validate(answer.json())
    nothing = {"sent": 0, "received": 0, "delivered": 0, "read": 0}
    assert answer.json()["data"] == {
        "summary": {
            "total_sent": 100,
            "total_received": 4,
            "total_delivered": 98,
            "total_read": 75,
            "total_failed": 2,
            "delivery_rate": 98.0,
            "read_rate": 76.5,  # 75 ÷ 98 = 0.7653
        },
        "by_type": {"image": 75, "text": 28, "unknown": 1},
        "timeline": [
            {"date": "2026-05-03", **nothing},
            {"date": "2026-05-04", **nothing, "received": 4},
            {"date": "2026-05-05", "sent": 100, "received": 0, "delivered": 98, "read": 75},
        ],
    }
    assert list(answer.json()["data"]["by_type"]) == ["image", "text", "unknown"]


async def test_points_are_called_by_their_hour_their_day_their_monday_or_their_first(whato: Whato) -> None:
    await whato.take(out("m1", "2026-05-06T09:59:59Z"), out("m2", "2026-04-30T23:59:59Z"))
    await whato.count_until(NOW)
    hours = {"start_date": "2026-05-06T08:30:00Z", "end_date": "2026-05-06T10:00:00Z", "granularity": "hour"}
    weeks = {"start_date": "2026-04-30", "end_date": "2026-05-06"}

    told = {
        "hour": await whato.told(MESSAGES, **hours),
        **{name: await whato.told(MESSAGES, **weeks, granularity=name) for name in ("week", "month")},
        "default": await whato.told(MESSAGES),
    }

    points = {name: [(p["date"], p["sent"]) for p in one["timeline"]] for name, one in told.items()}
    assert points["hour"] == [("2026-05-06T08:00:00Z", 0), ("2026-05-06T09:00:00Z", 1)]
    assert points["week"] == [("2026-04-27", 1), ("2026-05-04", 1)]
    assert points["month"] == [("2026-04-01", 1), ("2026-05-01", 1)]
    # without dates: today and the 29 days before
    assert (len(points["default"]), points["default"][0][0], points["default"][-1]) == (
        *(30, "2026-04-07"),
        ("2026-05-06", 1),
    )


async def test_the_chatbot_is_told_in_full(whato: Whato) -> None:
    await whato.take(
        # 15 resolved by itself in two minutes each, 4 handed over, 1 given up: 15 ÷ 20 = 75 %
        *(session(f"r{i}", f"2026-05-05T10:{i:02}:00Z", f"2026-05-05T10:{i + 2:02}:00Z") for i in range(15)),
        session("t0", "2026-05-05T11:00:00Z"),
        session("t1", "2026-05-05T11:00:00Z", "2026-05-05T13:00:00Z"),
        session("t2", "2026-05-05T11:00:00Z", "2026-05-05T12:00:00Z", status="timeout"),
        session("t3", "2026-05-05T11:00:00Z", "2026-05-05T12:00:00Z"),
        *(handed(f"h{i}", "2026-05-05T11:30:00Z", session_id=f"t{i}") for i in range(4)),
        handed("h4", "2026-05-05T11:45:00Z", session_id="t3"),  # a second time
        session("a0", "2026-05-05T12:00:00Z", "2026-05-05T12:30:00Z", status="cancelled"),
        session("on", "2026-05-05T12:00:00Z"),
        # 104 messages in 20 conversations: 5.2; those of one that goes on do not count
        *(into(f"m{i}", "2026-05-05T10:00:00Z", session_id=f"r{i % 15}") for i in range(100)),
        *(out(f"n{i}", "2026-05-05T12:00:00Z", session_id="a0") for i in range(4)),
        out("n4", "2026-05-05T12:00:00Z", session_id="on"),
        out("n5", "2026-05-05T12:00:00Z", session_id="a0", is_test=True),
        {"type": "bot_flow", "id": "f1", "name": "Order Status", "updated_at": "2026-05-01T00:00:00Z"},
        *(ran(f"o{i}", "f1", "2026-05-05T10:00:00Z", "2026-05-05T10:01:00Z") for i in range(17)),
        *(ran(f"p{i}", "f1", "2026-05-05T10:00:00Z") for i in range(3)),
        ran("q", "faq", "2026-05-05T10:00:00Z", "2026-05-06T09:00:00Z"),
        *(heard(f"k{i}", "order", "2026-05-05T10:00:00Z") for i in range(3)),
        *(heard(f"l{i}", f"word{i:02}", "2026-05-05T10:00:00Z") for i in range(12)),
        # 500 tokens in two calls at 20,000 micros a thousand: 1 cent
        called("c0", "2026-05-05T10:00:00Z", (200, 100), 6_000),
        called("c1", "2026-05-05T10:00:00Z", (150, 50), 4_000),
    )
    await whato.count_until(NOW)

    answer = await whato.get(CHATBOT, start_date="2026-05-05", end_date="2026-05-05")
    ChatbotAnswer.model_validate(answer.json())
    told = answer.json()["data"]
    assert told["summary"] == {
        "total_conversations": 20,
        "auto_resolved": 15,
        "transferred_to_agent": 4,
        "abandoned": 1,
        "resolution_rate": 75.0,
        "avg_messages_per_conversation": 5.2,
        "avg_resolution_time_seconds": 120,
    }
    # 17 ÷ 20 and 1 ÷ 1
    assert told["by_flow"] == [
        {"flow_name": "Order Status", "conversations": 20, "completion_rate": 85.0},
        {"flow_name": "faq", "conversations": 1, "completion_rate": 100.0},
    ]
    assert [one["keyword"] for one in told["top_keywords"]] == ["order", *(f"word{i:02}" for i in range(9))]
    assert told["top_keywords"][0]["count"] == 3
    assert told["ai_usage"] == {
        "total_requests": 2,
        "avg_tokens_per_request": 250,
        "total_tokens": 500,
        "estimated_cost": 0.01,
    }


async def test_a_transfer_may_come_before_its_conversation_or_long_after(whato: Whato) -> None:
    await whato.take(handed("h0", "2026-05-05T11:30:00Z", session_id="s0"))
    await whato.take(
        session("s0", "2026-05-05T11:00:00Z", "2026-05-05T13:00:00Z"),
        session("s1", "2026-05-05T11:00:00Z", "2026-05-05T13:00:00Z"),
    )
    await whato.count_until(NOW)
    assert (await whato.told(CHATBOT))["summary"]["transferred_to_agent"] == 1

    await whato.take(handed("h1", "2026-05-05T11:30:00Z", session_id="s1"))

    assert (await whato.told(CHATBOT))["summary"]["transferred_to_agent"] == 2


async def test_an_account_is_named_by_its_id_in_any_case_or_by_its_name(whato: Whato) -> None:
    moment = "2026-05-05T10:00:00Z"
    await whato.take(
        out("m1", moment),
        *(out(f"h{i}", moment, sender_id=HELP) for i in range(2)),
        session("s1", moment, moment),
        *(session(f"t{i}", moment, moment, sender_id=HELP) for i in range(2)),
        {**called("c1", moment, (1, 1), 0), "sender_id": HELP},
        {**heard("k1", "order", moment), "sender_id": HELP},
        {**ran("f1", "faq", moment), "sender_id": HELP},
    )
    await whato.count_until(NOW)

    for name, number in ((MAIN, 1), ("main", 1), (HELP, 2), (HELP.upper(), 2), ("help", 2)):
        assert (await whato.told(MESSAGES, account_id=name))["summary"]["total_sent"] == number
        assert (await whato.told(DASHBOARD, account_id=name))["messages"]["sent"] == number
        told = await whato.told(CHATBOT, account_id=name)
        assert told["summary"]["total_conversations"] == number
        found = (told["ai_usage"]["total_requests"], len(told["by_flow"]), len(told["top_keywords"]))
        assert found == (number - 1,) * 3
        stats = (await whato.told(DASHBOARD, account_id=name, from_="2026-05-05", to="2026-05-05"))["stats"]
        assert (stats["total_messages"], stats["chatbot_sessions"]) == (number, number)


async def test_what_is_not_counted_yet_is_zero(whato: Whato) -> None:
    await whato.count_until("2026-05-04T12:00:00Z")

    told = await whato.told(MESSAGES, start_date="2026-05-04", end_date="2026-05-06")

    assert [point["sent"] for point in told["timeline"]] == [0, 0, 0]
