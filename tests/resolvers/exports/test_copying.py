"""What PostgreSQL writes by itself: the statement it gets, and its lines in our spelling."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from models import Organization
from resolvers.exports.copying import Lines, as_text, compiled, copy
from resolvers.exports.messages import COLUMNS, MessagesParams, select
from resolvers.exports.source import Asking
from resolvers.formats.columns import Column, Kind
from resolvers.formats.csv import CsvWriter
from resolvers.periods import Window
from resolvers.question import Home
from tests.guard import unguarded
from tests.worlds import opened

NOON = datetime(2026, 5, 5, 12, 0, 0, 120_000, tzinfo=UTC)
KINDS = (Column("text", Kind.TEXT), Column("whole", Kind.WHOLE), Column("moment", Kind.MOMENT))
ROWS: list[tuple[Any, ...]] = [
    ('a "quoted" cell', 1, NOON),
    ("two\nlines, and\r\nthree", 2, NOON.replace(microsecond=0)),
    ('"\n"', 3, None),
    ("", None, NOON.replace(microsecond=1)),
    ("=1+1", 5, None),
    ("+49151123", -6, None),
    ("-1\n", 7, None),
    ("＝1", 8, None),
    ("\\.", 9, None),
    ("O'Neil $1 :x %s", 10, None),
    (" padded ", 11, None),
]


def test_the_statement_that_is_copied_says_whose_rows_it_means() -> None:
    asking = Asking(None, Organization(id=7), Home("UTC", 0), NOON)  # ty: ignore[invalid-argument-type]
    params = MessagesParams(
        window=Window(NOON.replace(hour=0), NOON), where=(("campaign", ("a'b", "c")),), statuses=("read",)
    )

    statement = as_text(select(asking, params), COLUMNS)

    assert unguarded(statement) == []
    text, values = compiled(statement)
    assert "a'b" not in text
    assert values.count(7) == 1
    assert ("a'b", "c") in values and "read" in values


async def test_postgresql_writes_what_we_would(postgres_store_url: str) -> None:
    given = sa.values(
        sa.column("text", sa.String),
        sa.column("whole", sa.BigInteger),
        sa.column("moment", sa.DateTime(True)),
        name="given",
    ).data(ROWS)
    statement: Any = sa.select(given.c.text, given.c.whole, given.c.moment)
    ours, theirs = io.BytesIO(), io.BytesIO()
    writer = CsvWriter(ours, KINDS)
    writer.write(ROWS)
    heard: list[int] = []

    async with opened(postgres_store_url) as store, store.streaming() as db:
        await copy(db, statement, KINDS, theirs, heard.append)

    assert theirs.getvalue().decode() == ours.getvalue().decode()
    assert heard[-1] == len(ROWS)
    rows = list(csv.reader(io.StringIO(theirs.getvalue().decode(), newline="")))[1:]
    assert [row[0] for row in rows[1:3]] == ["two\nlines, and\r\nthree", '"\n"']


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_lines_end_alike_wherever_the_output_is_cut(size: int) -> None:
    told = b'a,"x\ny"\n"",""""\n"""\n",1\n'
    file, heard = io.BytesIO(), [0]
    lines = Lines(file, heard.append)

    for start in range(0, len(told), size):
        await lines.take_from_store(told[start : start + size])
    await lines.flush()

    assert file.getvalue() == b'a,"x\ny"\r\n"",""""\r\n"""\n",1\r\n'
    assert heard[-1] == 3
