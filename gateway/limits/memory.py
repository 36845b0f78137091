"""Requests counted in the memory of this process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.limits.limit import WINDOW_S, Limit, Standing, refused, standing

SWEPT_ABOVE = 10_000  # names and organizations


class MemoryLimiter:
    """Counts the requests of this process alone."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._hits: dict[tuple[int, str], list[float]] = {}

    async def hit(self, organization_id: int, limit: Limit) -> Standing:
        """Count one request. Raises RateLimited."""
        now = self._clock().timestamp()
        if len(self._hits) > SWEPT_ABOVE:
            self._hits = {key: hits for key, hits in self._hits.items() if hits[-1] > now - WINDOW_S}
        hits = [at for at in self._hits.get((organization_id, limit.name), ()) if at > now - WINDOW_S]
        if len(hits) >= limit.per_minute:
            raise refused(limit, hits[0] + WINDOW_S, now)
        self._hits[organization_id, limit.name] = [*hits, now]
        return standing(limit, [*hits, now])

    async def close(self) -> None:
        """There is nothing to give back."""
