"""Whatomate's numbers are GraphQL's numbers, and fit together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.rest.twins import twin_of
from tests.gateway.rest.whato import (
    ADA,
    AGENTS,
    CHATBOT,
    COMPARISON,
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
from tests.gateway.rest.world import at
from tests.worlds import bounded

FIRST, DAYS = at("2026-05-01T00:00:00Z"), 5
OUTCOMES = ("auto_resolved", "transferred", "abandoned", "active")
KINDS = ("text", "image", "template", "")


@dataclass
class Made:
    """What was really told: moments of messages by direction, of sessions by outcome."""

    messages: list[tuple[datetime, str, str]] = field(default_factory=list)  # moment, what it is, its type
    sessions: list[tuple[datetime, str]] = field(default_factory=list)


def moment(number: int) -> str:
    """A moment of the five days that no rollup could cut at."""
    return (FIRST + timedelta(microseconds=number * 7_654_321_987 % (DAYS * 86_400_000_000))).isoformat()


@pytest.fixture
async def made(whato: Whato) -> Made:
    """Messages, conversations and all that belongs to them, all over five days."""
    made, records = Made(), []
    for i in range(60):
        when, kind, sender = moment(i), KINDS[i % 4], (MAIN, HELP)[i % 2]
        more: dict[str, Any] = {"content_type": kind or None, "sender_id": sender, "session_id": f"s{i % 9}"}
        records.append(
            (
                out(f"m{i}", when, delivered_at=when, **more),
                out(f"m{i}", when, read_at=when, **more),
                out(f"m{i}", when, failed_at=when, **more),
                into(f"m{i}", when, **more),
            )[i // 4 % 4]
        )
        made.messages.append((at(when), ("delivered", "read", "failed", "received")[i // 4 % 4], kind))
    for i in range(24):
        when, outcome = moment(3 * i + 1), OUTCOMES[i % 4]
        status = {"auto_resolved": "completed", "abandoned": "timeout"}.get(outcome, "active")
        end = None if status == "active" else (at(when) + timedelta(seconds=i)).isoformat()
        records.append(session(f"s{i}", when, end, status=status, sender_id=(MAIN, HELP)[i // 4 % 2]))
        made.sessions.append((at(when), outcome))
        if outcome == "transferred":
            records.append(handed(f"t{i}", when, session_id=f"s{i}", user_id="ada", assigned_at=when))
        records.append(ran(f"f{i}", f"flow{i % 3}", when, when if i % 2 else None))
        records += [heard(f"k{i}", f"word{i % 5}", when), called(f"c{i}", when, (i, 2 * i), 1_000 * i)]
    await whato.take(*records)
    await whato.count_until("2026-05-06T10:00:00Z")
    return made


async def followed(whato: Whato, url: str, **params: Any) -> tuple[Any, dict[str, Any]]:
    """The data of an answer, and of the twin that its Link names."""
    answer = await whato.get(url, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"], await twin_of(whato.http, whato.key, answer)


@pytest.mark.usefixtures("made")
async def test_its_links_lead_to_graphql_queries_with_the_same_numbers(whato: Whato) -> None:
    for account in ({}, {"account_id": "help"}):
        told, data = await followed(whato, DASHBOARD, from_="2026-05-02", to="2026-05-04", **account)
        twin = data["dashboard"]
        assert told["messages"] == {**twin["messages"], **twin["messagesToday"]}
        assert told["chatbot"].items() >= twin["sessionsToday"].items()
        assert told["contacts"]["total"] == twin["contacts"]["total"]
        assert told["stats"]["total_messages"] == data["nowOfAccount"]["messages"]["total"]
        assert [one["id"] for one in told["recent_messages"]] == [
            one["id"] for one in data["recent_messages"]
        ]

        told, data = await followed(whato, MESSAGES, start_date="2026-05-02T07:08:09Z", **account)
        twin = data["messageReport"]
        assert told["summary"].items() >= {f"total_{k}": v for k, v in twin["summary"].items()}.items()
        assert list(told["by_type"].values()) == [one["metrics"]["total"] for one in twin["byType"]]
        assert [{**one, "date": ""} for one in told["timeline"]] == [
            {"date": "", **one["metrics"]} for one in twin["timeline"]["buckets"]
        ]

        told, data = await followed(whato, CHATBOT, start_date="2026-05-02", **account)
        twin = data["chatbot"]
        assert told["summary"]["abandoned"] == twin["summary"]["abandoned"]
        assert told["top_keywords"] == twin["keywords"]
        assert told["ai_usage"]["total_tokens"] == twin["ai"]["tokens"]
        assert [(one["flow_name"], one["conversations"]) for one in told["by_flow"]] == [
            (one["name"], one["metrics"]["started"]) for one in twin["flows"]
        ]

    told, data = await followed(whato, AGENTS, from_="2026-05-01", to="2026-05-05")
    assert told["summary"]["total_transfers_handled"] == data["agents"]["transfers"]["handled"]
    assert len(told["agent_stats"]) == len(data["agents"]["agents"]) == 1
    assert len(told["trend_data"]) == len(data["transferBuckets"]["buckets"]) == 5
    for url in (COMPARISON, ADA):
        await followed(whato, url)


MICROSECONDS = st.integers(0, DAYS * 86_400_000_000).map(
    lambda number: (FIRST + timedelta(microseconds=number)).isoformat().replace("+00:00", "Z")
)
DATES = st.integers(0, DAYS).map(lambda number: str((FIRST + timedelta(days=number)).date()))
MOMENTS = MICROSECONDS | DATES


@bounded(10)
@given(one=MOMENTS, other=MOMENTS, granularity=st.sampled_from(["hour", "day", "week", "month"]))
async def test_parts_sum_to_the_whole(
    whato: Whato, made: Made, one: str, other: str, granularity: str
) -> None:
    whato.house.now += timedelta(minutes=2)  # lest a hundred requests a minute be reached
    first, last = sorted((one, other), key=_start)
    if _start(first) >= _end(last):
        return
    dates = {"start_date": first, "end_date": last}

    told = await whato.told(MESSAGES, **dates, granularity=granularity)
    parts = [await whato.told(MESSAGES, **dates, account_id=name) for name in ("main", "help")]
    bot = (await whato.told(CHATBOT, **dates))["summary"]

    summary = told["summary"]
    for name in ("sent", "received", "delivered", "read"):
        assert summary[f"total_{name}"] == sum(point[name] for point in told["timeline"])
        assert summary[f"total_{name}"] == sum(part["summary"][f"total_{name}"] for part in parts)
    assert sum(told["by_type"].values()) == summary["total_sent"] + summary["total_received"]
    assert bot["total_conversations"] == sum(
        bot[name] for name in ("auto_resolved", "transferred_to_agent", "abandoned")
    )
    # and all of it is what was really told
    inside = [(kind, type) for when, kind, type in made.messages if _start(first) <= when < _end(last)]
    assert summary["total_received"] == sum(kind == "received" for kind, _ in inside)
    assert summary["total_delivered"] == sum(kind in {"delivered", "read"} for kind, _ in inside)
    assert summary["total_failed"] == sum(kind == "failed" for kind, _ in inside)
    assert told["by_type"].get("unknown", 0) == sum(type == "" for _, type in inside)
    ends = [outcome for when, outcome in made.sessions if _start(first) <= when < _end(last)]
    assert [bot[name] for name in ("auto_resolved", "transferred_to_agent", "abandoned")] == [
        ends.count(outcome) for outcome in OUTCOMES[:3]
    ]


def _start(text: str) -> datetime:
    return at(text if text.endswith("Z") else f"{text}T00:00:00Z")


def _end(text: str) -> datetime:
    """A moment is exclusive, a date includes its day."""
    return _start(text) if text.endswith("Z") else _start(text) + timedelta(days=1)


async def test_a_law_of_graphql_holds_in_every_group_and_bucket(whato: Whato, made: Made) -> None:
    data = await whato.graphql(
        """{
          sessionBuckets(
            groupBy: [OUTCOME], metric: STARTED, window: {days: {first: "2026-05-01", last: "2026-05-05"}}
          ) {
            total columns { groups { key total } }
            buckets { metrics { started concluded autoResolved transferred abandoned active } }
          }
          transferBuckets(groupBy: [USER], window: {days: {first: "2026-05-01", last: "2026-05-05"}}) {
            total columns { groups { key total } }
          }
        }"""
    )

    sessions = data["sessionBuckets"]
    for metrics in (bucket["metrics"] for bucket in sessions["buckets"]):
        parts = [metrics[name] for name in ("autoResolved", "transferred", "abandoned")]
        assert metrics["concluded"] == sum(parts)
        assert metrics["started"] == sum(parts) + metrics["active"]
    groups = {group["key"][0]: group["total"] for group in sessions["columns"]["groups"]}
    assert groups == dict.fromkeys(OUTCOMES, len(made.sessions) // 4)
    assert sessions["total"] == len(made.sessions)
    assert data["transferBuckets"]["columns"]["groups"] == [{"key": ["ada"], "total": 6}]
