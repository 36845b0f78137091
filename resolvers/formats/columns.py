"""Columns of a file: what each is called, what its cells hold, and how they are spelled as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

Row = Sequence[Any]


class Kind(StrEnum):
    """What the cells of a column hold; each may also be None."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    MOMENT = "moment"
    DAY = "day"


@dataclass(frozen=True)
class Column:
    """One column: its name, what its cells hold, and the unit of a number."""

    name: str
    kind: Kind
    unit: str = ""


def text(name: str) -> Column:
    """A column of texts."""
    return Column(name, Kind.TEXT)


def moment(name: str) -> Column:
    """A column of moments."""
    return Column(name, Kind.MOMENT)


def printed(cell: date) -> str:
    """A moment as ISO 8601 in UTC, with no more digits than it has: 2026-05-05T10:00:00.25Z; or a day."""
    if not isinstance(cell, datetime):
        return cell.isoformat()
    utc = cell if cell.tzinfo is UTC else cell.astimezone(UTC)
    told = utc.isoformat()[: -len("+00:00")]
    return f"{told.rstrip('0') if cell.microsecond else told}Z"
