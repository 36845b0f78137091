"""Formats of files: each writes rows as they come, with constant memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models.errors import FormatNotAvailable
from resolvers.formats.columns import Column
from resolvers.formats.csv import CsvWriter, csv_lines, guarded
from resolvers.formats.json import JsonWriter, NdjsonWriter
from resolvers.formats.parquet import ParquetWriter, is_installed
from resolvers.formats.writer import Sink, Writer
from resolvers.formats.xlsx import XlsxWriter

__all__ = ["CSV", "FORMATS", "Format", "Writer", "csv_lines", "guarded"]


@dataclass(frozen=True)
class Format:
    """One format: `writer` begins a file of these columns; `lacks` says what is to be installed first."""

    name: str
    media_type: str
    about: str
    writer: Callable[[Sink, tuple[Column, ...]], Writer]
    lacks: Callable[[], str | None] = lambda: None

    def check(self) -> None:
        """Raises FormatNotAvailable when this installation cannot write it."""
        if (what := self.lacks()) is not None:
            raise FormatNotAvailable(f"This gateway cannot write {self.name}: {what} is not installed.")


CSV = Format(
    "csv",
    "text/csv; charset=utf-8",
    "Text for spreadsheets by RFC 4180; a cell that looks like a formula begins with '.",
    CsvWriter,
)
_ALL: tuple[Format, ...] = (
    CSV,
    Format("ndjson", "application/x-ndjson", "A JSON object on each line.", NdjsonWriter),
    Format("json", "application/json", "One JSON array of objects.", JsonWriter),
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "An Excel workbook of one sheet, up to 1,048,575 rows.",
        XlsxWriter,
    ),
    Format(
        "parquet",
        "application/vnd.apache.parquet",
        "Typed columns for data frames and warehouses.",
        ParquetWriter,
        lambda: None if is_installed() else "pyarrow",
    ),
)
FORMATS: dict[str, Format] = {one.name: one for one in _ALL}
