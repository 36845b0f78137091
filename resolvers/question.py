"""What is asked, and the numbers that answer it.

Question ──plan.plan()──▶ tier ──statement.prepared()──▶ SQL ──tables.answer()──▶ Table
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from models import Clock, Fact
from resolvers.filters import Where, dimension
from resolvers.kept import EVERYTHING, Kept
from resolvers.periods import FIRST, LAST, Buckets, Granularity, Segment, Window, buckets, minute, segments

WEEKDAY, HOUR = "weekday", "hour"  # time of the week: 0 is Monday, 0–23


@dataclass(frozen=True)
class Home:
    """What the planner must know of an organization: its zone, since when its minutes are kept, and what
    retention has left."""

    zone: str
    minutes_from: int
    kept: Kept = EVERYTHING


@dataclass(frozen=True)
class Question:
    """What is asked. Hashable, so that equal questions can share one answer.

    `by` names dimensions, or the time of the week; `where` keeps the rows whose dimension is one of the
    values, see `resolvers/filters.py`. Without a window it is about all time, without a granularity about the
    window as a whole. `clip` cuts the buckets at the ends of the window, which is else widened to hold whole
    ones.
    """

    fact: Fact
    organization_id: int
    measures: tuple[str, ...]
    window: Window | None = None
    granularity: Granularity | None = None
    zone: str = "UTC"
    by: tuple[str, ...] = ()
    where: Where = ()
    clock: Clock = Clock.CREATED
    clip: bool = False

    @cached_property
    def buckets(self) -> Buckets | None:
        """The buckets of the answer."""
        if self.granularity is None or self.window is None:
            return None
        return buckets(self.window, self.granularity, self.zone, self.clip)

    @cached_property
    def span(self) -> Window | None:
        """The time that is really counted."""
        whole_buckets = self.buckets
        return self.window if whole_buckets is None else whole_buckets.window

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Its zone, offset by offset, over the time that is counted."""
        span = self.span or Window(FIRST, LAST)
        return segments(self.zone, minute(span.start), span.end_minute)

    @property
    def named(self) -> set[str]:
        """The dimensions of its own fact that it needs."""
        return named(self.fact, self.by, self.where)


def named(fact: Fact, by: tuple[str, ...], where: Iterable[tuple[str, Any]]) -> set[str]:
    """The dimensions of its own fact that a question needs."""
    return set(by) - {WEEKDAY, HOUR} | {dimension(fact, name) for name, _ in where}


@dataclass
class Table:
    """The numbers of an answer: by group, then by sum, one for each bucket (a single one without).

    `expired` are the places of buckets of which retention has left too little: their zeros say nothing.
    """

    buckets: Buckets | None
    sums: tuple[str, ...]
    groups: dict[tuple[str | int, ...], dict[str, list[int]]] = field(default_factory=dict)
    expired: frozenset[int] = frozenset()

    def total(self, sums: dict[str, list[int]] | None = None) -> dict[str, int]:
        """Every bucket of a group (or of all groups) added up."""
        chosen = list(self.groups.values()) if sums is None else [sums]
        return {name: sum(sum(group[name]) for group in chosen) for name in self.sums}
