"""What a key needs, address by address and root field by root field."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from gateway.rest import VENDORS
from probe.tenants import OWN
from probe.tries import Ask, whose
from resolvers.caller import SCOPES
from schema.build import build
from tests.gateway.addresses import OPEN, OURS, PAGE, addresses, routes, sent, shims
from tests.house import House, bearer, open_house


@pytest.fixture
async def named(sqlite_store_url: str) -> AsyncIterator[House]:
    """A gateway with an organization that every vendor knows by the same name."""
    async with open_house(sqlite_store_url) as house:
        aliases = {vendor.name: OWN.alias for vendor in VENDORS}
        await house.take({"type": "organization", "id": OWN.marker, "aliases": aliases}, count=False)
        yield house


def test_every_address_wants_a_key_or_says_why_not(named: House) -> None:
    asked = {one.ask.path for one in OURS}
    nothing = {path for path, shim in shims(named) if shim._endpoint is None}
    wanted = {path for path, shim in shims(named) if shim._endpoint is not None}

    others = {one.path for one in routes(named)} - wanted - nothing - asked

    assert {path for path in others if not PAGE.fullmatch(path)} == {*OPEN}
    assert len(wanted) >= 2 * sum(len(vendor.endpoints) for vendor in VENDORS)  # bare, and under its name


def test_every_address_is_in_the_table_of_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    lines = manual.partition("## Who may ask what")[2].partition("\n## ")[0].splitlines()
    scopes = {one.ask.path: f"`{one.scope}`" for one in OURS} | dict.fromkeys(OPEN, "none: ")

    for path, scope in scopes.items():
        [line] = [line for line in lines if line.startswith("|") and f"`{path}`" in line]
        assert scope in line.split(" | ")[1], (path, line)


async def test_a_key_without_the_scope_is_refused_at_every_address(named: House) -> None:
    keys = {scope: await named.key(OWN.marker, {*SCOPES} - {scope}) for scope in SCOPES}
    able = await named.key(OWN.marker, SCOPES)

    async def status(ask: Ask, headers: dict[str, str]) -> int:
        return (await sent(named, ask, headers)).status_code

    for one in addresses(named):
        assert await status(one.ask, {}) == 401, one
        assert await status(one.ask, whose(OWN, keys[one.scope])) == 403, one
        assert await status(one.ask, whose(OWN, able)) not in {401, 403}, one


async def test_a_key_that_may_not_read_is_refused_every_root_field(named: House) -> None:
    schema = build()._schema
    kinds = {
        "query": schema.query_type,
        "mutation": schema.mutation_type,
        "subscription": schema.subscription_type,
    }
    fields = [(word, name) for word, kind in kinds.items() if kind is not None for name in kind.fields]
    scopes = {*SCOPES} - {"metrics:read"}
    unable, able = await named.key(OWN.marker, scopes), await named.key(OWN.marker, SCOPES)

    async def asked(word: str, name: str, key: str) -> httpx2.Response:
        headers = {**bearer(key), "Accept": "application/graphql-response+json, text/event-stream"}
        return await named.client.post("/graphql", json={"query": f"{word} {{ {name} }}"}, headers=headers)

    for word, name in fields:
        refused = await asked(word, name, unable)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
        assert (await asked(word, name, able)).status_code not in {401, 403}, name
    assert {word for word, _ in fields} == {*kinds}
