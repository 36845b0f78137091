"""Who may hold an answer, and for whom: no cache may give one organization what another was told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import jwt
import pytest

from gateway.rest import VENDORS
from probe.rest import everything_plain
from probe.tenants import OTHER, OWN
from probe.tries import Ask, whose
from resolvers.caller import SCOPES
from tests.gateway.addresses import OURS, sent
from tests.house import House, bearer, open_house

JWT_SECRET = "a-shared-secret-that-is-long-enough-to-sign-with"


@pytest.fixture
async def two(sqlite_store_url: str) -> AsyncIterator[House]:
    """Two organizations that have nothing at all, so that their answers are the same."""
    async with open_house(sqlite_store_url, datetime.now(UTC), jwt_secret=JWT_SECRET) as house:
        for tenant in (OWN, OTHER):
            aliases = {vendor.name: tenant.alias for vendor in VENDORS}
            named = {"type": "organization", "id": tenant.marker, "plan": "unlimited", "aliases": aliases}
            await house.take({**named, "timezone": "UTC"}, count=False)
        yield house


async def test_what_is_told_of_an_organization_is_for_it_alone_to_hold(two: House) -> None:
    headers = whose(OWN, await two.key(OWN.marker, SCOPES))
    told = 0

    for ask in (*(one.ask for one in OURS), *everything_plain()):
        response = await sent(two, ask, headers)
        held = response.headers["cache-control"]
        if response.status_code >= 400:  # there is no such campaign
            assert held == "no-store", (ask, response.text)
            continue
        told += 1
        assert held.startswith("private"), (ask, held)
        assert "authorization" in listed(response), ask
    assert told > 30


async def test_a_tag_is_good_for_one_organization_and_one_address(two: House) -> None:
    """Not even for the same bytes, which both are told, for both have nothing."""
    own, other = [whose(one, await two.key(one.marker, SCOPES)) for one in (OWN, OTHER)]
    shown, same = await tagged(two, own), 0

    for ask, ours in shown.values():
        theirs = await sent(two, replace(ask, path=ask.path.replace(OWN.alias, OTHER.alias)), other)
        same += ours.content == theirs.content
        held, not_ours = ({"If-None-Match": one.headers["etag"]} for one in (ours, theirs))
        elsewhere = replace(ask, params=(*ask.params, ("unknown", "1")))

        assert (await sent(two, ask, own | held)).status_code == 304, ask
        assert (await sent(two, ask, own | not_ours)).status_code == 200, ask
        assert (await sent(two, elsewhere, own | held)).status_code == 200, ask
    assert shown.keys() == {"graphql", *(vendor.name for vendor in VENDORS)}
    assert same >= 4


async def test_whatever_header_says_for_whom_an_answer_is_stands_in_vary(two: House) -> None:
    named = [name for one in (OWN, OTHER) for name in (one.marker, one.alias)]
    claims = {"sub": "a", "exp": two.now + timedelta(hours=1), "app_metadata": {"organizations": named}}
    of_both = bearer(jwt.encode(claims, JWT_SECRET)) | {"x-organization-id": OWN.alias}
    others = {"x-organization-id": OTHER.alias, "x-api-key": await two.key(OTHER.marker)}
    shown, turned = await tagged(two, of_both), set()

    for name, (ask, first) in shown.items():
        for header, other in others.items():
            second = await sent(two, ask, of_both | {header: other})
            if second.headers.get("etag") != first.headers["etag"]:
                turned.add((name, header))
                assert header in listed(first), (ask, header)

    # the paths of the two other vendors name the organization
    assert turned == {
        ("graphql", "x-organization-id"),
        ("agentmessage", "x-organization-id"),
        ("messagesender", "x-organization-id"),
        ("whatomate", "x-organization-id"),
        ("whatomate", "x-api-key"),
    }


async def tagged(house: House, headers: dict[str, str]) -> dict[str, tuple[Ask, httpx2.Response]]:
    """An answer with a tag from `/graphql` and from each vendor, with what was asked."""
    found: dict[str, tuple[Ask, httpx2.Response]] = {}
    for ask in (OURS[1].ask, *everything_plain()):
        if (name := ask.path.split("/")[1]) not in found and ask.method == "GET":
            response = await sent(house, ask, headers)
            if "etag" in response.headers:
                found[name] = ask, response
    return found


def listed(response: httpx2.Response) -> set[str]:
    """The headers that Vary names."""
    return {name.strip().lower() for name in response.headers["vary"].split(",")}
