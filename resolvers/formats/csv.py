"""Rows as text for spreadsheets: CSV by RFC 4180, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from io import StringIO
from typing import Any

from resolvers.formats.columns import Column, Kind, Row, printed
from resolvers.formats.writer import Sink, Writer

# what spreadsheets begin to reckon at, after any blanks; as PostgreSQL must know them too, each by itself
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BREAKS = ("\t", "\r", "\n")
BLANKS = "".join(blank for blank in map(chr, range(0x3001)) if blank.isspace())
SUSPECT = frozenset((*FORMULA, *BREAKS, *BLANKS))  # what a cell begins with that may need a guard
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+([.][0-9]+)?")
END = "\r\n"


def csv_lines(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as lines of CSV; None is an empty cell."""
    text = StringIO()
    csv.writer(text, lineterminator=END).writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def guarded(cell: Any) -> Any:
    """The cell, with a ' before a text that a spreadsheet would run as a formula; numbers are none."""
    if not isinstance(cell, str) or PLAIN_NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}" if cell.startswith(BREAKS) or cell.lstrip(BLANKS).startswith(FORMULA) else cell


class CsvWriter(Writer):
    """Writes rows of these columns as CSV, their names first."""

    def __init__(self, file: Sink, columns: tuple[Column, ...]) -> None:
        self._file = file
        self._spell = [_SPELLED.get(column.kind, list) for column in columns]
        file.write(csv_lines([[column.name for column in columns]]).encode())

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows: column by column, which is half the work of cell by cell."""
        if not rows:
            return
        columns = [spell(cells) for spell, cells in zip(self._spell, zip(*rows, strict=True), strict=True)]
        text = StringIO()
        csv.writer(text, lineterminator=END).writerows(zip(*columns, strict=True))
        self._file.write(text.getvalue().encode())


def _texts(cells: Iterable[str | None]) -> list[str | None]:
    return [guarded(cell) if cell and cell[0] in SUSPECT else cell for cell in cells]


def _times(cells: Iterable[date | None]) -> list[str | None]:
    return [None if cell is None else printed(cell) for cell in cells]


_SPELLED: dict[Kind, Callable[[Any], list[Any]]] = {
    Kind.TEXT: _texts,
    Kind.MOMENT: _times,
    Kind.DAY: _times,
}
