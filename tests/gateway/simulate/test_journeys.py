"""What becomes of messages, as a whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from statistics import median
from typing import Any

import pytest

from gateway.simulate.tenants import TENANTS

Records = list[dict[str, Any]]
State = dict[str, Any]
FIELDS = {"opened": "opened_at", "delivered": "delivered_at"}


@pytest.fixture(scope="module")
def messages(arrived: Records) -> dict[tuple[str, str], State]:
    """What is known of each message in the end; the first moment of everything wins."""
    known: defaultdict[tuple[str, str], State] = defaultdict(dict)
    for record in arrived:
        if record["type"] == "message":
            state = known[record["organization"], record["id"]]
            state.update(
                {key: value for key, value in record.items() if key not in ("type", "organization", "id")}
            )
        elif record["type"] == "event":
            state = known[record["organization"], record["message_id"]]
            key = (
                f"{record.get('actor', 'human')}_{record['event']}" if "actor" in record else record["event"]
            )
            key = f"{key}_at"
            state[key] = min(state.get(key, record["at"]), record["at"])
            state.update(
                {key: record[key] for key in ("error_code", "bounce_reason", "bounce") if key in record}
            )
    return known


def outbound(messages: dict[tuple[str, str], State], channel: str | None = None) -> list[State]:
    return [
        state
        for state in messages.values()
        if state["direction"] == "outbound" and "is_test" not in state and channel in (None, state["channel"])
    ]


def share(states: list[State], top: str, bottom: str) -> float:
    return sum(top in state for state in states) / sum(bottom in state for state in states)


def hours(states: list[State], earlier: str, later: str) -> list[float]:
    return [
        (datetime.fromisoformat(state[later]) - datetime.fromisoformat(state[earlier])).total_seconds() / 3600
        for state in states
        if earlier in state and later in state
    ]


def test_most_messages_are_delivered(messages: dict[tuple[str, str], State]) -> None:
    for tenant in TENANTS:
        states = [
            state
            for (slug, _), state in messages.items()
            if slug == tenant.slug and state["direction"] == "outbound"
        ]

        assert 0.9 < share(states, "delivered_at", "created_at") < 0.99


def test_only_delivered_messages_are_engaged_with(messages: dict[tuple[str, str], State]) -> None:
    engaged = ("opened_at", "read_at", "clicked_at", "replied_at", "complained_at", "unsubscribed_at")

    for state in outbound(messages):
        for key in engaged:
            assert key not in state or state["delivered_at"] <= state[key]


def test_no_message_is_both_delivered_and_lost(messages: dict[tuple[str, str], State]) -> None:
    assert not [
        state
        for state in outbound(messages)
        if "delivered_at" in state and {"failed_at", "bounced_at"} & set(state)
    ]


def test_moments_follow_one_another(messages: dict[tuple[str, str], State]) -> None:
    for state in outbound(messages):
        chain = [state[key] for key in ("created_at", "sent_at", "delivered_at") if key in state]

        assert chain == sorted(chain)


def test_each_click_in_a_mail_took_an_open(messages: dict[tuple[str, str], State]) -> None:
    mails = outbound(messages, "email")

    assert all("opened_at" in state for state in mails if "clicked_at" in state)
    assert 0.28 < share(mails, "opened_at", "delivered_at") < 0.4
    assert 0.03 < share(mails, "clicked_at", "delivered_at") < 0.09


def test_opens_decay(messages: dict[tuple[str, str], State]) -> None:
    waits = hours(outbound(messages, "email"), "delivered_at", "opened_at")

    first, second, third = (sum(low <= wait < low + 24 for wait in waits) for low in (0, 24, 48))

    assert 0.5 < median(waits) < 5
    assert first > 8 * second > 8 * third > 0


def test_machines_open_and_click_within_seconds(messages: dict[tuple[str, str], State]) -> None:
    states = outbound(messages)

    for key in ("machine_opened_at", "machine_clicked_at"):
        waits = hours(states, "delivered_at", key)

        assert waits
        assert max(waits) * 3600 <= 25


def test_losses_say_why(messages: dict[tuple[str, str], State]) -> None:
    states = outbound(messages)

    codes = Counter(state.get("error_code") for state in states if "failed_at" in state)
    reasons = Counter(state.get("bounce_reason") for state in states if "bounced_at" in state)

    assert {"30003", "30005", "30006", "30007", "131026"} <= set(codes)
    assert {"Mailbox does not exist", "Mailbox full"} <= set(reasons)
    assert None not in codes
    assert None not in reasons
    assert {state["bounce"] for state in states if "bounced_at" in state} == {"hard", "soft"}


def test_what_is_paid_for_follows_each_vendor_rule(messages: dict[tuple[str, str], State]) -> None:
    moment = {"sent": "sent_at", "delivered": "delivered_at"}
    charged = {tenant.slug: moment[tenant.charged] for tenant in TENANTS}

    for (slug, _), state in messages.items():
        if state["direction"] == "outbound" and "is_test" not in state:
            assert ("cost_micros" in state) == ("charged_at" in state)
            assert state.get("charged_at") == state.get(charged[slug])


def test_segments_and_credits_fit_the_channel(messages: dict[tuple[str, str], State]) -> None:
    per_segment = {"sms": 1, "mms": 2}

    for state in outbound(messages):
        assert ("segments" in state) == (state["channel"] in per_segment)
        if "credits" in state:
            assert state["credits"] == per_segment[state["channel"]] * state["segments"]


def test_replies_arrive_as_inbound_messages(messages: dict[tuple[str, str], State]) -> None:
    answers = {
        (slug, state["contact_id"], state["created_at"])
        for (slug, _), state in messages.items()
        if state["direction"] == "inbound"
    }
    replied = [
        (slug, state["contact_id"], state["replied_at"])
        for (slug, _), state in messages.items()
        if "replied_at" in state
    ]

    assert len(replied) > 100
    assert set(replied) <= answers


def test_all_causes_and_some_contents_occur(messages: dict[tuple[str, str], State]) -> None:
    sources = {state["source"] for state in messages.values()}
    contents = {state["content_type"] for state in messages.values() if state["channel"] == "whatsapp"}

    assert sources == {"campaign", "workflow", "api", "inbox", "keyword", "chatbot"}
    assert {"template", "text", "image", "document", "audio", "interactive"} <= contents
    assert {"read_at"} & {key for state in outbound(messages, "whatsapp") for key in state}


def test_a_few_messages_are_tests(messages: dict[tuple[str, str], State]) -> None:
    tests = [state for state in messages.values() if state.get("is_test")]

    assert 0 < len(tests) < len(messages) * 0.05
    assert all(state["campaign_id"] for state in tests)
