"""Requests counted in the store, for all processes that share it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.limits.limit import WINDOW_S, Limit, Standing, refused, standing
from gateway.unit import Connection, run
from models.engine import Store
from resolvers.requests import counted, note


class StoreLimiter:
    """Counts in a row for each organization and limit; one request at a time can hold it."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    async def hit(self, organization_id: int, limit: Limit) -> Standing:
        """Count one request. Raises RateLimited."""

        async def job(db: Connection) -> tuple[bool, list[float], float]:
            held = await counted(db, organization_id, limit.name)
            now = self._clock().timestamp()  # after the wait for the row: moments in it only rise
            hits = [at for at in held if at > now - WINDOW_S]
            is_free = len(hits) < limit.per_minute
            if is_free:
                hits.append(now)
                await note(db, organization_id, limit.name, hits)
            return is_free, hits, now

        is_free, hits, now = await run(self._store.of(organization_id), job, quiet=True)
        if not is_free:
            raise refused(limit, hits[0] + WINDOW_S, now)
        return standing(limit, hits)

    async def close(self) -> None:
        """The store is closed by whoever opened it."""
