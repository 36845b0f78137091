"""Lines into records: what is taken, and what is refused, with its line and a reason that says no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from gateway.intake import Intake
from models.engine import Store
from models.records import CampaignRecord, ContactRecord, CreditEntryRecord, quick
from resolvers.intake.parse import FUTURE_ALLOWED, MAX_LINE_BYTES, Refusal, parse
from tests.worlds import EVER, NOW, enrolled, held

MESSAGE: dict[str, Any] = {"type": "message", "id": "a", "created_at": "2026-05-05T10:00:00Z"}
EVENT: dict[str, Any] = {
    "type": "event",
    "message_id": "a",
    "event": "opened",
    "at": "2026-05-05T10:00:00+02:00",
}

CONTACT: dict[str, Any] = {"type": "contact", "id": "c", "created_at": "2026-05-05T10:00:00Z"}
ORDER: dict[str, Any] = {
    "type": "order",
    "id": "o",
    "contact_id": "c",
    "total_micros": 5,
    "at": "2026-05-05T10:00:00Z",
}
WORKFLOW: dict[str, Any] = {"type": "workflow", "id": "w", "created_at": "2026-05-05T10:00:00Z"}
ENTRY: dict[str, Any] = {
    "type": "workflow_entry",
    "id": "w",
    "workflow_id": "w",
    "entered_at": "2026-05-05T10:00:00Z",
}
INBOX: dict[str, Any] = {"type": "inbox_event", "id": "e", "thread_id": "t", "at": "2026-05-05T10:00:00Z"}


def line(record: dict[str, Any], **changes: Any) -> bytes:
    """A record as one line; a change to None leaves the field out."""
    return orjson.dumps({name: value for name, value in {**record, **changes}.items() if value is not None})


def reason(text: bytes) -> str:
    """Why the line is refused; it must be."""
    parsed = parse([(7, text)], NOW)
    assert not parsed.records
    (refusal,) = parsed.refused
    assert refusal.line == 7
    return refusal.reason


def test_good_lines_keep_their_numbers_and_blank_ones_are_passed_over() -> None:
    parsed = parse([(1, line(MESSAGE)), (2, b""), (3, b" \r\n"), (4, line(EVENT))], NOW)

    assert [(number, record.type) for number, record in parsed.records] == [(1, "message"), (4, "event")]
    assert parsed.refused == []


def test_a_bad_line_does_not_hurt_its_neighbours() -> None:
    parsed = parse([(1, b"{"), (2, line(MESSAGE)), (3, line(MESSAGE, id=""))], NOW)

    assert [number for number, _ in parsed.records] == [2]
    assert [refusal.line for refusal in parsed.refused] == [1, 3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "EOF"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"[]", "Input should be an object"),
        (line(MESSAGE, type="voyage"), "voyage"),
        (line(MESSAGE, type=None), "type"),
        (line(MESSAGE, id=None), "id: Field required"),
        (line(MESSAGE, id="x" * 201), "id: String should have at most 200"),
        (line(MESSAGE, created_at="2026-05-05T10:00:00"), "created_at: Input should have timezone"),
        (line(MESSAGE, created_at="1999-12-31T23:59:59Z"), "created_at: Input should be greater than"),
        (line(MESSAGE, created_at="yesterday"), "created_at: Input should be a valid datetime"),
        (line(MESSAGE, segments=-1), "segments: Input should be greater than"),
        (line(MESSAGE, segments=2**60), "segments: Input should be less than"),
        (line(MESSAGE, channel="pigeon"), "channel: Input should be 'sms', 'mms', 'email'"),
        (line(MESSAGE, colour="red"), "colour: Extra inputs are not permitted"),
        (line(INBOX, kind="tag_added"), "tag_added needs a tag_id"),
        (line(INBOX, kind="tag_removed", tag_id=""), "tag_removed needs a tag_id"),
        (line(INBOX, kind="slept"), "kind: Input should be 'opened'"),
        (line(INBOX), "kind: Field required"),
        (line(CONTACT, opt_in_status="keen"), "opt_in_status: Input should be 'not_subscribed'"),
        (line(CONTACT, custom={str(i): i for i in range(101)}), "custom: Dictionary should have at most 100"),
        (line(CONTACT, custom={"": 1}), "should have at least 1 character"),
        (line(CONTACT, custom={"x" * 201: 1}), "should have at most 200"),
        (line(CONTACT, custom={"a": [1]}), "custom.a"),
        (line(CONTACT, custom={"a": {"b": 1}}), "custom.a"),
        (line(CONTACT, custom={"a": "x" * 2001}), "should have at most 2000"),
        (
            b'{"type": "contact", "id": "c", "created_at": "2026-05-05T10:00:00Z", "custom": {"a": 1e999}}',
            "custom.a",
        ),
        (line(ORDER, total_micros=-1), "total_micros: Input should be greater than"),
        (line(ORDER, total_micros=10**12 + 1), "total_micros: Input should be less than"),
        (line(ORDER, contact_id=None), "contact_id: Field required"),
        (line(WORKFLOW, entry_rule="never"), "entry_rule: Input should be 'once'"),
        (line(WORKFLOW, entry_rule_time_value=-1), "entry_rule_time_value: Input should be greater"),
        (
            line({"type": "contact_event", "id": "e", "contact_id": "c", "at": "2026-05-05T10:00:00Z"}),
            "opt_in_status",
        ),
        (line(EVENT, event="exploded"), "event: Input should be 'sent'"),
        (b'{"type": "message", "id": "\\ud800", "created_at": "2026-05-05T10:00:00Z"}', "hex escape"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(text: bytes, said: str) -> None:
    assert said in reason(text)


def test_more_than_one_fault_is_told_as_one_line() -> None:
    assert reason(line(MESSAGE, id="", segments=-1, channel="x")).endswith("(and 2 more)")


def test_a_reason_never_repeats_what_was_sent() -> None:
    told = reason(line(MESSAGE, contact_id={"secret": "+15551234567"}, created_at="+15551234567"))

    assert "15551234567" not in told


@pytest.mark.parametrize(
    "record",
    [
        {**MESSAGE, "created_at": "{}"},
        {**MESSAGE, "delivered_at": "{}"},
        {**EVENT, "at": "{}"},
        {
            "type": "webhook_delivery",
            "id": "w",
            "endpoint_id": "e",
            "kind": "k",
            "outcome": "dead",
            "at": "{}",
        },
        {"type": "credit_entry", "id": "e", "kind": "grant", "credits": 1, "at": "{}"},
        {"type": "contact", "id": "c", "created_at": "{}"},
        {"type": "contact", "id": "c", "created_at": "2026-05-05T10:00:00Z", "updated_at": "{}"},
        {"type": "campaign", "id": "c", "created_at": "{}"},
        {"type": "campaign", "id": "c", "created_at": "2026-05-05T10:00:00Z", "started_at": "{}"},
        {"type": "campaign", "id": "c", "created_at": "2026-05-05T10:00:00Z", "completed_at": "{}"},
        {"type": "billing_account", "id": "b", "updated_at": "{}"},
        {"type": "subscription", "id": "s", "updated_at": "{}"},
        {"type": "credit_product", "id": "p", "credits": 1, "price_cents": 1, "updated_at": "{}"},
        {"type": "domain", "id": "d", "updated_at": "{}"},
        {"type": "ip_check", "id": "k", "ip_id": "i", "is_listed": True, "at": "{}"},
        {"type": "mailbox_day", "mailbox_id": "m", "day": "2026-05-05", "updated_at": "{}"},
        {**CONTACT, "deleted_at": "{}"},
        {**CONTACT, "opt_in_changed_at": "{}"},
        {"type": "contact_event", "id": "e", "contact_id": "c", "opt_in_status": "pending", "at": "{}"},
        {"type": "contact_list", "id": "l", "updated_at": "{}"},
        {"type": "segment", "id": "s", "updated_at": "{}"},
        {"type": "campaign_audience", "id": "a", "campaign_id": "c", "created_at": "{}"},
        {"type": "link", "id": "l", "created_at": "{}"},
        {**ORDER, "at": "{}"},
        {**ORDER, "updated_at": "{}"},
        {"type": "user", "id": "u", "created_at": "{}"},
        {**WORKFLOW, "created_at": "{}"},
        {**WORKFLOW, "activated_at": "{}"},
        {**WORKFLOW, "deactivated_at": "{}"},
        {**WORKFLOW, "cleared_at": "{}"},
        {"type": "workflow_entry", "id": "w", "workflow_id": "w", "entered_at": "{}"},
        {**ENTRY, "exited_at": "{}"},
        {"type": "inbox_thread", "id": "t", "created_at": "{}"},
        {"type": "inbox_tag", "id": "t", "updated_at": "{}"},
        {**INBOX, "kind": "opened", "at": "{}"},
        {"type": "campaign", "id": "c", "created_at": "2026-05-05T10:00:00Z", "status_at": "{}"},
    ],
)
def test_what_happened_may_lie_five_minutes_ahead_and_no_more(record: dict[str, Any]) -> None:
    (name,) = (name for name, value in record.items() if value == "{}")
    latest = NOW + timedelta(minutes=5)

    allowed = parse([(1, line(record, **{name: latest.isoformat()}))], NOW)
    too_late = reason(line(record, **{name: (latest + timedelta(microseconds=1)).isoformat()}))

    assert timedelta(minutes=5) == FUTURE_ALLOWED
    assert not allowed.refused
    assert "lies in the future" in too_late


def test_a_link_may_run_out_later() -> None:
    link = {"type": "link", "id": "l", "created_at": "2026-05-05T10:00:00Z"}

    assert not parse([(1, line(link, expires_at="2027-01-01T00:00:00Z"))], NOW).refused


def test_a_tag_is_named_and_custom_fields_are_kept_as_they_were_told() -> None:
    custom = {"text": "x" * 2000, "whole": 7, "half": 7.5, "yes": True, "none": None}
    parsed = parse([(1, line(INBOX, kind="tag_added", tag_id="vip")), (2, line(CONTACT, custom=custom))], NOW)

    assert not parsed.refused
    record = parsed.records[1][1]
    assert isinstance(record, ContactRecord)
    assert record.custom == custom


def test_a_grant_may_run_out_later() -> None:
    grant = {"type": "credit_entry", "id": "e", "kind": "grant", "credits": 1, "at": "2026-05-05T10:00:00Z"}
    parsed = parse([(1, line(grant, expires_at="2027-01-01T00:00:00Z"))], NOW)

    assert isinstance(parsed.records[0][1], CreditEntryRecord)


def test_what_is_still_to_come_may_lie_ahead() -> None:
    subscription = {"type": "subscription", "id": "s", "updated_at": "2026-05-05T10:00:00Z"}
    ahead = {"current_period_end": "2027-01-01T00:00:00Z", "next_billing_date": "2027-01-01"}

    assert not parse([(1, line(subscription, **ahead))], NOW).refused


def test_a_campaign_may_be_scheduled_for_later() -> None:
    campaign = {"type": "campaign", "id": "c", "created_at": "2026-05-05T10:00:00Z"}
    parsed = parse([(1, line(campaign, scheduled_at="2027-01-01T00:00:00Z"))], NOW)

    assert isinstance(parsed.records[0][1], CampaignRecord)


@pytest.mark.parametrize("moment", ["2100-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_no_moment_lies_so_far_ahead_that_a_store_could_not_give_it_back(moment: str) -> None:
    campaign = {"type": "campaign", "id": "c", "created_at": "2026-05-05T10:00:00Z"}

    assert "scheduled_at: Input should be less than" in reason(line(campaign, scheduled_at=moment))


def test_nul_is_refused_because_postgresql_cannot_keep_it() -> None:
    assert "NUL" in reason(b'{"type": "message", "id": "a\\u0000", "created_at": "2026-05-05T10:00:00Z"}')
    assert "JSON" in reason(b'{"type": "message", "id": "a\x00", "created_at": "2026-05-05T10:00:00Z"}')


def test_a_line_may_be_256_kib_long_and_no_longer() -> None:
    text = line({"type": "campaign", "id": "c", "created_at": "2026-05-05T10:00:00Z"})
    padded = text + b" " * (MAX_LINE_BYTES - len(text))

    assert not parse([(1, padded)], NOW).refused
    assert "longer than 262144 bytes" in reason(padded + b" ")


def test_deeply_nested_lines_are_refused() -> None:
    assert reason(b"[" * 200_000)


def test_microseconds_and_offsets_are_kept() -> None:
    parsed = parse([(1, line(MESSAGE, created_at="2026-05-05T12:00:00.000001+02:00"))], NOW)
    record = parsed.records[0][1]

    assert quick.is_message(record)
    assert record.created_at.timestamp() == 1777975200.000001  # 2026-05-05 10:00:00.000001 UTC


def numbered(*records: bytes) -> list[tuple[int, bytes]]:
    return list(enumerate(records, 1))


def taker(store: Store) -> Intake:
    return Intake(store, lambda: NOW, EVER)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"status": "completed"}, "a session that is completed needs its ended_at"),
        ({"status": "timeout", "ended_at": "2026-05-05T09:59:59Z"}, "ended_at lies before started_at"),
        ({"status": "over"}, "status: "),
    ],
)
def test_a_session_of_the_bot_ends_after_its_start_when_it_is_over(told: dict[str, Any], reason: str) -> None:
    session = {"type": "bot_session", "id": "s", "started_at": "2026-05-05T10:00:00Z"}

    parsed = parse(numbered(line(session), line(session, **told)), NOW)

    assert len(parsed.records) == 1
    assert reason in parsed.refused[0].reason


def test_a_transfer_cannot_be_answered_before_it_was_made() -> None:
    transfer = {"type": "transfer", "id": "t", "transferred_at": "2026-05-05T10:00:00Z"}
    early = {"first_response_at": "2026-05-05T09:00:00Z"}

    parsed = parse(numbered(line(transfer), line(transfer, **early)), NOW)

    assert len(parsed.records) == 1
    assert "first_response_at lies before transferred_at" in parsed.refused[0].reason


async def test_records_of_another_organization_are_refused(store: Store) -> None:
    mine, other = await enrolled(store), await enrolled(store)
    lines = numbered(
        line(MESSAGE, id="1"),
        line(MESSAGE, id="2", organization=mine.slug),
        line(MESSAGE, id="3", organization=other.slug),
        line({"type": "organization", "id": mine.slug, "plan": "custom"}),
    )

    report = await taker(store).take_own(lines, mine)

    assert (report.accepted, report.changed) == (2, 2)
    assert [refusal.line for refusal in report.refused] == [3, 4]
    assert "another organization" in report.refused[0].reason
    assert "enrolled by the operator" in report.refused[1].reason
    assert (await held(store, other))["messages"] == []


async def test_an_atomic_batch_is_taken_whole_or_not_at_all(store: Store) -> None:
    mine = await enrolled(store)
    lines = numbered(line(MESSAGE), b"{}")

    refused = await taker(store).take_own(lines, mine, atomic=True)
    kept = (await held(store, mine))["messages"]
    taken = await taker(store).take_own(lines[:1], mine, atomic=True)

    assert (refused.accepted, refused.changed, len(refused.refused)) == (0, 0, 1)
    assert kept == []
    assert (taken.accepted, taken.changed, taken.refused) == (1, 1, [])


async def test_refusals_come_in_the_order_of_their_lines(store: Store) -> None:
    mine = await enrolled(store)
    lines = numbered(line(MESSAGE, organization="stranger"), b"{", line(MESSAGE, organization="stranger"))

    report = await taker(store).take_own(lines, mine)

    assert [refusal.line for refusal in report.refused] == [1, 2, 3]


async def test_the_operator_brings_organizations_and_what_belongs_to_them(store: Store) -> None:
    lines = numbered(
        line(MESSAGE, organization="novum"),  # its organization comes further down
        line({"type": "organization", "id": "novum", "timezone": "Asia/Kolkata"}),
        line(MESSAGE, organization="stranger"),
        line(MESSAGE),
        line({"type": "organization", "id": "bad", "plan": "gold"}),
    )

    report = await taker(store).take_any(lines)

    assert (report.accepted, report.changed) == (2, 1)
    refused = sorted(report.refused, key=lambda refusal: refusal.line)
    assert refused[0] == Refusal(
        3, "organization: there is no 'stranger'; send its organization record first"
    )
    assert [refusal.line for refusal in refused] == [3, 4, 5]


async def test_records_without_an_organization_go_home(store: Store) -> None:
    home = await enrolled(store)

    report = await taker(store).take_any(numbered(line(MESSAGE)), home)

    assert report.accepted == 1
    assert len((await held(store, home))["messages"]) == 1
