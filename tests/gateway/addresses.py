"""Every address of the application, from its routes: what a key needs there, and how to ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
from starlette.routing import Route

from gateway.graphql.socket import nowhere
from gateway.rest.shim import Shim
from probe.tenants import OWN
from probe.tries import Ask
from resolvers.caller import EVENTS_WRITE, METRICS_READ
from tests.house import House

PLACE = re.compile(r"{\w+}")


@dataclass(frozen=True)
class Address:
    """A path that wants a key with a scope, and a way to ask there."""

    scope: str
    ask: Ask


OURS = (
    Address(METRICS_READ, Ask("POST", "/graphql", body={"query": "{ organization { slug } }"})),
    Address(METRICS_READ, Ask("GET", "/graphql", (("query", "{ organization { slug } }"),))),
    Address(METRICS_READ, Ask("POST", "/v1/explain-url", body={"request": "GET /v1/metrics/messages"})),
    Address(EVENTS_WRITE, Ask("POST", "/v1/events", body=[])),
)
# Addresses that take no key, and why.
OPEN = {
    "/": "leads to /graphql",
    "/exports/{file}": "the link is signed",
    "/healthz": "nothing of a tenant",
    "/readyz": "nothing of a tenant",
    "/metrics": "nothing of a tenant",
    "/static": "files of ours",
}
PAGE = re.compile(r"/\w+/(openapi\.json|docs/.*)")  # what describes a vendor


def routes(house: House) -> list[Any]:
    """Every route there is, but for the one that tells WebSockets that there is none."""
    transport: Any = house.client._transport
    return [one for one in transport.app.router.routes if getattr(one, "endpoint", None) is not nowhere]


def shims(house: House) -> list[tuple[str, Shim]]:
    """Every vendor's path and what answers there."""
    return [
        (one.path, one.app) for one in routes(house) if isinstance(one, Route) and isinstance(one.app, Shim)
    ]


def addresses(house: House) -> Iterator[Address]:
    """Every one that wants a key: ours, and each vendor's path under each of its names."""
    yield from OURS
    for path, shim in shims(house):
        if (endpoint := shim._endpoint) is not None:
            ask = Ask(
                endpoint.method, PLACE.sub(OWN.alias, path), body={} if endpoint.method == "POST" else None
            )
            yield Address(METRICS_READ, ask)


async def sent(house: House, ask: Ask, headers: dict[str, str]) -> httpx2.Response:
    """The response to a request."""
    said = {**headers, **ask.headers}
    return await house.client.request(
        ask.method, ask.path, params=ask.params or None, json=ask.body, headers=said
    )
