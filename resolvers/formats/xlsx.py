"""Rows as an Excel workbook of one sheet, which waits on disk, not in memory, until it is packed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from tempfile import TemporaryDirectory
from typing import Any

from models.errors import TextTooLong, TooManyRows
from resolvers.formats.columns import Column, Kind, Row
from resolvers.formats.writer import Sink, Writer

MOST_ROWS = 1_048_575  # below the row of names
LONGEST_TEXT = 32_767
LARGEST_EXACT = 10**15  # Excel keeps 15 digits
MADE = datetime(2000, 1, 1, tzinfo=UTC)  # the same rows give the same bytes
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


class XlsxWriter(Writer):
    """Writes rows of these columns into a sheet, their names first; no text of theirs is a formula."""

    def __init__(self, file: Sink, columns: tuple[Column, ...]) -> None:
        from xlsxwriter import Workbook  # noqa: PLC0415  only loaded when it is used

        self._folder = TemporaryDirectory(prefix="heliograph-xlsx-")
        self._book = Workbook(file, {**OPTIONS, "tmpdir": self._folder.name})  # ty: ignore[invalid-argument-type]
        self._book.set_properties({"created": MADE.replace(tzinfo=None)})
        self._sheet = self._book.add_worksheet("Export")
        self._sheet.freeze_panes(1, 0)
        self._kinds = [column.kind for column in columns]
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._at = 0
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.name)

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows. Raises TooManyRows, TextTooLong."""
        if self._at + len(rows) > MOST_ROWS:
            raise TooManyRows(
                f"The export holds more than {MOST_ROWS:,} rows, the most that an Excel sheet takes; "
                "choose another format or ask for less.",
                max_rows=MOST_ROWS,
            )
        for row in rows:
            self._at += 1
            for place, (kind, cell) in enumerate(zip(self._kinds, row, strict=True)):
                if cell is not None:
                    self._write(place, kind, cell)

    def close(self) -> None:
        """Pack the workbook into the file."""
        self._book.close()
        self._folder.cleanup()

    def abandon(self) -> None:
        """Remove the sheet that waits on disk."""
        for sheet in self._book.worksheets():
            rows: Any = sheet.row_data_fh
            rows.close()
        self._folder.cleanup()

    def _write(self, place: int, kind: Kind, cell: Any) -> None:
        if kind is Kind.TEXT:
            self._text(place, cell)
        elif kind is Kind.MOMENT:
            self._sheet.write_datetime(self._at, place, _naive(cell), self._moment)
        elif kind is Kind.DAY:
            self._sheet.write_datetime(self._at, place, cell, self._day)
        elif abs(cell) < LARGEST_EXACT:
            self._sheet.write_number(self._at, place, cell)
        else:
            self._text(place, str(cell))

    def _text(self, place: int, cell: str) -> None:
        if len(cell) > LONGEST_TEXT:
            raise TextTooLong(
                f"A text is longer than the {LONGEST_TEXT:,} characters that an Excel cell holds."
            )
        if cell:
            self._sheet.write_string(self._at, place, cell)


def _naive(moment: date) -> datetime:
    """A moment of UTC without its zone, which Excel does not know."""
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC).replace(tzinfo=None)
