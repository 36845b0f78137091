"""Who is asking: from the Authorization header to a caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from time import monotonic

from starlette.requests import Request

from gateway.unit import run
from models.engine import Store, is_outage
from models.errors import Unauthenticated, Unavailable
from resolvers.caller import Caller
from resolvers.keys import caller_of, key_hash, mark_used

REMEMBERED_S = 3.0  # a revoked key is dead on every process after this long
MOST_REMEMBERED = 10_000
NOTED_EVERY_S = 5.0


class Auth:
    """Finds callers by their key and remembers them for three seconds."""

    def __init__(self, store: Store, secret: str, clock: Callable[[], datetime]) -> None:
        self._store, self._secret, self._clock = store, secret, clock
        self._known: dict[str, tuple[float, Caller]] = {}
        self._used: dict[str, datetime] = {}
        self._stop = asyncio.Event()

    async def caller(self, request: Request, scope: str) -> Caller:
        """Whoever sent the request. Raises Unauthenticated, MissingScope."""
        caller = await self._find(bearer(request))
        request.state.organization = caller.organization.slug
        caller.need(scope)
        return caller

    async def _find(self, key: str) -> Caller:
        hashed = key_hash(self._secret, key)
        until, caller = self._known.get(hashed, (0.0, None))
        if caller is None or until < monotonic():
            caller = await self._look_up(key)
            if caller is None:
                self._known.pop(hashed, None)
                raise Unauthenticated()
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[hashed] = (monotonic() + REMEMBERED_S, caller)
        self._used[caller.key_prefix] = self._clock()
        return caller

    async def _look_up(self, key: str) -> Caller | None:
        try:
            async with self._store.reading() as db:
                return await caller_of(db, self._secret, key, self._clock())
        except Exception as error:
            if is_outage(error):
                raise Unavailable() from error
            raise

    async def note_uses(self) -> None:
        """Write down when keys were last used, every few seconds until `stop`."""
        while not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), NOTED_EVERY_S)
            await self.note()

    async def note(self) -> None:
        """Write down what is not written yet; when the store is away, next time."""
        used, self._used = self._used, {}
        try:
            if used:
                await run(self._store, lambda db: mark_used(db, used))
        except Exception as error:
            if not is_outage(error):
                raise
            self._used = {**used, **self._used}

    def stop(self) -> None:
        """Let `note_uses` end."""
        self._stop.set()


def bearer(request: Request) -> str:
    """The key of 'Authorization: Bearer <key>'. Raises Unauthenticated."""
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key.strip():
        raise Unauthenticated()
    return key.strip()
