"""Who asks: a bearer key or token, and the brand that the path names."""

from __future__ import annotations

import re

from starlette.requests import Request

from gateway.auth import Auth
from gateway.rest.vendor import Credentials
from models.errors import NotAMember, NotFound
from models.tenants import OURS
from resolvers.caller import METRICS_READ, Caller

REALM = "slicktext"
_AS_SHOWN = re.compile(r"[A-Za-z]([0-9]+)", re.ASCII)  # the vendor's pages show b26136 for 26136


async def find(auth: Auth, request: Request) -> Caller:
    """The caller, speaking for the brand of that id. Raises Unauthenticated, NotFound."""
    sender = await auth.sender(request)
    named = request.path_params["brand_id"]
    shown = _AS_SHOWN.fullmatch(named)
    brand = named if shown is None else shown[1]
    request.state.named = brand
    for realm in (REALM, OURS):
        try:
            return await auth.within(sender, realm, brand, METRICS_READ, request)
        except NotAMember:
            continue
    raise NotFound("There is no such brand.")


CREDENTIALS = Credentials(find, {"key": {"type": "http", "scheme": "bearer"}})
