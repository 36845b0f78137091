"""What Whatomate's endpoints of agents answer, worked out by hand."""

from __future__ import annotations

from datetime import timedelta

import jwt

from gateway.rest.whatomate.answers import AgentAnswer, AgentsAnswer, ComparisonAnswer
from tests.gateway.rest.sender import JWT_SECRET
from tests.gateway.rest.whato import ADA, AGENTS, COMPARISON, LONG_AGO, Whato, away, handed, out
from tests.house import bearer

NOW = "2026-05-06T10:00:00Z"


async def a_day_of_work(whato: Whato) -> None:
    """Ada brings two conversations to their end and has one; Bo has had his; one waits."""
    await whato.take(
        {"type": "user", "id": "bo", "name": "Bo", "created_at": LONG_AGO},
        handed(
            "t1",
            "2026-05-04T10:00:00Z",
            user_id="ada",
            source="flow",
            status="resumed",
            assigned_at="2026-05-04T10:02:00Z",
            first_response_at="2026-05-04T10:03:00Z",
            resumed_at="2026-05-04T10:20:00Z",
        ),
        handed(
            "t2",
            "2026-05-05T10:00:00Z",
            user_id="ada",
            source="keyword",
            status="resumed",
            assigned_at="2026-05-05T10:00:30Z",
            first_response_at="2026-05-05T10:01:00Z",
            resumed_at="2026-05-05T10:11:00Z",
        ),
        handed("t3", "2026-04-30T10:00:00Z", user_id="ada", source="flow"),
        handed("t4", "2026-05-05T11:00:00Z", source="manual"),
        handed(
            "t5",
            "2026-05-05T12:00:00Z",
            user_id="bo",
            source="flow",
            status="expired",
            assigned_at="2026-05-05T12:04:00Z",
        ),
        *(out(f"a{i}", "2026-05-05T10:05:00Z", user_id="ada") for i in range(3)),
        out("b0", "2026-04-30T10:05:00Z", user_id="ada"),
        away("w1", "2026-04-30T23:30:00Z", "2026-05-01T00:30:00Z"),
        away("w2", "2026-05-05T12:00:00Z", "2026-05-05T12:45:00Z"),
        away("w3", "2026-05-06T09:30:00Z"),
        {
            "type": "availability",
            "id": "v1",
            "user_id": "bo",
            "is_available": True,
            "started_at": "2026-05-06T08:00:00Z",
        },
    )
    await whato.count_until(NOW)


async def test_every_time_is_worked_out(whato: Whato) -> None:
    await a_day_of_work(whato)

    answer = await whato.get(AGENTS)
    AgentsAnswer.model_validate(answer.json())
    told = answer.json()["data"]
    ada = {
        "agent_id": "ada",
        "agent_name": "Ada",
        "avg_first_response_mins": 2.0,  # 3 min and 1 min
        "avg_resolution_mins": 15.5,  # 20 min and 11 min
        "transfers_handled": 2,
        "active_transfers": 1,  # of April, and not over
        "messages_sent": 3,
        "total_break_time_mins": 105.0,  # 30 min of the first in May, 45 min, and 30 min until now
        "break_count": 3,
        "is_available": False,
        "current_break_start": "2026-05-06T09:30:00Z",
    }
    assert told["summary"] == {
        "total_transfers_handled": 2,
        "active_transfers": 2,  # Ada's and the one that waits
        "avg_queue_time_mins": 2.17,  # 2 min, 30 s and 4 min: 6.5 ÷ 3
        "avg_first_response_mins": 2.0,
        "avg_resolution_mins": 15.5,
        "transfers_by_source": {"flow": 2, "keyword": 1, "manual": 1},
        "total_break_time_mins": 105.0,
        "break_count": 3,
    }
    assert told["agent_stats"] == [
        ada,
        {
            "agent_id": "bo",
            "agent_name": "Bo",
            "avg_first_response_mins": 0.0,
            "avg_resolution_mins": 0.0,
            "transfers_handled": 0,
            "active_transfers": 0,
            "messages_sent": 0,
            "total_break_time_mins": 0.0,
            "break_count": 0,
            "is_available": True,
        },
    ]
    assert [tuple(point.values()) for point in told["trend_data"]] == [
        *((f"2026-05-0{day}", 0, 0.0) for day in (1, 2, 3)),
        ("2026-05-04", 1, 3.0),
        ("2026-05-05", 1, 1.0),
        ("2026-05-06", 0, 0.0),
    ]
    assert told["my_stats"] is None


async def test_one_agent_is_told_as_among_all(whato: Whato) -> None:
    await a_day_of_work(whato)

    every = await whato.told(AGENTS)
    one = await whato.get(ADA)
    AgentAnswer.model_validate(one.json())
    compared = await whato.get(COMPARISON)
    ComparisonAnswer.model_validate(compared.json())

    assert one.json()["data"] == {"agent": every["agent_stats"][0], "trend_data": every["trend_data"]}
    assert compared.json()["data"] == {"agents": every["agent_stats"]}
    alone = await whato.told(AGENTS, agent_id="ada")
    assert alone["agent_stats"] == every["agent_stats"][:1]
    assert alone["summary"]["transfers_by_source"] == {"flow": 1, "keyword": 1}
    assert alone["summary"]["active_transfers"] == 1
    bo = await whato.told(f"{AGENTS}/bo", group_by="week")
    assert [tuple(point.values())[:2] for point in bo["trend_data"]] == [("2026-04-27", 0), ("2026-05-04", 0)]


async def test_dates_cut_breaks_and_choose_transfers(whato: Whato) -> None:
    await a_day_of_work(whato)

    told = await whato.told(AGENTS, from_="2026-04-30", to="2026-04-30")

    # the break of the night lies half before midnight
    assert told["summary"]["total_break_time_mins"] == 30.0
    assert told["summary"]["transfers_by_source"] == {"flow": 1}
    assert told["summary"]["total_transfers_handled"] == 0
    assert told["agent_stats"][0]["messages_sent"] == 1
    assert len(told["trend_data"]) == 1
    # what lies ahead is not yet a break
    ahead = await whato.told(AGENTS, from_="2026-05-06", to="2026-05-31")
    assert ahead["summary"]["total_break_time_mins"] == 30.0


async def test_an_agent_that_no_record_names_is_told_by_its_id(whato: Whato) -> None:
    await whato.take(handed("t1", "2026-05-05T10:00:00Z", user_id="stranger"))
    await whato.count_until(NOW)

    told = await whato.told(f"{AGENTS}/stranger")

    assert (told["agent"]["agent_name"], told["agent"]["active_transfers"]) == ("stranger", 1)
    assert [one["agent_id"] for one in (await whato.told(COMPARISON))["agents"]] == ["ada", "stranger"]


async def test_a_token_of_an_agent_tells_its_own_numbers_too(whato: Whato) -> None:
    await a_day_of_work(whato)
    await whato.take({"type": "organization", "id": whato.slug, "aliases": {"messagesender": whato.uuid}})
    claims = {
        "sub": "ada",
        "exp": whato.house.now + timedelta(hours=1),
        "app_metadata": {"organizations": [whato.uuid]},
    }
    token = jwt.encode(claims, JWT_SECRET, "HS256")

    for headers in (bearer(token), {**bearer(token), "X-Organization-ID": whato.uuid}):
        answer = await whato.http.get(AGENTS, headers=headers)
        data = answer.json()["data"]
        assert data["my_stats"] == data["agent_stats"][0]


async def test_bad_dates_of_one_agent_are_the_month_to_date(whato: Whato) -> None:
    await a_day_of_work(whato)

    usual = await whato.told(ADA)

    for bad in ({"from_": "soon", "to": "later"}, {"from_": "2026-05-05", "to": "2026-05-04"}):
        assert await whato.told(ADA, **bad) == usual
