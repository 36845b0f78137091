"""Who asks: a bearer key or token, and the workspace that the path names."""

from __future__ import annotations

from starlette.requests import Request

from gateway.auth import Auth
from gateway.rest.vendor import Credentials
from models.errors import NotAMember, NotFound
from models.tenants import OURS
from resolvers.caller import METRICS_READ, Caller

REALM = "penguinmails"


async def find(auth: Auth, request: Request) -> Caller:
    """The caller, speaking for the workspace of that id or slug. Raises Unauthenticated, NotFound."""
    sender = await auth.sender(request)
    workspace = request.path_params["workspaceId"]
    for realm in (REALM, OURS):
        try:
            return await auth.within(sender, realm, workspace, METRICS_READ, request)
        except NotAMember:
            continue
    raise NotFound(f"Workspace with ID {workspace[:64]} not found")


CREDENTIALS = Credentials(find, {"key": {"type": "http", "scheme": "bearer"}})
