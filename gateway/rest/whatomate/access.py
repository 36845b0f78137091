"""Who asks: a key as X-API-Key, which goes first, or a key or token as bearer."""

from __future__ import annotations

from starlette.requests import Request

from gateway.auth import ORGANIZATION_HEADER, Auth, Sender
from gateway.claims import Claims, is_token
from gateway.rest.vendor import Credentials
from models.errors import NotAMember, Unauthenticated
from resolvers.caller import METRICS_READ, Caller

REALM = "whatomate"
KEY_HEADER = "X-API-Key"
NOTHING, MALFORMED = "Missing authorization header", "Invalid authorization header format"
BAD_KEY, BAD_TOKEN = "Invalid API key", "Invalid or expired token"


async def find(auth: Auth, request: Request) -> Caller:
    """The caller, speaking for the organization that X-Organization-ID names, or for the only one.

    Raises Unauthenticated in the vendor's words, NotAMember, MissingScope, Unavailable.
    """
    sender = await _sender(auth, request)
    named = request.headers.get(ORGANIZATION_HEADER, "").strip()
    if named:
        try:
            return await auth.within(sender, REALM, named, METRICS_READ, request)
        except NotAMember:
            if not isinstance(sender, Claims):
                raise  # a token may name the organization as it lists it
    return await auth.speaking(sender, METRICS_READ, request)


async def _sender(auth: Auth, request: Request) -> Sender:
    key = request.headers.get(KEY_HEADER, "").strip()
    if key:
        return await _known(auth, key, request)
    header = request.headers.get("authorization", "").strip()
    if not header:
        raise Unauthenticated(NOTHING)
    kind, _, credential = header.partition(" ")
    if kind.lower() != "bearer" or not credential.strip():
        raise Unauthenticated(MALFORMED)
    if not is_token(credential.strip()):
        return await _known(auth, credential.strip(), request)
    try:
        return await auth.sender(request)
    except Unauthenticated as error:
        raise Unauthenticated(BAD_TOKEN) from error


async def _known(auth: Auth, key: str, request: Request) -> Sender:
    try:
        return await auth.of_key(key, request)
    except Unauthenticated as error:
        raise Unauthenticated(BAD_KEY) from error


CREDENTIALS = Credentials(
    find,
    {
        "key": {"type": "apiKey", "in": "header", "name": KEY_HEADER},
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    },
)
