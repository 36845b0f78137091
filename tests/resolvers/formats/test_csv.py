"""Rows as CSV: what comes back out of a spreadsheet is what went in, and none of it runs."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from models.engine import Store
from resolvers.exports.copying import as_text
from resolvers.formats import csv_lines, guarded
from resolvers.formats.columns import Column, Kind
from resolvers.formats.csv import BLANKS, BREAKS, FORMULA, CsvWriter


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
        (" =1", "' =1"),  # blanks before it do not make it harmless
        ("\u00a0\u2003@x", "'\u00a0\u2003@x"),
        ("＋1", "'＋1"),
        ("\nx", '"\'\nx"'),
        ("1-2=-1", "1-2=-1"),  # only the first character that is none decides
        ("+4915112345678", "+4915112345678"),
        ("  ", "  "),
        ("'=1", "'=1"),
        (-5, "-5"),  # a number is no formula
        (-0.5, "-0.5"),
    ],
)
def test_a_cell_is_quoted_where_it_must_be_and_guarded_where_it_would_run(cell: Any, written: str) -> None:
    assert csv_lines([["x", cell]]) == f"x,{written}\r\n"


# As spreadsheets see it: a cell that is no plain number and begins, after any blanks, like a formula.
DANGEROUS = re.compile(r"(?!(?a:[+-]?\d+(\.\d+)?)\Z)(\s*[=+\-@＝＋－＠]|[\t\r\n])")
SIGNS = st.sampled_from("=+-@＝＋－＠ \u00a0\t\r\n,\"'1.")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | SIGNS, min_size=1)


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=4), max_size=4))
def test_whatever_is_written_can_be_read_again_and_no_cell_is_a_formula(rows: list[list[str]]) -> None:
    found = read(csv_lines(rows))

    assert found == [[guarded(cell) for cell in row] for row in rows]
    assert not any(DANGEROUS.match(cell) for row in found for cell in row)
    assert [
        [cell != text for cell, text in zip(*each, strict=True)] for each in zip(found, rows, strict=True)
    ] == [[bool(DANGEROUS.match(text)) for text in row] for row in rows]
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]


async def test_a_file_and_postgresql_guard_the_same_cells(postgres_store: Store) -> None:
    # every sign bare, after every blank, and before a number
    cells = [f"{blank}{sign}x" for blank in ("", *BLANKS) for sign in (*FORMULA, *BREAKS, "x")]
    cells += [f"{sign}1" for sign in (*FORMULA, *BREAKS, *BLANKS, "")] + ["+1\n", "-1.5", "-1.", "+", " "]
    column, file = Column("text", Kind.TEXT), BytesIO()
    CsvWriter(file, (column,)).write([(cell,) for cell in cells])
    given = sa.values(sa.column("n", sa.Integer), sa.column("text", sa.String), name="given")
    rows = given.data(list(enumerate(cells)))

    async with postgres_store.reading() as db:
        select = as_text(sa.select(rows.c.text).order_by(rows.c.n), (column,))
        told = list((await db.execute(select)).scalars())

    expected = [guarded(cell) for cell in cells]
    assert told == expected
    assert [row[0] for row in read(file.getvalue().decode())[1:]] == expected
    assert expected != cells
