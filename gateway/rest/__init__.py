"""REST shims: the documented URLs of vendors, answered by GraphQL documents."""

from __future__ import annotations

from starlette.routing import BaseRoute

from gateway.auth import Auth
from gateway.door import Door


def vendor_routes(door: Door, auth: Auth) -> list[BaseRoute]:
    return []
