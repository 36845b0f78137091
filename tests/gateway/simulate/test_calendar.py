"""Records waiting for their moment."""

from __future__ import annotations

from random import Random

import pytest

from gateway.simulate import calendar, disorder
from gateway.simulate.calendar import ARRIVAL, Calendar
from gateway.simulate.disorder import Disorder
from gateway.simulate.moments import HOUR


def test_a_slot_comes_out_in_order() -> None:
    waiting = Calendar(0, 100, 10)
    for at in (7, 3, 12, 5):
        waiting.put(at, {"at": at})

    assert list(waiting.take(0)) == [[(3, {"at": 3}), (5, {"at": 5}), (7, {"at": 7})]]
    assert list(waiting.rest()) == [[(12, {"at": 12})]]
    assert waiting.waiting == 0


def test_what_happens_past_the_end_is_forgotten_but_what_arrives_then_is_not() -> None:
    waiting = Calendar(0, 100, 10)
    waiting.put(100, {"lost": True})
    waiting.put_late(140, {"late": True})

    assert list(waiting.rest()) == [[(140, {"late": True})]]


def test_windows_are_cut_to_the_plan() -> None:
    assert list(Calendar(15, 40, 10).windows()) == [(15, 20), (20, 30), (30, 40)]


def test_when_too_much_waits_the_next_comes_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "MOST_WAITING", 2)
    waiting = Calendar(0, 100, 10)
    for at in (1, 11, 21, 31):
        waiting.put(at, {})

    assert [[at for at, _ in batch] for batch in waiting.take(0)] == [[1], [11]]


def test_what_is_late_by_less_than_its_slot_comes_with_the_next() -> None:
    waiting = Calendar(0, 100, 10)

    list(waiting.take(0))
    waiting.put_late(5, {})

    assert list(waiting.take(10)) == [[(5, {})]]


def test_disorder_loses_nothing() -> None:
    waiting = Calendar(0, 10 * HOUR, HOUR)
    batch = [(at, {"type": "event", "at": at}) for at in range(5_000)]

    Disorder(waiting, Random("1")).disturb(batch)
    later = [entry for part in waiting.rest() for entry in part]

    # Three in two hundred come again: 75 of 5,000; some that moved may have come again as well.
    assert {record["at"] for _, record in (*batch, *later)} == set(range(5_000))
    assert len(batch) + len(later) == 5_075
    assert len(later) > 50  # one in a hundred is late
    assert batch == sorted(batch, key=ARRIVAL)


def test_a_slot_may_lose_all_its_records_to_later_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for chance in ("LATE", "OVERTAKEN"):
        monkeypatch.setattr(disorder, chance, 1.0)
    waiting = Calendar(0, HOUR, 100)
    batch = [(7, {"type": "event"})]

    Disorder(waiting, Random("1")).disturb(batch)

    assert not batch
    assert waiting.waiting == 1


def test_campaigns_contacts_and_organizations_stay_where_they_are() -> None:
    waiting = Calendar(0, 10 * HOUR, HOUR)
    batch = [(at, {"type": "contact"}) for at in range(5_000)]

    Disorder(waiting, Random("1")).disturb(batch)

    assert len(batch) == 5_000
    assert waiting.waiting == 0
