"""Rows as text for spreadsheets: CSV by RFC 4180, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets begin to reckon at


def csv_lines(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as lines of CSV; None is an empty cell."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def guarded(cell: Any) -> Any:
    """The cell, with a ' before a text that a spreadsheet would run as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
