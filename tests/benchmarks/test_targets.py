"""Targets are held against what was measured."""

from __future__ import annotations

import pytest

from benchmarks.questions import QUESTIONS
from benchmarks.results import GROWN, HELD, POSTGRESQL, Row, Sample
from benchmarks.servers import BARE, ON_SQLITE, OURS
from benchmarks.targets import TARGETS, met
from benchmarks.tiers import RAW

OVERVIEW = "overview: 12 totals of a month"
WORK = (
    "99th percentile of overview",
    "ingest",
    "rollup refresh",
    "export",
    "cold",
    "processor",
    "SQL of",
    "",
)


def told(row: Row) -> list[str]:
    return met([row]).splitlines()[2:]


def test_a_ratio_at_the_floor_is_met_and_one_above_is_not() -> None:
    about = f"| {OVERVIEW}: server CPU ÷ the bare handler's | ≤ 1.5× |"

    assert told(Row(OVERVIEW, "ms", {BARE: 0.4, OURS: 0.6})) == [f"{about} 1.50× | yes |"]  # 0.6 / 0.4
    assert told(Row(OVERVIEW, "ms", {BARE: 0.4, OURS: 0.8})) == [f"{about} 2.00× | **no** |"]


def test_statements_are_counted_in_whole() -> None:
    row = Row(OVERVIEW, "ms", samples={OURS: Sample(1.0, statements=3)})

    assert told(row) == [f"| {OVERVIEW}: SQL statements for an answer | ≤ 2 | 3.00 | **no** |"]


def test_a_pace_is_to_be_at_least_a_share_of_the_driver_s() -> None:
    row = Row("ingest in batches of 1,000: time a message", "µs", {OURS: 20.0, POSTGRESQL: 7.0})

    # 7 µs to 20 µs: 0.35 of the driver's pace
    assert told(row) == [f"| {row.about}: pace ÷ the driver's | ≥ 0.3× | 0.350× | yes |"]


def test_an_export_has_a_time_and_a_memory() -> None:
    row = Row("export of 9 messages as csv", "s", {OURS: 3.0, POSTGRESQL: 2.0}, more={HELD: 20.0})

    assert told(row) == [
        f"| {row.about}: time ÷ `COPY … TO` | ≤ 2× | 1.50× | yes |",  # 3 / 2
        f"| {row.about}: memory above where it began | ≤ 16 MB | 20.0 MB | **no** |",
    ]


def test_every_row_of_a_kind_is_held_against_its_target() -> None:
    rows = [
        Row(f"SQL of a year by day in {zone}", "ms", more={RAW: 40.0}) for zone in ("UTC", "Asia/Kolkata")
    ]

    assert len(met(rows).splitlines()) == 2 + 2


def test_growth_is_held_against_a_target_whatever_the_question() -> None:
    row = Row("heatmap of a month", "ms", more={GROWN: 1.3})

    assert told(row) == [
        "| heatmap of a month: server CPU ÷ that of the first size | ≤ 1.2× | 1.30× | **no** |"
    ]


def test_what_was_not_measured_is_not_told() -> None:
    assert told(Row("cold start to the first answer", "s", {OURS: 1.0})) == []
    assert len(told(Row("cold start to the first answer", "s", {ON_SQLITE: 1.0}))) == 1


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.row} {target.what}")
def test_each_target_is_one_question_s(target) -> None:
    found = [question for question in QUESTIONS if question.about.startswith(target.row)]

    assert len(found) == 1 or target.row.startswith(WORK[:-1]) or target.row in WORK
