"""What writes the rows of a file, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from resolvers.formats.columns import Row


class Sink(Protocol):
    """A file that bytes are appended to."""

    def write(self, data: bytes, /) -> int:
        """Append these bytes."""
        ...


class Writer:
    """Writes the rows of one file as they come; it ends with `close` or with `abandon`."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is left; the file itself stays open."""

    def abandon(self) -> None:
        """Nobody wants the file any more: leave nothing behind."""
