"""Every format read back by somebody else than its writer."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from models.errors import FormatNotAvailable, TextTooLong, TooManyRows
from resolvers.formats import FORMATS, Format, csv_lines, guarded, xlsx
from resolvers.formats.columns import Column, Kind, printed

COLUMNS = (
    Column("name", Kind.TEXT),
    Column("sent", Kind.WHOLE, "messages"),
    Column("rate", Kind.NUMBER, "percent"),
    Column("at", Kind.MOMENT),
    Column("date", Kind.DAY),
)
NOON = datetime(2026, 5, 5, 12, 0, 0, 250_000, tzinfo=UTC)
ROWS: list[tuple[Any, ...]] = [
    ('Läufer "5,5"\nzwei', 3, 33.25, NOON, date(2026, 5, 5)),
    ("=1+1", 2**60, None, None, None),
    ("", 0, 0.0, NOON.replace(microsecond=0), date(2026, 5, 6)),
]


def written(name: str, *batches: list[tuple[Any, ...]]) -> bytes:
    """The file that comes of these batches of rows."""
    file = io.BytesIO()
    writer = FORMATS[name].writer(file, COLUMNS)
    try:
        for rows in batches:
            writer.write(rows)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return file.getvalue()


def test_csv_is_read_back_with_a_quote_before_what_looks_like_a_formula() -> None:
    told = written("csv", ROWS[:1], [], ROWS[1:])

    assert told.startswith(b"name,sent,rate,at,date\r\n")
    assert told.count(b"\r\n") == 4
    assert list(csv.reader(io.StringIO(told.decode(), newline="")))[1:] == [
        ['Läufer "5,5"\nzwei', "3", "33.25", "2026-05-05T12:00:00.25Z", "2026-05-05"],
        ["'=1+1", str(2**60), "", "", ""],
        ["", "0", "0.0", "2026-05-05T12:00:00Z", "2026-05-06"],
    ]


@pytest.mark.parametrize(
    "text", ["=1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\r=1", "\n=1", "＝1"]
)
def test_whatever_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert list(csv.reader(io.StringIO(csv_lines([[text]]), newline=""))) == [[f"'{text}"]]


@pytest.mark.parametrize("cell", ["+4915112345678", "-5", "-0.25", "a=b", "", None, -5, 1.5])
def test_plain_numbers_and_plain_texts_stay_as_they_are(cell: Any) -> None:
    assert guarded(cell) == cell


@pytest.mark.parametrize("name", ["json", "ndjson"])
def test_json_is_read_back(name: str) -> None:
    told = written(name, ROWS[:1], ROWS[1:])

    rows = json.loads(told) if name == "json" else [json.loads(line) for line in told.splitlines()]

    assert rows == [
        {
            "name": 'Läufer "5,5"\nzwei',
            "sent": 3,
            "rate": 33.25,
            "at": "2026-05-05T12:00:00.25Z",
            "date": "2026-05-05",
        },
        {"name": "=1+1", "sent": 2**60, "rate": None, "at": None, "date": None},
        {"name": "", "sent": 0, "rate": 0, "at": "2026-05-05T12:00:00Z", "date": "2026-05-06"},
    ]


def test_json_without_rows_is_an_empty_array() -> None:
    assert json.loads(written("json", [])) == []
    assert written("ndjson") == b""


def sheet(told: bytes) -> list[dict[str, tuple[str, str]]]:
    """The cells of the one sheet of a workbook, row by row: (type, text) by column letter."""
    with zipfile.ZipFile(io.BytesIO(told)) as book:
        assert book.testzip() is None
        root = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # our own file
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert root.find(f".//{space}f") is None, "a formula"
    return [
        {
            cell.attrib["r"].rstrip("0123456789"): (cell.attrib.get("t", "n"), "".join(cell.itertext()))
            for cell in row
        }
        for row in root.iter(f"{space}row")
    ]


def test_xlsx_is_read_back_and_holds_no_formula() -> None:
    names, *rows = sheet(written("xlsx", ROWS[:1], ROWS[1:]))

    assert [text for _, text in names.values()] == ["name", "sent", "rate", "at", "date"]
    assert rows[0]["A"] == ("inlineStr", 'Läufer "5,5"\nzwei')
    assert [float(rows[0][letter][1]) for letter in "BC"] == [3, 33.25]
    # 2026-05-05 is day 46147 of Excel; noon and a quarter of a second
    assert float(rows[0]["D"][1]) == pytest.approx(46147.5 + 0.25 / 86400, abs=1e-9)
    assert rows[0]["E"] == ("n", "46147")
    assert rows[1] == {"A": ("inlineStr", "=1+1"), "B": ("inlineStr", str(2**60))}  # Excel keeps 15 digits


def test_the_same_rows_give_the_same_workbook() -> None:
    assert written("xlsx", ROWS) == written("xlsx", ROWS)


def test_a_sheet_refuses_what_it_cannot_hold_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert xlsx.MOST_ROWS == 2**20 - 1  # the first row holds the names
    monkeypatch.setattr(xlsx, "MOST_ROWS", 2)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    written("xlsx", ROWS[:2])
    with pytest.raises(TooManyRows, match="more than 2 rows"):
        written("xlsx", ROWS[:2], ROWS[2:])
    with pytest.raises(TextTooLong):
        written("xlsx", [("x" * 32_768, None, None, None, None)])
    assert list(tmp_path.iterdir()) == []


def test_parquet_is_read_back_with_types_and_units() -> None:
    file = parquet.ParquetFile(io.BytesIO(written("parquet", ROWS[:1], ROWS[1:])))

    assert file.read().to_pydict() == {
        column.name: [row[place] for row in ROWS] for place, column in enumerate(COLUMNS)
    }
    assert [str(field.type) for field in file.schema_arrow] == [
        *("string", "int64", "double", "timestamp[us, tz=UTC]", "date32[day]")
    ]
    assert file.schema_arrow.field("rate").metadata[b"unit"] == b"percent"


def test_parquet_is_written_in_groups_of_rows() -> None:
    file = parquet.ParquetFile(io.BytesIO(written("parquet", *[ROWS[:1] * 15_000] * 3)))

    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [30_000, 15_000]


def test_a_format_that_is_not_installed_is_refused() -> None:
    with pytest.raises(FormatNotAvailable, match="cannot write clay: a tablet is not installed"):
        Format("clay", "x/clay", "Wedges.", FORMATS["csv"].writer, lambda: "a tablet").check()


def test_moments_are_printed_in_utc_with_no_more_digits_than_they_have() -> None:
    assert printed(datetime.fromisoformat("2026-05-05T12:00:00.100+05:30")) == "2026-05-05T06:30:00.1Z"
    assert printed(datetime(2026, 5, 5, 10, 0, 10, tzinfo=UTC)) == "2026-05-05T10:00:10Z"
    assert printed(date(2026, 5, 5)) == "2026-05-05"
