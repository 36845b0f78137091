"""The retainer: hourly, in small transactions, it takes what lies below the horizons of each organization."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

import structlog

from gateway.unit import run
from models import Organization
from models.engine import Store
from resolvers.organizations import every
from resolvers.retention import FINE, ROOTS, Terms, forget_rows, forget_slots, raise_horizons

EVERY_S = 3600.0
log = structlog.stdlib.get_logger("heliograph")


class Retainer:
    """Raises horizons and takes what lies below those that have stood for a while; any number may run."""

    def __init__(self, store: Store, clock: Callable[[], datetime], terms: Terms) -> None:
        self._store, self._clock, self.terms = store, clock, terms
        self._stop = asyncio.Event()

    async def organizations(self) -> list[Organization]:
        """Every organization."""
        async with self._store.reading() as db:
            return await every(db)

    async def raise_horizons(self, organization: Organization) -> bool:
        """Store where its horizons belong by now; whether they have risen."""
        now = self._clock()
        store = self._store.of(organization.id)
        return await run(store, lambda db: raise_horizons(db, organization.id, self.terms, now))

    async def forget(self, organization: Organization) -> AsyncGenerator[tuple[str, int]]:
        """Take what is due, part by part: the table, and how many rows of it and its parts each time."""
        now, terms, store = self._clock(), self.terms, self._store.of(organization.id)
        rows = [
            (fact.table.name, partial(forget_rows, organization_id=organization.id, fact=fact))
            for fact in ROOTS
        ]
        slots = [
            (tier.table.name, partial(forget_slots, organization=organization, tier=tier)) for tier in FINE
        ]
        for table, forget in (*rows, *slots):
            while taken := await run(store, lambda db, f=forget: f(db, terms=terms, now=now)):
                yield table, taken
                if self._stop.is_set():
                    return

    async def once(self) -> int:
        """One pass over every organization; says how many rows it took."""
        taken = 0
        for organization in await self.organizations():
            try:
                async for _, rows in self.forget(organization):
                    taken += rows
                await self.raise_horizons(organization)
            except Exception:  # the others do not wait for one that cannot be done
                log.exception("retention failed", organization=organization.slug, retry_in_s=EVERY_S)
        return taken

    async def run(self) -> None:
        """A pass an hour until `stop`."""
        while not self._stop.is_set():
            try:
                if taken := await self.once():
                    log.info("retention took rows", rows=taken)
            except Exception:
                log.exception("retention failed", retry_in_s=EVERY_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), EVERY_S)

    def stop(self) -> None:
        """Let `run` end after the part it is at."""
        self._stop.set()
