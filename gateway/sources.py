"""Files of records, line by line as JSON: NDJSON, CSV and Parquet, gzip by its ending, `-` for stdin."""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any, cast

import orjson

from models.errors import InvalidInput

STDIN = "-"
SURPLUS = "cells beyond the names of the first line"
ROWS_AT_ONCE = 5_000
Numbered = Iterator[tuple[int, bytes]]


class Source:
    """One file. `size` is its bytes (None for standard input), `done` how many of them are read."""

    def __init__(self, name: str, kind: str | None = None) -> None:
        self.name, self.kind = name, kind
        self._read: Callable[[], int] = lambda: 0
        path = Path(name)
        if name != STDIN and not path.is_file():
            raise InvalidInput(f"There is no file '{name}'.")
        self.size = None if name == STDIN else path.stat().st_size

    @property
    def done(self) -> int:
        """How many bytes are read so far."""
        return self._read()

    def lines(self) -> Numbered:
        """Each record as one line of JSON, with its line number in the file. Raises InvalidInput."""
        try:
            yield from self._lines()
        except (OSError, EOFError, zlib.error, csv.Error, UnicodeDecodeError) as error:
            raise InvalidInput(f"'{self.name}' cannot be read to its end: {error}.") from error

    def _lines(self) -> Numbered:
        suffixes = [suffix.lower() for suffix in Path(self.name).suffixes]
        if suffixes[-1:] == [".parquet"]:
            yield from self._parquet()
            return
        with self._open() as stream:
            self._read = self._position(stream)
            with gzip.open(stream) if suffixes[-1:] == [".gz"] else nullcontext(stream) as plain:
                content = cast("IO[bytes]", plain)
                yield from self._csv(content) if ".csv" in suffixes[-2:] else enumerate(content, 1)
            self._read = lambda: self.size or 0

    def _open(self) -> IO[bytes]:
        return sys.stdin.buffer if self.name == STDIN else Path(self.name).open("rb")

    def _position(self, stream: IO[bytes]) -> Callable[[], int]:
        return (lambda: 0) if self.name == STDIN else stream.tell

    def _csv(self, stream: IO[bytes]) -> Numbered:
        """Rows by the names in the first line; empty cells are left out, surplus ones get the row refused."""
        with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text, restkey=SURPLUS)
            for row in reader:
                yield reader.line_num, self._line({name: cell for name, cell in row.items() if name and cell})

    def _parquet(self) -> Numbered:
        try:
            from pyarrow import parquet  # noqa: PLC0415  166 MB that most installations do without
        except ImportError as error:
            raise InvalidInput("Reading Parquet needs 'pip install heliograph[parquet]'.") from error
        try:
            file = parquet.ParquetFile(self.name)
        except ValueError as error:
            raise InvalidInput(f"'{self.name}' is not a Parquet file.") from error
        done, number = 0, 0
        self._read = lambda: done
        for batch in file.iter_batches(ROWS_AT_ONCE):
            for row in batch.to_pylist():
                number += 1
                yield number, self._line({name: cell for name, cell in row.items() if cell is not None})
            done = int((self.size or 0) * number / max(file.metadata.num_rows, 1))

    def _line(self, row: dict[str, Any]) -> bytes:
        if self.kind is not None:
            row.setdefault("type", self.kind)
        return orjson.dumps(row, default=str)
