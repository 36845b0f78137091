"""Who is asking: from the Authorization header to a caller.

bearer ──a key or a token──▶ sender ──the organization it speaks for──▶ caller
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from secrets import token_bytes
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import structlog
from starlette.requests import Request

from gateway.claims import NOT_TAKEN, Claims, is_token
from gateway.memory import Memory
from gateway.unit import Connection, run
from models import Organization
from models.engine import Store, is_outage, unavailable
from models.errors import InvalidInput, NotAMember, Unauthenticated
from models.tenants import OURS
from resolvers.caller import METRICS_READ, Caller
from resolvers.keys import caller_of, mark_used
from resolvers.organizations import find_among

if TYPE_CHECKING:
    from gateway.tokens import Tokens

log = structlog.stdlib.get_logger("heliograph")

NOTED_EVERY_S = 5.0
ORGANIZATION_HEADER = "X-Organization-Id"
VARY = f"Authorization, {ORGANIZATION_HEADER}"  # whatever decides for whom an answer is
UNSHARED = {"Cache-Control": "private, no-store", "Vary": VARY}
TOKEN_SCOPES = frozenset({METRICS_READ})
SUBJECT_SHOWN = 40

Sender: TypeAlias = Caller | Claims  # a key belongs to one organization, a token lists those it may read
Found = TypeVar("Found")


class Auth:
    """Finds callers by their key or token and remembers what it looked up for three seconds.

    `token_realm` is whose names for organizations the tokens hold. Without `tokens` none is taken.
    """

    def __init__(
        self,
        store: Store,
        secret: str,
        clock: Callable[[], datetime],
        tokens: Tokens | None,
        token_realm: str,
    ) -> None:
        self._secret, self._clock = secret, clock
        self._store = store.of_everyone("whose a key or a name is, only its row tells")
        self._tokens, self._token_realm = tokens, token_realm
        self._callers: Memory[bytes, Caller] = Memory()
        self._salt = token_bytes(32)
        self._members: Memory[tuple[str, str, str, tuple[str, ...]], Organization] = Memory()
        self._used: dict[str, datetime] = {}
        self._stop = asyncio.Event()

    async def caller(self, request: Request, scope: str) -> Caller:
        """Whoever sent the request; a token speaks for the organization of X-Organization-Id.

        Raises Unauthenticated, Unavailable, InvalidInput, NotAMember, MissingScope.
        """
        return await self.speaking(await self.sender(request), scope, request)

    async def speaking(self, sender: Sender, scope: str, request: Request) -> Caller:
        """The sender as it speaks for the one organization that can be meant.

        Raises InvalidInput, NotAMember, MissingScope, Unavailable.
        """
        if isinstance(sender, Claims):
            asked = _organization_asked(request, sender)
            return await self.within(sender, self._token_realm, asked, scope, request)
        sender.need(scope)
        return sender

    async def sender(self, request: Request) -> Sender:
        """Whose bearer credential came with the request. Raises Unauthenticated, Unavailable."""
        credential = bearer(request)
        if is_token(credential):
            if self._tokens is None:
                raise Unauthenticated(NOT_TAKEN)
            return await self._tokens.claims(credential)
        return await self.of_key(credential, request)

    async def of_key(self, key: str, request: Request) -> Caller:
        """Whose key that is. Raises Unauthenticated, Unavailable."""
        caller = await self._of_key(key)
        request.scope.setdefault("state", {})["organization"] = caller.organization.slug
        return caller

    async def within(
        self, sender: Sender, realm: str, external_id: str, scope: str, request: Request
    ) -> Caller:
        """The sender as it speaks for the organization that `realm` calls `external_id`.

        Raises NotAMember, MissingScope, Unavailable.
        """
        if isinstance(sender, Claims):
            organization = await self._member(realm, external_id, self._token_realm, sender.organizations)
            shown = f"jwt:{sender.subject[:SUBJECT_SHOWN]}"
            caller = Caller(organization, TOKEN_SCOPES, shown, sender.subject)
            request.scope.setdefault("state", {})["organization"] = organization.slug
        else:
            await self._member(realm, external_id, OURS, (sender.organization.slug,))
            caller = sender
        caller.need(scope)
        return caller

    async def _of_key(self, key: str) -> Caller:
        name = blake2b(key.encode(), key=self._salt).digest()  # no key is remembered as it is
        caller = self._callers.get(name)
        if caller is None:
            caller = await self._ask(lambda db: caller_of(db, self._secret, key, self._clock()))
            if caller is None:
                raise Unauthenticated()
            self._callers.keep(name, caller)
        self._used[caller.key_prefix] = self._clock()
        return caller

    async def _member(
        self, realm: str, external_id: str, names_realm: str, names: tuple[str, ...]
    ) -> Organization:
        asked = (realm, external_id, names_realm, names)
        found = self._members.get(asked)
        if found is None:
            # no store holds control characters, and PostgreSQL would not even be asked for them
            if names and external_id.isprintable():
                found = await self._ask(lambda db: find_among(db, *asked))
            if found is None:
                raise NotAMember()
            self._members.keep(asked, found)
        return found

    async def _ask(self, question: Callable[[Connection], Awaitable[Found]]) -> Found:
        try:
            async with self._store.reading() as db:
                return await question(db)
        except Exception as error:
            if is_outage(error):
                raise unavailable(error) from error
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
                await run(self._store, lambda db: mark_used(db, used), quiet=True)
        except Exception as error:
            if is_outage(error):
                self._used = {**used, **self._used}
            else:
                log.exception("when keys were last used was not written down")

    def stop(self) -> None:
        """Let `note_uses` end."""
        self._stop.set()

    async def close(self) -> None:
        """Give the connection to the tokens' issuer back."""
        if self._tokens is not None:
            await self._tokens.close()


def bearer(request: Request) -> str:
    """The credential of 'Authorization: Bearer <credential>'. Raises Unauthenticated."""
    kind, _, credential = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not credential.strip():
        raise Unauthenticated()
    return credential.strip()


def _organization_asked(request: Request, claims: Claims) -> str:
    """What the request names, else the only organization there is. Raises InvalidInput, NotAMember."""
    named = request.headers.get(ORGANIZATION_HEADER, "").strip()
    if named:
        return named
    if not claims.organizations:
        raise NotAMember("The token lists no organization.")
    if len(claims.organizations) > 1:
        raise InvalidInput(
            f"The token lists {len(claims.organizations)} organizations; "
            f"send the one you mean as the header {ORGANIZATION_HEADER}."
        )
    return claims.organizations[0]
