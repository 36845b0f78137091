"""Lines of NDJSON into typed records; what does not fit is refused with its line number and the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import ValidationError

from models.records import (
    RECORD,
    EventRecord,
    MessageRecord,
    Record,
)

FUTURE_ALLOWED = timedelta(minutes=5)
MAX_LINE_BYTES = 256 * 1024
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # an escape, not a backslash followed by u0000
_HAPPENED: dict[type, frozenset[str]] = {  # what has happened; a campaign may well be scheduled for later
    MessageRecord: frozenset(name for name in MessageRecord.model_fields if name.endswith("_at")),
    EventRecord: frozenset({"at"}),
}
_PAST = frozenset(
    f"{name}at"
    for name in (
        *("", "created_", "started_", "completed_", "updated_", "deleted_", "opt_in_changed_", "status_"),
        *("entered_", "exited_", "activated_", "deactivated_", "cleared_"),
        *("ended_", "transferred_", "assigned_", "first_response_", "resumed_"),
    )
)


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
    if _NUL.search(line):
        raise ValueError("text must not hold the character NUL")
    record = RECORD.validate_json(line)
    for name in _HAPPENED.get(type(record), _PAST) & record.__pydantic_fields_set__:
        moment = record.__dict__[name]
        if moment is not None and moment > horizon:
            raise ValueError(f"{name}: {moment.isoformat()} lies in the future")
    return record


def reason(error: ValueError) -> str:
    """One readable line for whoever sent the record; never the values of other fields."""
    if not isinstance(error, ValidationError):
        return str(error)
    first, *more = error.errors(include_url=False, include_context=False, include_input=False)
    place = ".".join(str(part) for part in first["loc"][1:]) or ".".join(str(part) for part in first["loc"])
    text = f"{place}: {first['msg']}" if place else str(first["msg"])
    return f"{text} (and {len(more)} more)" if more else text
