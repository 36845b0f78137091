"""Who is asking: from the Authorization header to a caller."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from starlette.requests import Request

from models.engine import Store
from models.errors import Unauthenticated
from resolvers.caller import Caller
from resolvers.keys import caller_of, key_hash

REMEMBERED_S = 3.0  # a revoked key is dead on every process after this long
MOST_REMEMBERED = 10_000


class Auth:
    """Finds callers by their key and remembers them for three seconds."""

    def __init__(self, store: Store, secret: str, clock: Callable[[], datetime]) -> None:
        self._store, self._secret, self._clock = store, secret, clock
        self._known: dict[str, tuple[float, Caller]] = {}
        self.used: dict[str, datetime] = {}

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
            async with self._store.reading() as db:
                caller = await caller_of(db, self._secret, key, self._clock())
            if caller is None:
                self._known.pop(hashed, None)
                raise Unauthenticated()
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[hashed] = (monotonic() + REMEMBERED_S, caller)
        self.used[caller.key_prefix] = self._clock()
        return caller


def bearer(request: Request) -> str:
    """The key of 'Authorization: Bearer <key>'. Raises Unauthenticated."""
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key.strip():
        raise Unauthenticated()
    return key.strip()
