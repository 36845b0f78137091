"""REST shims: the documented URLs of vendors, answered by GraphQL documents."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from gateway.auth import Auth
from gateway.door import Door
from gateway.rest.agentmessage import AGENTMESSAGE
from gateway.rest.pages import page_routes
from gateway.rest.shim import Shim, Vendor

VENDORS: tuple[Vendor, ...] = (AGENTMESSAGE,)


def vendor_routes(door: Door, auth: Auth, vendors: tuple[Vendor, ...] = VENDORS) -> list[BaseRoute]:
    """Each vendor's URLs, as documented and under `/<vendor>`; what else is below those roots it refuses."""
    endpoints, pages, rest = [], [], []
    for vendor in vendors:
        for endpoint in vendor.endpoints:
            shim = Shim(vendor, endpoint, door, auth)
            endpoints += [Route(endpoint.path, shim), Route(f"/{vendor.name}{endpoint.path}", shim)]
        pages += page_routes(vendor)
        nothing = Shim(vendor, None, door, auth)
        for root in (f"/{vendor.name}", *vendor.paths):
            rest += [Route(root, nothing), Route(f"{root}/{{rest:path}}", nothing)]
    return [*endpoints, *pages, *rest]
