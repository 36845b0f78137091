"""What networks do to records: some come twice, some hours late, some after what follows them."""

from __future__ import annotations

from bisect import insort
from random import Random

from gateway.simulate.calendar import ARRIVAL, Batch, Calendar
from gateway.simulate.chance import STEPS, log_normal
from gateway.simulate.moments import HOUR, SECOND

REPEATED = 0.015
LATE = 0.01
OVERTAKEN = 0.01

_REPEAT_AFTER = log_normal(40 * SECOND, 1.5, 6 * HOUR)
_LATE_BY = log_normal(2.5 * HOUR, 0.8, 20 * HOUR)
_OVERTAKEN_BY = log_normal(20 * SECOND, 0.7, 300 * SECOND)
_MOVABLE = frozenset(("message", "event", "webhook_delivery"))


class Disorder:
    """Moves and copies a few records of every batch."""

    def __init__(self, calendar: Calendar, random: Random) -> None:
        self._calendar = calendar
        self._random = random.random

    def disturb(self, batch: Batch) -> None:
        """Take late records out of `batch`, and let some others come once more."""
        whole = len(batch)
        for _ in range(self._some(whole * REPEATED)):
            self._again(batch, _REPEAT_AFTER, remove=False)
        for _ in range(self._some(whole * LATE)):
            self._again(batch, _LATE_BY, remove=True)
        for _ in range(self._some(whole * OVERTAKEN)):
            self._again(batch, _OVERTAKEN_BY, remove=True)

    def _some(self, mean: float) -> int:
        return int(mean + self._random())

    def _again(self, batch: Batch, delays: tuple[int, ...], *, remove: bool) -> None:
        draw = self._random
        if not batch:
            return
        place = int(draw() * len(batch))
        at, record = batch[place]
        if record["type"] not in _MOVABLE:
            return
        if remove:
            del batch[place]
        arrives = at + delays[int(draw() * STEPS)]
        if batch and arrives < batch[-1][0]:
            insort(batch, (arrives, record), key=ARRIVAL)
        else:
            self._calendar.put_late(arrives, record)
