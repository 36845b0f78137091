"""Lines of NDJSON into typed records; what does not fit is refused with its line number and the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from pydantic import BaseModel, ValidationError

from models.records import RECORD, Record, quick

FUTURE_ALLOWED = timedelta(minutes=5)
MAX_LINE_BYTES = 256 * 1024
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # an escape, not a backslash followed by u0000
_PLANNED = frozenset({"scheduled_at", "expires_at"})  # may well lie ahead; every other moment has happened


@dataclass(frozen=True)
class Refusal:
    """A record that was not taken, and why."""

    line: int
    reason: str


@dataclass
class Parsed:
    """The records of some lines, each with its line number, and what was refused."""

    records: list[tuple[int, Record]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def parse(lines: Iterable[tuple[int, bytes]], now: datetime) -> Parsed:
    """Read numbered lines, passing over blank ones; nothing may lie five minutes ahead of `now`."""
    parsed, horizon = Parsed(), now + FUTURE_ALLOWED
    for number, line in lines:
        if not line or line.isspace():
            continue
        try:
            record = _record(line, horizon)
        except ValueError as error:
            parsed.refused.append(Refusal(number, reason(error)))
        else:
            parsed.records.append((number, record))
    return parsed


def _record(line: bytes, horizon: datetime) -> Record:
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"the line is longer than {MAX_LINE_BYTES} bytes")
    if b"\\u0000" in line and _NUL.search(line):  # looking for the escape first is a hundred times as quick
        raise ValueError("text must not hold the character NUL")
    if (known := quick.read(line, horizon)) is not None:
        return known
    record = RECORD.validate_json(line)
    for name in _happened(type(record)) & record.__pydantic_fields_set__:
        moment = record.__dict__[name]
        if moment is not None and moment > horizon:
            raise ValueError(f"{name}: {moment.isoformat()} lies in the future")
    return record


@cache
def _happened(kind: type[BaseModel]) -> frozenset[str]:
    """The fields of a record that say when something happened."""
    return frozenset(name for name in kind.model_fields if name == "at" or name.endswith("_at")) - _PLANNED


def reason(error: ValueError) -> str:
    """One readable line for whoever sent the record; never the values of other fields."""
    if not isinstance(error, ValidationError):
        return str(error)
    first, *more = error.errors(include_url=False, include_context=False, include_input=False)
    place = ".".join(str(part) for part in first["loc"][1:]) or ".".join(str(part) for part in first["loc"])
    text = f"{place}: {first['msg']}" if place else str(first["msg"])
    return f"{text} (and {len(more)} more)" if more else text
