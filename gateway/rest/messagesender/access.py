"""Who asks: a bearer token, and the organization it asks for, which the vendor always wants named."""

from __future__ import annotations

from starlette.requests import Request

from gateway.auth import ORGANIZATION_HEADER, Auth
from gateway.rest.vendor import Credentials
from models.errors import InvalidInput
from models.records.organizations import UUID
from resolvers.caller import METRICS_READ, Caller

REALM = "messagesender"


async def find(auth: Auth, request: Request) -> Caller:
    """The caller. Raises Unauthenticated, then InvalidInput, then NotAMember."""
    sender = await auth.sender(request)
    named = request.headers.get(ORGANIZATION_HEADER, "").strip()
    if not UUID.fullmatch(named):
        raise InvalidInput(
            f"The header {ORGANIZATION_HEADER.lower()} must name the organization by its UUID."
        )
    request.state.named = named
    return await auth.within(sender, REALM, named, METRICS_READ, request)


CREDENTIALS = Credentials(
    find,
    {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "organization": {"type": "apiKey", "in": "header", "name": ORGANIZATION_HEADER.lower()},
    },
)
