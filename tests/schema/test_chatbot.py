"""The chatbot, its agents and the dashboard as GraphQL tells them."""

from __future__ import annotations

from typing import Any

from tests.house import House, message

MOMENT, LATER = "2026-05-05T10:00:00Z", "2026-05-05T10:02:30Z"


def of_acme(kind: str, id: str, **told: Any) -> dict[str, Any]:
    """A record of `acme`."""
    return {"type": kind, "organization": "acme", "id": id, **told}


def session(id: str, status: str, **more: Any) -> dict[str, Any]:
    """A conversation of two and a half minutes, or one that goes on."""
    ended = None if status == "active" else LATER
    return of_acme("bot_session", id, status=status, started_at=MOMENT, ended_at=ended, **more)


async def test_rates_of_the_chatbot_are_exact_and_null_of_nothing(house: House, key: str) -> None:
    asked = """query($window: WindowInput) {
      chatbot(window: $window) {
        summary { concluded resolutionRate messagesPerSession averageResolutionTime }
        ai { tokensPerRequest }
      }
    }"""
    await house.take(
        *(session(f"s{i}", "completed") for i in range(3)),
        session("s3", "cancelled"),
        session("s4", "active"),
        message("m1", MOMENT, session_id="s0"),
        of_acme("ai_call", "c", tokens_in=3, tokens_out=4, at=MOMENT),
    )

    told = (await house.ask(key, asked))["chatbot"]
    before = {"between": {"start": "2026-05-01T00:00:00Z", "end": "2026-05-02T00:00:00Z"}}
    nothing = (await house.ask(key, asked, window=before))["chatbot"]

    # 3 of 4 that are over; 1 message in 4; 150 s each
    assert told["summary"] == {
        "concluded": 4,
        "resolutionRate": 75.0,
        "messagesPerSession": 0.25,
        "averageResolutionTime": 150.0,
    }
    assert told["ai"] == {"tokensPerRequest": 7.0}
    assert nothing["summary"]["concluded"] == 0
    assert {nothing["summary"]["resolutionRate"], nothing["ai"]["tokensPerRequest"]} == {None}


async def test_a_session_taken_back_from_a_person_counts_once_more_as_it_is_told(
    house: House, key: str
) -> None:
    asked = "{ sessionBuckets(groupBy: [OUTCOME]) { total columns { groups { key total } } } }"
    await house.take(
        session("s0", "active"),
        of_acme("transfer", "t", session_id="s0", transferred_at=MOMENT),
    )
    handed = (await house.ask(key, asked))["sessionBuckets"]

    await house.take(
        session("s0", "completed"),
        of_acme("transfer", "t", session_id="", transferred_at=MOMENT, updated_at=LATER),
    )
    resolved = (await house.ask(key, asked))["sessionBuckets"]

    assert handed["columns"]["groups"] == [{"key": ["transferred"], "total": 1}]
    assert resolved["columns"]["groups"] == [{"key": ["auto_resolved"], "total": 1}]


async def test_an_agent_is_null_for_a_stranger_and_unknown_accounts_are_refused(
    house: House, key: str
) -> None:
    await house.take(of_acme("user", "ada", name="Ada", created_at=MOMENT))

    known = await house.ask(key, '{ agent(id: "ada") { name isAvailable breakStartedAt } }')
    stranger = await house.ask(key, '{ agent(id: "bo") { name } }')
    refused = (await house.post(key, '{ chatbot(account: "x") { window { start } } }')).json()

    assert known["agent"] == {"name": "Ada", "isAvailable": None, "breakStartedAt": None}
    assert stranger["agent"] is None
    assert refused["errors"][0]["message"] == "There is no sender 'x'."
    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_the_dashboards_periods_begin_in_the_zone_asked_for(house: House, key: str) -> None:
    # it is midnight of 2026-05-06, UTC: still Tuesday evening in New York
    await house.take(message("m1", "2026-05-05T03:59:59Z"), message("m2", "2026-05-05T04:00:00Z"))
    asked = """query($zone: String!) {
      dashboard(period: DAY, timezone: $zone) { window { start } messages { logged } }
    }"""

    found = {
        zone: (await house.ask(key, asked, zone=zone))["dashboard"] for zone in ("UTC", "America/New_York")
    }

    assert found["UTC"]["window"]["start"] == "2026-05-06T00:00:00Z"
    assert found["America/New_York"]["window"]["start"] == "2026-05-05T04:00:00Z"
    assert [one["messages"]["logged"] for one in found.values()] == [0, 1]
