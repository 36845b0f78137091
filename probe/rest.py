"""Every REST URL with every mixture of ids in every place that takes a text, read from OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson

from gateway.rest import VENDORS
from gateway.rest.openapi import openapi
from gateway.rest.vendor import CsvEndpoint, Endpoint, Vendor
from probe.tenants import OTHER, OWN, UNKNOWN, Tenant, of_kind
from probe.tries import Ask, Try, Value, as_of, twins, values

PLACE, DAYS_AGO = re.compile(r"{(\w+)}"), re.compile(r"{(\d+) days ago}")
ECHOED = 64  # characters of what was asked that errors repeat
ORGANIZATIONS = frozenset({"brand_id", "workspaceId", "tenantId", "organization_id"})  # of a path


def tries() -> Iterator[Try]:
    """Everything."""
    for vendor in VENDORS:
        described = openapi(vendor)["paths"]
        for endpoint in vendor.endpoints:
            operation = described[endpoint.path][endpoint.method.lower()]
            for path in (f"/{vendor.name}{one}" for one in (endpoint.path, *endpoint.aliases)):
                yield from _of_path(vendor, endpoint, path)
            yield from _of_query(vendor, endpoint, operation["parameters"])
            yield from _of_body(vendor, endpoint)


def owned() -> Iterator[tuple[str, Ask]]:
    """Every URL as its own tenant asks it, under each group that it shows to work."""
    for vendor in VENDORS:
        for endpoint in vendor.endpoints:
            ask = plain(vendor, endpoint)
            shows = {"path": PLACE.search(endpoint.path), "query": ask.params, "body": ask.body}
            yield from ((f"REST {group}", ask) for group, is_shown in shows.items() if is_shown)


def plain(vendor: Vendor, endpoint: Endpoint | CsvEndpoint) -> Ask:
    """The URL as its own tenant asks it: the vendor's example with ids of ours."""
    return _asked(vendor, endpoint, f"/{vendor.name}{endpoint.path}", {})


def everything_plain(tenant: Tenant = OWN) -> list[Ask]:
    """Every URL as a tenant asks it of its own things."""
    return [as_of(tenant, plain(vendor, one)) for vendor in VENDORS for one in vendor.endpoints]


def _asked(vendor: Vendor, endpoint: Endpoint | CsvEndpoint, path: str, said: dict[str, str]) -> Ask:
    for name in PLACE.findall(path):
        before = path.partition("{" + name)[0].rstrip("/").rpartition("/")[2]
        is_number = vendor.examples.get(f"{{{name}}}", "").isdecimal()
        own = OWN.alias if name in ORGANIZATIONS else values(name, before)[is_number].own
        path = path.replace(f"{{{name}}}", said.get(name, own))
    example = DAYS_AGO.sub(lambda found: _days_ago(int(found[1])), endpoint.example)
    if endpoint.method == "GET":
        return Ask("GET", path, tuple((name, _own(name, value)) for name, value in parse_qsl(example)))
    return Ask("POST", path, body={name: _own(name, held) for name, held in orjson.loads(example).items()})


def _own(name: str, held: Any) -> Any:
    """The example's value, ids of ours instead of the demo's."""
    if of_kind(name) is None:
        return held
    ids = [value.own for value in values(name)]
    return ids if isinstance(held, list) else ids[str(held).isdecimal()]


def _days_ago(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}"


def _of_path(vendor: Vendor, endpoint: Endpoint | CsvEndpoint, path: str) -> Iterator[Try]:
    for name in PLACE.findall(path):
        before = path.partition("{" + name)[0].rstrip("/").rpartition("/")[2]
        aliases = [
            Value(OWN.alias, OTHER.alias, UNKNOWN.alias),
            Value(OWN.marker, OTHER.marker, UNKNOWN.marker),
        ]
        for value in aliases if name in ORGANIZATIONS else values(name, before):
            pair = (_asked(vendor, endpoint, path, {name: one}) for one in (value.other, value.unknown))
            yield twins("REST path", *pair, ([value.other], [value.unknown]))


def _of_query(
    vendor: Vendor, endpoint: Endpoint | CsvEndpoint, parameters: list[dict[str, Any]]
) -> Iterator[Try]:
    ask = plain(vendor, endpoint)
    for one in parameters:
        schema = one["schema"]
        if one["in"] != "query" or schema.get("type") not in ("string", "array") or "enum" in schema:
            continue
        rest = tuple((name, value) for name, value in ask.params if name != one["name"])
        for value in values(one["name"]):
            for mix in value.mixes:
                pair = (replace(ask, params=(*rest, (one["name"], ",".join(ids)))) for ids in mix)
                yield twins("REST query", *pair, (_repeated(mix[0]), _repeated(mix[1])))


def _repeated(ids: list[str]) -> list[str]:
    """What answers may repeat of a list that they were asked with."""
    text = ",".join(ids)
    return [*ids, text, text[:ECHOED]]


def _of_body(vendor: Vendor, endpoint: Endpoint | CsvEndpoint) -> Iterator[Try]:
    ask = plain(vendor, endpoint)
    for name, held in (ask.body or {}).items():
        if isinstance(held, str | list):
            for value in values(name):
                for mix in value.mixes:
                    told = [ids if isinstance(held, list) else ids[0] for ids in mix]
                    pair = (replace(ask, body={**ask.body, name: one}) for one in told)
                    yield twins("REST body", *pair, mix)
