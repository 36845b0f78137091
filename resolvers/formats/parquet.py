"""Rows as Parquet, in groups of rows; pyarrow is an extra and only loaded when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from resolvers.formats.columns import Column, Kind, Row
from resolvers.formats.writer import Sink, Writer

GROUP = 20_000  # rows


def is_installed() -> bool:
    """Whether pyarrow is there."""
    return find_spec("pyarrow") is not None


class ParquetWriter(Writer):
    """Writes rows of these columns, each column with a type of its own."""

    def __init__(self, file: Sink, columns: tuple[Column, ...]) -> None:
        self._arrow: Any = import_module("pyarrow")
        types = {
            Kind.TEXT: self._arrow.string(),
            Kind.WHOLE: self._arrow.int64(),
            Kind.NUMBER: self._arrow.float64(),
            Kind.MOMENT: self._arrow.timestamp("us", tz="UTC"),
            Kind.DAY: self._arrow.date32(),
        }
        self._schema = self._arrow.schema(
            [
                self._arrow.field(c.name, types[c.kind], metadata={"unit": c.unit} if c.unit else None)
                for c in columns
            ]
        )
        self._file = import_module("pyarrow.parquet").ParquetWriter(file, self._schema)
        self._waiting: list[Row] = []

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows, or keep them until there is a group of them."""
        self._waiting.extend(rows)
        if len(self._waiting) >= GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is left, and where everything is."""
        if self._waiting:
            self._flush()
        self._file.close()

    def _flush(self) -> None:
        columns = zip(*self._waiting, strict=True)
        arrays = [
            self._arrow.array(cells, type=field.type)
            for field, cells in zip(self._schema, columns, strict=True)
        ]
        self._file.write_batch(self._arrow.record_batch(arrays, schema=self._schema))
        self._waiting = []
