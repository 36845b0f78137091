"""REST shims: the documented URLs of vendors, answered by GraphQL documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from starlette.routing import BaseRoute, Route

from gateway.auth import Auth
from gateway.door import Door
from gateway.limits import Limiter
from gateway.rest.agentmessage import AGENTMESSAGE
from gateway.rest.messagesender import MESSAGESENDER
from gateway.rest.pages import page_routes
from gateway.rest.penguinmails import PENGUINMAILS
from gateway.rest.shim import Shim
from gateway.rest.slicktext import SLICKTEXT
from gateway.rest.vendor import CsvEndpoint, Endpoint, Vendor
from gateway.rest.whatomate import WHATOMATE
from gateway.settings import SettingsError

VENDORS: tuple[Vendor, ...] = (AGENTMESSAGE, MESSAGESENDER, PENGUINMAILS, SLICKTEXT, WHATOMATE)


def vendor_routes(
    door: Door,
    auth: Auth,
    limiter: Limiter | None,
    vendors: tuple[Vendor, ...] = VENDORS,
    options: Sequence[str] = (),
) -> list[BaseRoute]:
    """Each vendor's URLs, as documented and under `/<vendor>`; what else is below those roots it refuses.

    `options` are written 'vendor.option'. Raises SettingsError for one that there is not.
    """
    _check_options(options, vendors)
    endpoints, pages, rest = [], [], []
    for vendor in vendors:
        chosen = options_of(vendor, options)
        for endpoint in vendor.endpoints:
            shim = Shim(vendor, endpoint, door, auth, limiter, chosen)
            endpoints += [Route(path, shim) for path in paths_of(vendor, endpoint)]
        pages += page_routes(vendor)
        nothing = Shim(vendor, None, door, auth, limiter)
        for root in (f"/{vendor.name}", *vendor.paths):
            rest += [Route(root, nothing), Route(f"{root}/{{rest:path}}", nothing)]
    return [*endpoints, *pages, *rest]


def paths_of(vendor: Vendor, endpoint: Endpoint | CsvEndpoint) -> Iterator[str]:
    """Every path to an endpoint, in the order they are looked for."""
    for path in (endpoint.path, *endpoint.aliases):
        yield path
        yield f"/{vendor.name}{path}"


def options_of(vendor: Vendor, options: Sequence[str]) -> frozenset[str]:
    """Those of the operator's options that are this vendor's, by their own names."""
    return frozenset(name for name in vendor.options if f"{vendor.name}.{name}" in options)


def _check_options(options: Sequence[str], vendors: tuple[Vendor, ...]) -> None:
    known = [f"{vendor.name}.{name}" for vendor in vendors for name in vendor.options]
    for option in options:
        if option not in known:
            raise SettingsError(f"VENDOR_OPTIONS: There is no '{option}'; there are {', '.join(known)}")
