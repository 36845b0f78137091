"""What rows count for, worked out here; that it is what SQL says is shown wherever a recount changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from models import MESSAGES, TRANSFERS, Clock, Message, Transfer
from resolvers.intake.differences import differences
from resolvers.intake.expressions import worked
from resolvers.periods import minute, yearly_segments
from tests.worlds import at

EVENING = at("2026-05-05 20:00")  # half past one of the next day in Kolkata
ZONE = yearly_segments("Asia/Kolkata", EVENING, EVENING)
FIRST = minute(EVENING)
NEXT_DAY = (at("2026-05-06 00:00") - at("1970-01-01 00:00")).days
NAMES = [one.name for one in MESSAGES.sums]


def row(table: Any, **told: Any) -> dict[str, Any]:
    """A row of a table, '' or 0 or nothing where it is not told."""
    blank = {sa.String: "", sa.BigInteger: 0, sa.Boolean: False}
    return {
        c.name: None
        if c.nullable
        else next((v for kind, v in blank.items() if isinstance(c.type, kind)), EVENING)
        for c in table.columns
    } | told


def sms(**told: Any) -> dict[str, Any]:
    sent = at("2026-05-05 20:01")
    return row(Message.__table__, channel="sms", direction="outbound", cost_micros=5, sent_at=sent, **told)


def said(lines: list[Any]) -> dict[tuple[int, int], dict[str, int]]:
    """The sums of lines that are not nought, by (clock, minutes after the first)."""
    found = {}
    for clock, moment, day, *rest in lines:
        assert day == NEXT_DAY
        sums = zip(NAMES, rest[len(MESSAGES.dimensions) :], strict=True)
        found[clock, moment - FIRST] = {name: number for name, number in sums if number}
    return found


def test_rows_alike_add_up_on_every_clock_where_each_thing_happened() -> None:
    lines = differences(MESSAGES, [], [sms(id="a"), sms(id="b")], ZONE)

    # two messages at 5 micros; an SMS of unknown length draws one credit when it is handed over
    leaving = {"attempted": 2, "sent": 2, "handed_off": 2, "credits_drawn": 2, "cost_micros": 10}
    assert said(lines) == {
        (Clock.CREATED, 0): {"total": 2, "logged": 2, **leaving},
        (Clock.HAPPENED, 0): {"total": 2, "logged": 2},
        (Clock.HAPPENED, 1): leaving,
        (Clock.SENT, 1): {"total": 2, "logged": 2, **leaving},
    }


def test_a_row_that_changes_counts_for_what_is_new_of_it() -> None:
    was, read = sms(id="a"), sms(id="a", read_at=at("2026-05-05 20:03"))

    lines = differences(MESSAGES, [was], [read], ZONE)

    # having been read proves delivery, and is all that is new; on the other clocks it counts where they say
    news = {"delivered_or_read": 1, "read": 1}
    assert said(lines) == {(Clock.CREATED, 0): news, (Clock.HAPPENED, 3): news, (Clock.SENT, 1): news}
    assert differences(MESSAGES, [read], [read], ZONE) == []


def test_what_never_counts_leaves_no_line() -> None:
    assert differences(MESSAGES, [], [sms(id="a", is_test=True)], ZONE) == []
    assert len(differences(MESSAGES, [sms(id="a")], [sms(id="a", is_test=True)], ZONE)) == 4


def test_numbers_that_are_distances_of_moments_are_told_apart() -> None:
    waits = [at("2026-05-05 20:00:01.500"), at("2026-05-05 20:00:02.250")]
    rows = [
        row(Transfer.__table__, id=str(n), transferred_at=EVENING, assigned_at=one)
        for n, one in enumerate(waits)
    ]

    lines = differences(TRANSFERS, [], rows, ZONE)

    place = len(TRANSFERS.dimensions) + 3 + [one.name for one in TRANSFERS.sums].index("queue_time_millis")
    assert {line[place] for line in lines} == {1_500 + 2_250}


def test_an_expression_that_it_does_not_know_is_refused_when_it_is_built() -> None:
    with pytest.raises(TypeError, match="cannot work out"):
        worked(sa.func.length(Message.body))
