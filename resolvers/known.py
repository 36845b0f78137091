"""What is known of organizations between two commits: how far counting has come, and what has come in.

Every question needs it first. It is read once and holds until the store has moved (`models/version.py`).
What is read stands on the version before it, so it can only be newer than we think.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from time import monotonic

from models.engine import Store
from resolvers.watermarks import Progress, progress

MOST_KNOWN = 1_000  # organizations
LONGEST_S = 10.0  # for what is changed by hand, or by an older release: nobody hears of that


@dataclass(frozen=True)
class _Held:
    version: Hashable
    until: float
    reading: asyncio.Task[Progress]


class Knowledge:
    """What this process knows of the organizations that it was asked about last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: OrderedDict[int, _Held] = OrderedDict()

    def at_hand(self, organization_id: int) -> Progress | None:
        """What needs no reading; None when it does."""
        held = self._holding(organization_id, self._store.version.now())
        return held.reading.result() if held is not None and held.reading.done() else None

    async def of(self, organization_id: int) -> Progress:
        """Read, unless nothing has been committed since; who asks while it is read waits for the same."""
        version = self._store.version.now()
        if version is None:
            return await self._read(organization_id)
        held = self._holding(organization_id, version)
        if held is None:
            reading = asyncio.create_task(self._read(organization_id))
            held = self._held[organization_id] = _Held(version, monotonic() + LONGEST_S, reading)
            if len(self._held) > MOST_KNOWN:
                self._held.popitem(last=False)
        self._held.move_to_end(organization_id)
        if held.reading.done():
            return held.reading.result()
        return await asyncio.shield(held.reading)  # who gives up leaves it to the others

    def _holding(self, organization_id: int, version: Hashable | None) -> _Held | None:
        """What was read of this version, or is being read."""
        held = self._held.get(organization_id)
        if held is None or held.version != version or held.until < monotonic() or _failed(held.reading):
            return None
        return held

    async def _read(self, organization_id: int) -> Progress:
        return await progress(self._store.of(organization_id), organization_id)


def _failed(reading: asyncio.Task[Progress]) -> bool:
    return reading.done() and (reading.cancelled() or reading.exception() is not None)
