"""Hearing of commits for as long as the gateway runs, so that what was read need not be read again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic

import structlog

from models.engine import Store, is_outage

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
log = structlog.stdlib.get_logger("heliograph")


async def follow(store: Store, stop: asyncio.Event) -> None:
    """Hear of them until told to stop; after an outage again, waiting longer each time.

    Meanwhile every request reads what it needs itself, so nobody notices but the store.
    """
    pause_s = FIRST_PAUSE_S
    while not stop.is_set():
        since = monotonic()
        try:
            await store.version.listen(stop)
        except Exception as error:  # noqa: BLE001  whatever it is, nothing else depends on it
            told = {"error": type(error).__name__} if is_outage(error) else {"exc_info": error}
            log.warning("not told of commits", retry_in_s=pause_s, **told)
        if monotonic() - since > LONGEST_PAUSE_S:
            pause_s = FIRST_PAUSE_S
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
