"""The table of ratios."""

from __future__ import annotations

import pytest

from benchmarks.results import POSTGRESQL, Row, Sample, median
from benchmarks.servers import BARE, OURS, STOCK
from benchmarks.table import BEGIN, END, README, cell, details, figures, ratios, written


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (0.12345, "0.123"), (1.2345, "1.23"), (12.345, "12.3"), (123.45, "123"), (12345, "12,345")],
)
def test_a_number_has_three_figures(number: float, text: str) -> None:
    assert figures(number) == text


def test_others_are_told_as_times_of_the_bare_handler() -> None:
    row = Row("overview", "ms", {BARE: 0.4, OURS: 0.1, STOCK: 8.0}, notes={STOCK: "75 MB"})

    assert cell(row, BARE) == "0.400 ms"
    assert cell(row, OURS) == "**0.250×**"  # 0.1 / 0.4
    assert cell(row, STOCK) == "20.0× (75 MB)"  # 8 / 0.4
    assert cell(row, POSTGRESQL) == "–"


def test_a_number_with_nothing_to_divide_by_stands_for_itself() -> None:
    row = Row("refresh", "µs", {OURS: 2.5})

    assert ratios([row]).splitlines()[-1] == "| refresh | – | **2.50 µs** | – | – | – | – |"


def test_a_bare_handler_that_took_no_time_divides_nothing() -> None:
    assert cell(Row("overview", "ms", {BARE: 0.0, OURS: 0.1}), OURS) == "**0.100 ms**"


def test_what_a_ratio_is_made_of_is_told_for_each_who_answered() -> None:
    row = Row("overview", "ms", samples={BARE: Sample(0.4, 0.2, 2_000, 1.5, 3.0, 2), STOCK: Sample(8.0)})

    assert details([row]).splitlines()[2:] == [
        "| overview | bare handler | 0.400 | 0.200 | 2,000 | 1.50 | 3.00 | 2 |",
        "| overview | stock Strawberry | 8.00 | – | – | – | – | – |",
    ]


def test_the_median_is_taken_of_each_number_by_itself() -> None:
    rounds = [Sample(3.0, 1.0, 10), Sample(1.0, None, 30), Sample(2.0, 5.0, 20)]

    assert median(rounds) == Sample(2.0, 3.0, 20)  # (1 + 5) / 2 of the two that are known


def test_what_was_measured_replaces_what_stood_between_the_markers() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert written(text, "new\n") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert written(written(text, "new"), "new") == written(text, "new")


def test_a_document_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="measured by make bench"):
        written(f"{END} {BEGIN}", "new")


def test_our_own_document_has_the_markers() -> None:
    assert "new" in written(README.read_text(encoding="utf-8"), "new")
