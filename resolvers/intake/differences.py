"""What rows count for, as lines of the outbox: what `counting.lines` says in SQL, without asking the store.

Rows of one shape, which have the same moments and the same numbers, count alike: a shape is worked out once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy.sql.visitors import iterate

from models import Clock, Fact
from models.base import Utc, millis_between
from models.fact import columns_of, element
from resolvers.intake.expressions import Row, worked
from resolvers.periods import DAY_MINUTES, Segment

Line = tuple[Any, ...]  # clock, minute, day, dimensions, sums
MOST_SHAPES = 20_000


@dataclass(frozen=True, eq=False, slots=True)
class Share:
    """What rows of a shape count for at one of their moments: (place of the sum, amount) on each clock."""

    at: str
    counts: tuple[tuple[Clock, tuple[tuple[int, int], ...]], ...]


def differences(fact: Fact, old: Iterable[Row], new: Iterable[Row], zone: tuple[Segment, ...]) -> list[Line]:
    """What `new` rows count for, less what `old` ones did; no line of nothing. `zone` numbers local days."""
    shapes = _shapes(fact)
    found: dict[tuple[Share, int, tuple[str, ...]], int] = defaultdict(int)
    for rows, sign in ((old, -1), (new, 1)):
        for row in rows:
            labels = shapes.labels(row)
            for share in shapes.shares(row):
                found[share, int(row[share.at].timestamp()) // 60, labels] += sign
    lines: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(fact.sums))
    for (share, minute, labels), times in found.items():
        for clock, amounts in share.counts if times else ():
            line = lines[clock, minute, labels]
            for place, amount in amounts:
                line[place] += amount * times
    ends = [segment.end for segment in zone]

    def day(minute: int) -> int:
        return (minute + zone[bisect_right(ends, minute)].offset) // DAY_MINUTES

    return [
        (int(clock), minute, day(minute), *labels, *line)
        for (clock, minute, labels), line in lines.items()
        if any(line)
    ]


class _Shapes:
    """The shapes of a fact's rows that were met so far, and what they count for."""

    def __init__(self, fact: Fact) -> None:
        self._where = None if fact.where is None else worked(fact.where)
        self._values_of = [worked(one.value) for one in fact.sums]
        self._moments_of = [
            (clock, [worked(fact.counted_at(one, clock)) for one in fact.sums]) for clock in fact.clocks
        ]
        told = [
            fact.time,
            fact.left,
            fact.where,
            *(part for one in fact.sums for part in (one.value, one.at)),
        ]
        columns = {name for one in told if one is not None for name in columns_of(one)} & {
            *fact.table.c.keys()
        }
        timed = {name for one in fact.sums for name in _timed(one.value)}
        self._moments = sorted(name for name in columns if isinstance(fact.table.c[name].type, Utc))
        self._known = _tuple([name for name in self._moments if name not in timed])
        self._told = _tuple(sorted(columns - {*self._moments} | timed))
        self.labels = _tuple([columns_of(one.column)[0] for one in fact.dimensions])
        self._met: dict[Any, tuple[Share, ...]] = {}

    def shares(self, row: Row) -> tuple[Share, ...]:
        """What a row counts for, and at which of its moments."""
        shape = (tuple(map(bool, self._known(row))), self._told(row))
        if (shares := self._met.get(shape)) is None:
            if len(self._met) >= MOST_SHAPES:
                self._met.clear()
            shares = self._met[shape] = tuple(self._work(row))
        return shares

    def _work(self, row: Row) -> Iterator[Share]:
        if self._where is not None and not self._where(row):
            return
        # asked over the names of the moments there are, the expression of a moment says which one it takes
        named = {**row, **{name: None if row[name] is None else name for name in self._moments}}
        amounts = [value(row) for value in self._values_of]
        counts: dict[str, dict[Clock, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for clock, moments in self._moments_of:
            for place, (moment, amount) in enumerate(zip(moments, amounts, strict=True)):
                if amount and (at := moment(named)) is not None:
                    counts[at][clock].append((place, amount))
        for at, by_clock in counts.items():
            yield Share(at, tuple((clock, tuple(those)) for clock, those in by_clock.items()))


@cache
def _shapes(fact: Fact) -> _Shapes:
    return _Shapes(fact)


def _timed(value: Any) -> list[str]:
    """The moments whose distance a number is: of these it matters when they were."""
    return [
        name
        for part in iterate(element(value))
        if isinstance(part, millis_between)
        for name in columns_of(part)
    ]


def _tuple(names: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    """These columns of a row; `itemgetter` makes no tuple of fewer than two."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: tuple(row[name] for name in names)
