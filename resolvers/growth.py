"""Growth: how many contacts there were at the end of each bucket.

What was there before the window, and from then on whoever was created less whoever was deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate

from models import CONTACTS, Clock
from resolvers.loaders import Loaders
from resolvers.periods import FIRST, Window
from resolvers.question import Question, Table
from resolvers.series import Group, Series, in_order, series
from resolvers.shifts import Comparison


@dataclass(frozen=True)
class Growth:
    """How many there were at the end of each bucket, by group; `prior` is its earlier twin."""

    series: Series
    before: Table
    prior: Growth | None = None

    @property
    def groups(self) -> list[Group]:
        """The groups of which there was ever anybody, in order of their names."""
        return in_order((*self.series.table.groups, *self.before.groups))

    def totals(self, group: Group) -> list[int | None]:
        """How many of a group there were at the end of each bucket; null where it is not counted yet."""
        known = self.series.known
        created, deleted = (self._sums(self.series.table, group, name) for name in ("created", "deleted"))
        changes = (came - went for came, went in zip(created, deleted, strict=True))
        running = accumulate(changes, initial=self.before_of(group))
        return [None if place >= known else held for place, held in enumerate(list(running)[1:])]

    def before_of(self, group: Group) -> int:
        """How many there were when the window began."""
        created, deleted = (sum(self._sums(self.before, group, name)) for name in ("created", "deleted"))
        return created - deleted

    @staticmethod
    def _sums(table: Table, group: Group, name: str) -> list[int]:
        size = 1 if table.buckets is None else len(table.buckets)
        return table.groups[group][name] if group in table.groups else [0] * size


async def growth(loaders: Loaders, question: Question, compare: Comparison | None) -> Growth:
    """The growth in the buckets of a question, and in the earlier ones that they are compared with."""
    asked = replace(question, fact=CONTACTS, measures=("created", "deleted"), clock=Clock.HAPPENED)
    found = await series(loaders, asked, compare, with_totals=False)
    now = await _with_before(loaders, found)
    return now if found.prior is None else replace(now, prior=await _with_before(loaders, found.prior))


async def _with_before(loaders: Loaders, found: Series) -> Growth:
    """The series with all that came before it."""
    before = Window(FIRST, found.buckets.window.start)
    question = replace(found.question, window=before, granularity=None, clip=False)
    return Growth(found, await loaders.tables.load(question))
