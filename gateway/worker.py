"""The worker: counts what came in, makes exports and takes what is not kept, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from gateway.exports.runner import Exporter
from gateway.retention import Retainer
from gateway.unit import Connection, run
from models import Fact
from models.engine import Store
from resolvers.organizations import get
from resolvers.rollup import WHY, Keep, never_counted, rebuild, refresh

LONGEST_PAUSE_S = 5.0
log = structlog.stdlib.get_logger("heliograph")


class Worker:
    """Refreshes the rollups every `every_s` seconds; exporter and retainer work beside it at their pace."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        keep: Keep,
        every_s: float,
        exporter: Exporter | None = None,
        retainer: Retainer | None = None,
    ) -> None:
        self._store, self._clock, self._keep, self._every_s = store, clock, keep, every_s
        self._exporter = exporter
        self._retainer = retainer if retainer is not None and retainer.terms.is_on else None
        self._everyones = store.of_everyone(WHY)
        self._stop = asyncio.Event()
        self._uncounted: list[tuple[int, Fact]] | None = None

    async def refresh(self) -> int:
        """Count once, first whatever was never counted; says how many differences there were."""
        while await self._catch_up():
            pass
        return await self._refresh()

    async def _refresh(self) -> int:
        now = self._clock()
        return await run(self._everyones, lambda db: refresh(db, now, self._keep), snapshot=True)

    async def _catch_up(self) -> bool:
        """Count one fact of one organization that a migration has left uncounted; False without any."""
        if self._uncounted is None:
            self._uncounted = await run(self._everyones, never_counted)
        if not self._uncounted:
            return False
        organization_id, fact = self._uncounted.pop()
        log.info("counting anew after an upgrade", organization_id=organization_id, fact=fact.name)
        try:
            store = self._store.of(organization_id)
            await run(store, partial(self._rebuild, organization_id, fact), snapshot=True)
        except Exception:
            # the others must not wait for it; the next start tries again
            log.exception("counting anew failed", organization_id=organization_id, fact=fact.name)
        return True

    async def _rebuild(self, organization_id: int, fact: Fact, db: Connection) -> None:
        await rebuild(db, await get(db, organization_id), self._clock(), self._keep, (fact,))

    async def run(self) -> None:
        """Count, make exports and take what is no longer kept until `stop`."""
        async with asyncio.TaskGroup() as all_three:
            all_three.create_task(self._count())
            for one in (self._exporter, self._retainer):
                if one is not None:
                    all_three.create_task(one.run())

    async def _count(self) -> None:
        """Count until `stop`. When the store is away, wait longer each time."""
        pause_s = self._every_s
        while not self._stop.is_set():
            try:
                await self._refresh()
                if await self._catch_up():
                    continue
                pause_s = self._every_s
            except Exception:
                log.exception("refresh failed", retry_in_s=pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            try:
                await asyncio.wait_for(self._stop.wait(), pause_s)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Let the count that is running finish, and exports go back to wait; then end."""
        self._stop.set()
        for one in (self._exporter, self._retainer):
            if one is not None:
                one.stop()
