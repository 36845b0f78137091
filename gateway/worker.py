"""The worker: counts what came in, again and again, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from gateway.unit import Connection, run
from models.engine import Store
from resolvers.organizations import get
from resolvers.rollup import Keep, never_counted, rebuild, refresh

LONGEST_PAUSE_S = 30.0
log = structlog.stdlib.get_logger("heliograph")


class Worker:
    """Refreshes the rollups every `every_s` seconds."""

    def __init__(self, store: Store, clock: Callable[[], datetime], keep: Keep, every_s: float) -> None:
        self._store, self._clock, self._keep, self._every_s = store, clock, keep, every_s
        self._stop = asyncio.Event()
        self._has_caught_up = False

    async def refresh(self) -> int:
        """Count once; says how many differences there were."""
        if not self._has_caught_up:
            await self._catch_up()
        now = self._clock()
        return await run(self._store, lambda db: refresh(db, now, self._keep), snapshot=True)

    async def _catch_up(self) -> None:
        """Count anew whatever a migration has left uncounted."""
        for organization_id in await run(self._store, never_counted):
            log.info("counting anew after an upgrade", organization_id=organization_id)
            await run(self._store, partial(self._rebuild, organization_id), snapshot=True)
        self._has_caught_up = True

    async def _rebuild(self, organization_id: int, db: Connection) -> None:
        await rebuild(db, await get(db, organization_id), self._clock(), self._keep)

    async def run(self) -> None:
        """Count until `stop`. When the store is away, wait longer each time."""
        pause_s = self._every_s
        while not self._stop.is_set():
            try:
                await self.refresh()
                pause_s = self._every_s
            except Exception:
                log.exception("refresh failed", retry_in_s=pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            try:
                await asyncio.wait_for(self._stop.wait(), pause_s)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Let the count that is running finish, then end."""
        self._stop.set()
