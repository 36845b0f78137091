"""Every URL of a vendor as a request that shows something: what the gallery of GraphiQL lists."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.rest import VENDORS
from gateway.rest.explain import PLACES, where
from gateway.rest.vendor import CsvEndpoint, Endpoint, Vendor
from gateway.web.gallery import Shelf, Url


def shelves(headers: Mapping[str, Mapping[str, str]] | None = None) -> tuple[Shelf, ...]:
    """All vendors; `headers` are what to ask with, by vendor, where the page's own will not do."""
    return tuple(
        Shelf(
            vendor.name,
            vendor.title,
            tuple(example(vendor, endpoint) for endpoint in vendor.endpoints),
            (headers or {}).get(vendor.name, {}),
        )
        for vendor in VENDORS
    )


def example(vendor: Vendor, endpoint: Endpoint | CsvEndpoint) -> Url:
    """An endpoint's URL with example values, under `/<vendor>` only where the bare one is another's."""
    path = next(one.path for one in PLACES if one.endpoint is endpoint and where(one.path)[0] is one)
    for place, value in vendor.examples.items():
        path = path.replace(place, value)
    is_query = endpoint.method == "GET"
    query = f"?{endpoint.example}" if is_query and endpoint.example else ""
    return Url(endpoint.method, path + query, "" if is_query else endpoint.example, endpoint.summary)
