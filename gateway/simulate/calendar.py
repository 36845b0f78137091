"""Records that wait for the moment they arrive, in slots of equal width.

A heap would sort every record by itself; a slot is sorted once, when its time has come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

Record = dict[str, Any]
Batch = list[tuple[int, Record]]

MOST_WAITING = 250_000
ARRIVAL = itemgetter(0)


class Calendar:
    """What will arrive when; nothing that happens at `end` or later is kept."""

    def __init__(self, start: int, end: int, width: int) -> None:
        self.start = start
        self.end = end
        self.width = width
        self.waiting = 0
        self._next = start // width
        self._slots: defaultdict[int, Batch] = defaultdict(list)

    def put(self, at: int, record: Record) -> None:
        """Let `record` arrive at `at`, the moment of what it tells; forgotten when that is past the end."""
        if at < self.end:
            self._slots[at // self.width].append((at, record))
            self.waiting += 1

    def told(self, record: Record) -> None:
        """Know of a record that is told before the start."""

    def put_late(self, arrives: int, record: Record) -> None:
        """Let `record` arrive at `arrives`, be it past the end, or with the next slot when that is later."""
        self._slots[max(arrives // self.width, self._next)].append((arrives, record))
        self.waiting += 1

    def windows(self) -> Iterator[tuple[int, int]]:
        """The slots from start to end, each as half-open milliseconds cut to the plan."""
        for slot in range(self.start // self.width, (self.end - 1) // self.width + 1):
            yield max(slot * self.width, self.start), min((slot + 1) * self.width, self.end)

    def take(self, begin: int) -> Iterator[Batch]:
        """What arrives in the slot of `begin`, in order; then the next slots while too much is waiting."""
        slot = begin // self.width
        self._next = slot + 1
        yield self._pop(slot)
        while self.waiting > MOST_WAITING:
            yield self._pop(min(self._slots))

    def rest(self) -> Iterator[Batch]:
        """Everything that still waits, slot by slot."""
        for slot in sorted(self._slots):
            yield self._pop(slot)

    def _pop(self, slot: int) -> Batch:
        batch = self._slots.pop(slot, [])
        self.waiting -= len(batch)
        batch.sort(key=ARRIVAL)
        return batch
