"""Telling is commutative, associative and idempotent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from models.messages import Message
from models.records import (
    EventRecord,
    IpAddressRecord,
    IpCheckRecord,
    MailboxDayRecord,
    MessageRecord,
    OrganizationRecord,
    Record,
)
from resolvers.intake.fold import KEPT, RULES, Told, fold, later, tell
from tests.resolvers.intake.telling import BASE, RECORDS, contacts
from tests.worlds import at, bounded, event, message


def folded(records: Sequence[Record]) -> dict[str, Any]:
    """Everything that the records tell, by the table it belongs to."""
    found = fold(records)
    kept = {table.name: rows for table, rows in found.kept.items()}
    return {"messages": found.messages, "events": found.events, **kept}


@given(records=RECORDS, data=st.data())
@bounded(60)
def test_order_and_repetition_do_not_matter_within_a_batch(
    records: list[Record], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(records + data.draw(st.lists(st.sampled_from(records), max_size=5))))

    assert folded(again) == folded(records)


@given(first=RECORDS, second=RECORDS, third=RECORDS)
@bounded(60)
def test_it_does_not_matter_how_records_are_told_together(
    first: list[Record], second: list[Record], third: list[Record]
) -> None:
    def told(*batches: list[Record]) -> dict[str, Told]:
        states: dict[str, Told] = {}
        for batch in batches:
            for key, state in fold(batch).messages.items():
                tell(states.setdefault(key, {}), state)
        return states

    assert told(first, second, third) == told(third, first, second, second) == told(first + second + third)


@given(rows=st.lists(contacts(), min_size=2, max_size=4))
@bounded(30)
def test_the_later_row_is_the_same_in_any_order(rows: list[Record]) -> None:
    forth, back = folded(rows)["contacts"]["1"], folded(rows[::-1])["contacts"]["1"]

    assert forth == back
    assert later(forth, back) is forth


def test_every_kind_of_record_has_a_place() -> None:
    kinds = set(get_args(get_args(Record)[0]))
    elsewhere = {MessageRecord, EventRecord, OrganizationRecord}  # those have rules of their own

    assert kinds - elsewhere == set(KEPT)
    assert len({table for table, _ in KEPT.values()}) == len(KEPT)


def test_every_column_that_records_can_tell_has_a_rule() -> None:
    # A column is either the key, or the birth (announced and created_at), or merged by its own rule.
    columns = {column.name for column in Message.__table__.columns}

    assert columns - set(RULES) == {"organization_id", "id", "announced", "created_at"}
    assert set(RULES) - columns == {"birth"}


def test_the_message_knows_its_birth_better_than_events_do() -> None:
    # An event of 00:10 and one of 00:20 guess; the message says 00:55, later than both, and is right.
    records = [
        event("a", "delivered", BASE - timedelta(minutes=35)),
        message("a", BASE),
        event("a", "delivered", BASE - timedelta(minutes=45)),
    ]

    assert fold(records).messages["a"]["birth"] == (False, BASE)
    assert fold(records[::2]).messages["a"]["birth"] == (True, BASE - timedelta(minutes=45))


def test_an_event_without_an_id_is_known_by_what_it_says() -> None:
    noon = datetime.fromisoformat("2026-03-29T14:00:00+02:00")
    same = [
        event("a", "opened", noon),
        event("a", "opened", noon.astimezone(UTC)),
        event("a", "opened", noon, channel="sms"),
    ]
    others = [
        event("a", "clicked", noon),
        event("a", "opened", noon, actor="machine"),
        event("a", "opened", noon, link="x"),
        event("a", "opened", noon + timedelta(microseconds=1)),
        event("b", "opened", noon),
    ]

    assert len(fold(same).events) == 1
    assert len(fold(same + others).events) == 1 + len(others)


def test_only_opens_clicks_and_replies_keep_rows_of_their_own() -> None:
    kinds = ("sent", "delivered", "read", "failed", "bounced", "complained", "unsubscribed")
    records: list[Record] = [event("a", kind, at("2026-05-05 10:00")) for kind in kinds]

    assert fold(records).events == {}
    moments = {name for name in fold(records).messages["a"] if name.endswith("_at")}
    assert moments == {
        *(f"{kind}_at" for kind in kinds if kind != "bounced"),
        "hard_bounced_at",
    }


def mailbox_day(**told: Any) -> MailboxDayRecord:
    return MailboxDayRecord(type="mailbox_day", mailbox_id="box", day=date(2026, 5, 5), **told)


def test_a_day_of_a_mailbox_is_told_at_its_end_unless_it_says_when() -> None:
    day = at("2026-05-05 00:00")

    (row,) = folded([mailbox_day(sent=7, health_score=90)])["mailbox_days"].values()

    assert row == {
        "id": "2026-05-05:box",
        "mailbox_id": "box",
        "at": day,
        "sent": 7,
        "health_score": 90,
        "warmup_status": "",
        "updated_at": day + timedelta(days=1),
    }


def test_of_a_day_told_twice_the_later_telling_is_kept_and_no_score_is_less_than_nought() -> None:
    first = mailbox_day(sent=7, health_score=90, updated_at=at("2026-05-06 08:00"))
    second = mailbox_day(sent=8, updated_at=at("2026-05-06 09:00"))

    for records in ([first, second], [second, first]):
        (row,) = folded(records)["mailbox_days"].values()
        assert (row["sent"], row["health_score"]) == (8, -1)


def test_checks_of_an_address_are_kept_one_by_one_and_each_is_as_old_as_its_look() -> None:
    moment = at("2026-05-05 10:00")

    def check(id: str, is_listed: bool) -> IpCheckRecord:
        return IpCheckRecord(type="ip_check", id=id, ip_id="ip", provider="x", is_listed=is_listed, at=moment)

    rows = folded([check("a", True), check("b", False), check("a", True)])["ip_checks"]

    assert {id: (row["is_listed"], row["updated_at"]) for id, row in rows.items()} == {
        "a": (True, moment),
        "b": (False, moment),
    }


def test_the_domains_of_an_address_are_a_set_however_they_are_told() -> None:
    def address(*domains: str) -> IpAddressRecord:
        return IpAddressRecord(
            type="ip_address", id="ip", domain_ids=[*domains], updated_at=at("2026-05-05 10:00")
        )

    assert folded([address("b", "a", "b")]) == folded([address("a", "b")])
    assert folded([address("b", "a")])["ip_addresses"]["ip"]["domain_ids"] == '["a","b"]'
