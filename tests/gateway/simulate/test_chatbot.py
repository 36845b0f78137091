"""The chatbot of the simulation: conversations, and the people who take some over."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import pytest

Records = list[dict[str, Any]]


@pytest.fixture(scope="session")
def rows(arrived: Records) -> dict[str, dict[str, dict[str, Any]]]:
    """The last that was told of each row, by type and id."""
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for record in arrived:
        if record.get("organization") == "whato" and "id" in record:
            kind = found[record["type"]]
            kind[record["id"]] = record
    return found


def test_most_conversations_end_with_the_bot_and_some_with_a_person(rows: Any) -> None:
    sessions = rows["bot_session"].values()
    handed = {row["session_id"] for row in rows["transfer"].values()}
    ended = [row for row in sessions if row.get("status", "active") != "active"]

    assert len(sessions) > 80
    assert len(ended) / len(sessions) > 0.9
    assert 0.1 < len(handed) / len(sessions) < 0.3
    assert {row.get("status", "active") for row in sessions} >= {"completed", "timeout"}


def test_what_happens_in_a_conversation_names_it_and_its_account(rows: Any) -> None:
    sessions = rows["bot_session"]

    for kind in ("flow_run", "keyword_hit", "ai_call", "transfer"):
        assert rows[kind]
        for row in rows[kind].values():
            assert row["sender_id"] == sessions[row["session_id"]]["sender_id"]
    assert {row["flow_id"] for row in rows["flow_run"].values()} <= set(rows["bot_flow"])
    assert {row["sender_id"] for row in sessions.values()} <= set(rows["sender"])


def test_agents_answer_in_order_and_are_users(rows: Any) -> None:
    names = ("transferred_at", "assigned_at", "first_response_at", "resumed_at")

    for row in rows["transfer"].values():
        moments = [datetime.fromisoformat(row[name]) for name in names if name in row]
        assert moments == sorted(moments)
        assert row.get("user_id", "") in {"", *rows["user"]}
    assert {row["user_id"] for row in rows["availability"].values()} == set(rows["user"])
    assert {row["is_available"] for row in rows["availability"].values()} == {True, False}
