"""Rows as JSON objects: one a line, or all of them in one array."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from resolvers.formats.columns import Column, Row, printed
from resolvers.formats.writer import Sink, Writer

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME


class NdjsonWriter(Writer):
    """Writes each row as an object on a line of its own."""

    def __init__(self, file: Sink, columns: tuple[Column, ...]) -> None:
        self._file = file
        self._names = [column.name for column in columns]

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        self._file.write(b"".join(line + b"\n" for line in self._lines(rows)))

    def _lines(self, rows: Sequence[Row]) -> list[bytes]:
        return [
            orjson.dumps(dict(zip(self._names, row, strict=True)), default=printed, option=_OPTIONS)
            for row in rows
        ]


class JsonWriter(NdjsonWriter):
    """Writes all rows as one array of objects."""

    def __init__(self, file: Sink, columns: tuple[Column, ...]) -> None:
        super().__init__(file, columns)
        self._before = b"[\n"

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        if rows:
            self._file.write(self._before + b",\n".join(self._lines(rows)))
            self._before = b",\n"

    def close(self) -> None:
        """End the array."""
        self._file.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")
