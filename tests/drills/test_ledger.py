"""What was told, and what it must count for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from drills.ledger import EACH, LATEST, Batch, Ledger

NOW = datetime(2026, 5, 5, 12, tzinfo=UTC)


def happened(message: str, kind: str, place: int) -> dict[str, Any]:
    return {"type": "event", "id": f"{message}-{place}", "message_id": message, "event": kind}


def test_a_ledger_counts_each_thing_once_however_often_it_was_acknowledged() -> None:
    ledger = Ledger(Random(1))
    told = Batch(({"type": "message", "id": "a"}, happened("a", "sent", 0), happened("a", "clicked", 1)))
    more = Batch((happened("a", "clicked", 2), happened("b", "sent", 0)))
    for batch in (told, more, told):
        ledger.acknowledge(batch)

    # a and b, of which b was never announced; a was clicked in twice
    assert +ledger.numbers() == Counter(total=2, sent=2, clicked=1, clicks=2)


def test_what_nobody_has_acknowledged_is_sent_again_first() -> None:
    ledger = Ledger(Random(1))
    doubtful = ledger.batch(NOW)
    ledger.doubt(doubtful)

    assert not ledger.is_settled
    assert ledger.batch(NOW) is doubtful
    assert not ledger.is_settled
    ledger.acknowledge(doubtful)
    assert ledger.is_settled


def test_records_come_late_again_and_before_their_messages_but_never_from_the_future() -> None:
    ledger, batches = Ledger(Random(1)), []
    for _ in range(400):
        batches.append(batch := ledger.batch(NOW))
        ledger.acknowledge(batch)

    records = [record for batch in batches for record in batch.records]
    moments = [datetime.fromisoformat(record.get("created_at") or record["at"]) for record in records]
    assert {len(batch.records) for batch in batches} == {EACH}
    assert 1 < len(batches) - len({id(batch) for batch in batches}) < 40  # one in twenty, of four hundred
    assert max(moments) <= NOW
    assert min(moments) > NOW - LATEST - timedelta(minutes=2)
    assert sum(moment < NOW - timedelta(hours=1) for moment in moments) > len(moments) / 20
    seen: set[str] = set()
    early = 0
    for record in records:
        if record["type"] == "message":
            seen.add(record["id"])
        else:
            early += record["message_id"] not in seen
    assert early > 100
