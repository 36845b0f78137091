"""Rows as CSV: what comes back out of a spreadsheet is what went in, and none of it runs."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.formats import FORMULA, csv_lines, guarded


def read(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline="")))


def test_lines_end_as_rfc_4180_has_it_and_nothing_is_an_empty_cell() -> None:
    assert csv_lines([["a", 1, None], [2.5, "", True]]) == "a,1,\r\n2.5,,True\r\n"
    assert csv_lines([]) == ""


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("a,b", '"a,b"'),
        ('say "hi"', '"say ""hi"""'),
        ("two\nlines", '"two\nlines"'),
        ("two\r\nlines", '"two\r\nlines"'),
        ("=1+1", "'=1+1"),
        ("+34 600 000 000", "'+34 600 000 000"),
        ("-5 % today", "'-5 % today"),
        ("@everyone", "'@everyone"),
        ("\t=1", "'\t=1"),
        ("\r=1", '"\'\r=1"'),
        ('=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'),
        ("1-2=-1", "1-2=-1"),  # only the first character decides
        (" =1", " =1"),
        ("'=1", "'=1"),
        (-5, "-5"),  # a number is no formula
        (-0.5, "-0.5"),
    ],
)
def test_a_cell_is_quoted_where_it_must_be_and_guarded_where_it_would_run(cell: Any, written: str) -> None:
    assert csv_lines([["x", cell]]) == f"x,{written}\r\n"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@\t\r\n,\"'"), min_size=1)


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=4), max_size=4))
def test_whatever_is_written_can_be_read_again_and_no_cell_is_a_formula(rows: list[list[str]]) -> None:
    found = read(csv_lines(rows))

    assert found == [[guarded(cell) for cell in row] for row in rows]
    assert not any(cell.startswith(FORMULA) for row in found for cell in row)
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
