"""A series over and over again: asked anew when something may have moved it, told where it has moved.

Beat ──Watch.look()──▶ Series ──Told.news()──▶ the buckets that are not as they were told
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from models import VIEWS, Sum
from resolvers.periods import Window
from resolvers.pulse import Beat
from resolvers.question import HOUR, WEEKDAY, Question
from resolvers.series import Group, Number, Series, State, series


@dataclass(frozen=True)
class Row:
    """One bucket as it was told; `groups` are those that have anything in it, None without numbers."""

    start: datetime
    end: datetime
    state: State
    value: Number
    groups: tuple[tuple[Group, Number], ...] | None


def is_from_tiers(question: Question) -> bool:
    """Whether the revision of its fact tells of all that can move its numbers: details and what is known of
    related rows move without it, and a view goes by the watermark of another fact."""
    held = {dimension.name for dimension in question.fact.dimensions} | {WEEKDAY, HOUR}
    return question.fact not in VIEWS and {*question.by, *(name for name, _ in question.where)} <= held


@dataclass
class Watch:
    """A question that is asked again and again, of the store only when its numbers may have moved."""

    _asked: object = None
    _found: Series | None = None

    async def look(self, beat: Beat, question: Question) -> Series:
        """The series at this beat. Raises what its plan does not allow."""
        mark = beat.progress.marks[question.fact.mark]
        moves = mark.revision if is_from_tiers(question) else (beat.progress.batches, beat.progress.revisions)
        asked = (question, moves, beat.progress.kept)
        if self._found is None or asked != self._asked:
            self._found, self._asked = await series(beat.loaders, question), asked
        else:
            self._found = replace(self._found, as_of=mark.as_of)  # time alone moves states, not numbers
        return self._found


@dataclass
class Told:
    """What was told of the buckets of a series, so that only news need be."""

    _rows: dict[datetime, Row] = field(default_factory=dict)
    _frame: tuple[object, ...] = ()
    _window: Window | None = None
    _seen: tuple[object, ...] = ()

    def news(self, found: Series, metric: str) -> tuple[bool, list[Row]] | None:
        """The buckets that are new or have moved, and whether those are all; None when nothing has."""
        window, frame = found.buckets.window, (found.question.zone, found.question.granularity)
        seen = (found.table, found.final, found.known, window, frame)
        if seen == self._seen:
            return None
        rows = {row.start: row for row in rows_of(found, metric)}
        is_whole = frame != self._frame
        moved = [row for start, row in rows.items() if is_whole or self._rows.get(start) != row]
        is_news = bool(moved) or window != self._window
        self._rows, self._frame, self._window, self._seen = rows, frame, window, seen
        return (is_whole, moved) if is_news else None


def rows_of(found: Series, metric: str) -> list[Row]:
    """Every bucket of a series."""
    bounds, values = found.buckets.moments, found.values(metric)
    adds_up = isinstance(found.question.fact.measures[metric], Sum)
    columns = [(group, found.values(metric, group)) for group in found.groups]

    def groups(at: int) -> tuple[tuple[Group, Number], ...] | None:
        if not found.question.by or not found.is_counted(at):
            return None
        here = ((group, column[at]) for group, column in columns)
        return tuple((group, value) for group, value in here if value or (value == 0 and not adds_up))

    return [
        Row(bounds[at], bounds[at + 1], found.state(at), values[at], groups(at))
        for at in range(len(found.buckets))
    ]
