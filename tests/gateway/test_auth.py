"""Keys and tokens at the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Any

import httpx2
import jwt
import pytest
import sqlalchemy as sa
from starlette.requests import Request
from structlog.testing import capture_logs

from gateway.auth import Sender
from gateway.tokens import Claims
from gateway.unit import run
from models import ApiKey, OrganizationAlias
from models.errors import InvalidInput, MissingScope, NotAMember, NotFound, Unauthenticated
from models.tenants import OURS
from resolvers.caller import EVENTS_WRITE, METRICS_READ
from resolvers.keys import list_keys, random_key, revoke_key, shown, store_key
from tests.guard import Guard
from tests.house import House, bearer, open_house

ASK = {"query": "{ limits { plan scopes } }"}
JWT_SECRET = "a-shared-secret-that-is-long-enough-to-sign-with"
VENDOR = "messagesender"
# what the vendor calls them; the last one only we know
NAMES = {"acme": "ms-1", "other": "ms-2", "rival": "ms-3", "quiet": None}


async def status(house: House, key: str) -> int:
    return (await house.client.post("/graphql", json=ASK, headers=bearer(key))).status_code


async def test_only_a_hash_of_the_key_is_stored(house: House, key: str) -> None:
    async with house.store.reading() as db:
        rows = (await db.execute(sa.select(ApiKey.__table__))).mappings().all()

    assert key not in str(rows)
    assert rows[0]["prefix"] == shown(key)
    assert len(rows[0]["hash"]) == 64


async def test_a_revoked_key_lets_nobody_in(house: House, key: str) -> None:
    await run(house.store, lambda db: revoke_key(db, shown(key), house.now))

    assert await status(house, key) == 401


async def test_a_key_that_is_remembered_is_forgotten_soon_after_it_is_revoked(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await status(house, key) == 200
    await run(house.store, lambda db: revoke_key(db, shown(key), house.now))

    monkeypatch.setattr("gateway.memory.monotonic", lambda: float("inf"))

    assert await status(house, key) == 401


async def test_a_revoked_key_is_dead_on_every_gateway_within_five_seconds(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(store_url) as one, open_house(store_url) as other:
        await one.take({"type": "organization", "id": "acme"}, count=False)
        key = await one.key("acme")
        assert [await status(house, key) for house in (one, other)] == [200, 200]  # both know it by now
        await run(one.store, lambda db: revoke_key(db, shown(key), one.now))

        monkeypatch.setattr("gateway.memory.monotonic", lambda: monotonic() + 5)

        assert [await status(house, key) for house in (one, other)] == [401, 401]


async def test_a_key_that_is_nearly_right_is_refused_with_the_same_work_and_the_same_bytes(
    house: House, key: str
) -> None:
    dead, over = await house.key("acme"), await house.key("acme", expires_at=house.now)
    await house.revoke(dead)
    near = [key[:-1] + ("a" if key[-1] != "a" else "b"), key[:-1], key + "a", key.swapcase(), dead, over]

    refusals = [await refusal(house, one) for one in (*near, random_key(), "x")]

    assert len(refusals[0][0]) == 1  # one look by the hash of the key, whatever it is
    assert all(one == refusals[0] for one in refusals)


async def refusal(house: House, key: str) -> tuple[list[str], int, bytes, dict[str, str]]:
    """The statements that a wrong key leads to, and what it is answered with but for the request's id."""
    asked: list[str] = []

    def note(_: Any, __: Any, text: str, *___: Any) -> None:
        asked.append(text)

    engine = house.gateway.store.reader.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    response = await house.client.post("/graphql", json=ASK, headers=bearer(key) | {"X-Request-Id": "a"})
    sa.event.remove(engine, "before_cursor_execute", note)
    return asked, response.status_code, response.content, dict(response.headers)


async def test_a_key_is_dead_once_it_has_expired(house: House) -> None:
    key = await house.key("acme", expires_at=house.now + timedelta(seconds=1))
    assert await status(house, key) == 200

    house.now += timedelta(seconds=1)
    house.gateway.auth._callers.clear()

    assert await status(house, key) == 401


async def test_a_key_remembers_when_it_was_last_used(house: House, key: str) -> None:
    await status(house, key)
    await house.gateway.auth.note()

    async with house.store.reading() as db:
        (row,) = await list_keys(db)
    assert row["last_used_at"] == house.now


async def test_a_use_that_cannot_be_written_down_does_not_end_the_noting(house: House, key: str) -> None:
    async def renamed(one: str, other: str) -> None:
        await run(house.store, lambda db: db.execute(sa.text(f"ALTER TABLE {one} RENAME TO {other}")))

    await status(house, key)
    await renamed("api_keys", "elsewhere")
    with capture_logs() as told:
        await house.gateway.auth.note()
    await renamed("elsewhere", "api_keys")
    await status(house, key)
    await house.gateway.auth.note()

    assert [one["event"] for one in told] == ["when keys were last used was not written down"]
    async with house.store.reading() as db:
        (row,) = await list_keys(db)
    assert row["last_used_at"] == house.now


async def test_a_key_needs_scopes_that_exist(house: House) -> None:
    organization = await house.organization("acme")

    with pytest.raises(InvalidInput, match="metrics:read"):
        await run(
            house.store,
            lambda db: store_key(db, "s" * 32, organization, random_key(), ("everything",), "", house.now),
        )


async def test_revoking_a_key_that_is_not_there_says_so(house: House) -> None:
    with pytest.raises(NotFound, match="hg_live_x"):
        await run(house.store, lambda db: revoke_key(db, "hg_live_x", house.now))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "bearer x y", "Bearer " + "x" * 5000, "Bearer \xff"]
)
async def test_a_malformed_header_is_401_like_any_other(house: House, header: str) -> None:
    response = await house.client.post(
        "/graphql", json=ASK, headers=[(b"authorization", header.encode("latin-1"))]
    )

    assert response.status_code == 401


# Tokens: `acme` and `other` are the sender's, `rival` and `quiet` are somebody else's.


@pytest.fixture
async def open_to_tokens(store_url: str) -> AsyncIterator[House]:
    """A gateway that takes tokens, with several organizations."""
    async with open_house(store_url, jwt_secret=JWT_SECRET) as opened:
        for slug, name in NAMES.items():
            aliases = {VENDOR: name} if name else {}
            record = {"type": "organization", "id": slug, "timezone": "UTC", "aliases": aliases}
            await opened.take(record, count=False)
        yield opened


def token(house: House, *organizations: str, subject: str = "user-1", minutes: int = 60) -> str:
    ends = house.now + timedelta(minutes=minutes)
    payload = {"sub": subject, "exp": ends, "app_metadata": {"organizations": list(organizations)}}
    return jwt.encode(payload, JWT_SECRET)


async def post(house: House, credential: str, organization: str | None = None) -> httpx2.Response:
    named = {} if organization is None else {"X-Organization-Id": organization}
    return await house.client.post("/graphql", json=ASK, headers={**bearer(credential), **named})


def request(credential: str) -> Request:
    headers = [(b"authorization", f"Bearer {credential}".encode())]
    return Request({"type": "http", "headers": headers, "state": {}})


async def sent(house: House, credential: str) -> tuple[Request, Sender]:
    asked = request(credential)
    return asked, await house.gateway.auth.sender(asked)


def code(response: httpx2.Response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


async def test_a_token_reads_the_organization_that_the_header_names(open_to_tokens: House) -> None:
    house = open_to_tokens

    response = await post(house, token(house, "ms-1", "ms-2"), "ms-2")

    assert response.status_code == 200
    assert response.json()["data"]["limits"]["scopes"] == ["metrics:read"]


async def test_a_token_of_one_organization_needs_no_header(open_to_tokens: House) -> None:
    house = open_to_tokens

    assert (await post(house, token(house, "ms-1"))).status_code == 200
    assert (await post(house, token(house, "ms-1"), "")).status_code == 200


async def test_a_token_of_several_organizations_must_say_which_one_it_means(open_to_tokens: House) -> None:
    house = open_to_tokens

    response = await house.client.post(
        "/graphql",
        json=ASK,
        headers={**bearer(token(house, "ms-1", "ms-2")), "Accept": "application/graphql-response+json"},
    )

    assert (response.status_code, code(response)) == (400, "INVALID_INPUT")
    assert "X-Organization-Id" in response.json()["errors"][0]["message"]


async def test_a_token_of_no_organization_reads_nothing(open_to_tokens: House) -> None:
    house = open_to_tokens

    for named in (None, "ms-1", "acme"):
        response = await post(house, token(house), named)
        assert (response.status_code, code(response)) == (403, "FORBIDDEN")


FOREIGN = ("ms-3", "ms-4", "quiet", "acme", "MS-1", "ms-1,ms-3", "\x7f", "%", "é")


async def test_a_foreign_organization_is_refused_in_the_same_words_whether_it_exists_or_not(
    open_to_tokens: House,
) -> None:
    house = open_to_tokens
    headers = [(b"authorization", f"Bearer {token(house, 'ms-1', 'ms-4')}".encode())]

    for named in FOREIGN:
        response = await house.client.post(
            "/graphql", json=ASK, headers=[*headers, (b"x-organization-id", named.encode())]
        )

        (error,) = response.json()["errors"]
        del error["extensions"]["requestId"]
        assert response.status_code == 403, named
        assert error == {
            "message": "That organization is not one of yours.",
            "extensions": {"code": "FORBIDDEN"},
        }, named


async def test_a_token_that_has_ended_or_is_signed_by_another_is_401(open_to_tokens: House) -> None:
    house = open_to_tokens
    foreign = jwt.encode({"sub": "a", "exp": house.now + timedelta(hours=1)}, "another" + JWT_SECRET)

    for bad in (token(house, "ms-1", minutes=-10), foreign, token(house, "ms-1")[:-3], "a.b.c"):
        response = await post(house, bad)
        assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_ends_with_its_time_even_when_its_organization_is_remembered(
    open_to_tokens: House,
) -> None:
    house = open_to_tokens
    given = token(house, "ms-1", minutes=1)
    assert (await post(house, given)).status_code == 200

    house.now += timedelta(minutes=2)

    assert (await post(house, given)).status_code == 401


async def test_a_gateway_that_was_told_of_no_issuer_takes_no_token(house: House) -> None:
    assert (await post(house, token(house, "acme"))).status_code == 401


async def test_a_token_writes_no_events(open_to_tokens: House) -> None:
    house = open_to_tokens

    response = await house.client.post("/v1/events", json=[], headers=bearer(token(house, "ms-1")))

    assert (response.status_code, response.json()["code"]) == (403, "FORBIDDEN")


async def test_the_names_in_a_token_may_be_our_own_slugs(store_url: str) -> None:
    async with open_house(store_url, jwt_secret=JWT_SECRET, jwt_realm=OURS) as house:
        await house.take({"type": "organization", "id": "acme", "timezone": "UTC"}, count=False)

        assert (await post(house, token(house, "acme"))).status_code == 200
        assert (await post(house, token(house, "acme"), "other")).status_code == 403


async def test_a_key_needs_no_header_and_is_not_led_astray_by_one(open_to_tokens: House) -> None:
    key = await open_to_tokens.key("acme")

    assert (await post(open_to_tokens, key, "ms-3")).status_code == 200


async def test_a_browser_may_send_the_header(store_url: str) -> None:
    async with open_house(store_url, cors_origins=("https://a.example",)) as house:
        response = await house.client.options(
            "/graphql",
            headers={
                "Origin": "https://a.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,x-organization-id",
            },
        )

    assert response.status_code == 200


# Speaking for an organization that the request names in some vendor's words.


async def test_a_key_speaks_within_its_own_organization_by_any_of_its_names(open_to_tokens: House) -> None:
    house = open_to_tokens
    asked, sender = await sent(house, await house.key("acme"))
    assert asked.state.organization == "acme"

    for realm, name in ((VENDOR, "ms-1"), (OURS, "acme")):
        caller = await house.gateway.auth.within(sender, realm, name, METRICS_READ, asked)
        assert caller is sender


@pytest.mark.parametrize(
    ("realm", "name"),
    [
        (VENDOR, "ms-2"),
        (OURS, "other"),
        (VENDOR, "nobody"),
        ("else", "ms-1"),
        (VENDOR, "a\0"),
        (VENDOR, "\ud800"),
    ],
)
async def test_nobody_speaks_within_a_foreign_organization(
    open_to_tokens: House, realm: str, name: str
) -> None:
    house = open_to_tokens
    auth = house.gateway.auth

    for credential in (await house.key("acme"), token(house, "ms-1", "ms-4", "nobody", "acme")):
        asked, sender = await sent(house, credential)
        with pytest.raises(NotAMember, match="not one of yours"):
            await auth.within(sender, realm, name, METRICS_READ, asked)


async def test_a_token_speaks_within_each_of_its_organizations(open_to_tokens: House) -> None:
    house = open_to_tokens
    asked, sender = await sent(house, token(house, "ms-1", "ms-2", subject="u" * 100))
    assert sender == Claims("u" * 100, ("ms-1", "ms-2"))
    assert not hasattr(asked.state, "organization")

    for realm, name, slug in ((VENDOR, "ms-1", "acme"), (OURS, "other", "other"), (VENDOR, "ms-2", "other")):
        caller = await house.gateway.auth.within(sender, realm, name, METRICS_READ, asked)
        assert (caller.organization.slug, asked.state.organization) == (slug, slug)
        assert caller.scopes == {METRICS_READ}
        assert caller.key_prefix == "jwt:" + "u" * 40


async def test_an_organization_that_two_names_of_a_token_mean_is_found_once(open_to_tokens: House) -> None:
    house = open_to_tokens
    acme = await house.organization("acme")
    row = {"realm": VENDOR, "external_id": "ms-1-old", "organization_id": acme.id}
    await run(house.store, lambda db: db.execute(sa.insert(OrganizationAlias).values(row)))
    asked, sender = await sent(house, token(house, "ms-1", "ms-1-old"))

    caller = await house.gateway.auth.within(sender, OURS, "acme", METRICS_READ, asked)

    assert caller.organization.slug == "acme"


async def test_within_its_organization_a_sender_still_needs_the_scope(open_to_tokens: House) -> None:
    house = open_to_tokens

    for credential in (await house.key("acme", [METRICS_READ]), token(house, "ms-1")):
        asked, sender = await sent(house, credential)
        with pytest.raises(MissingScope):
            await house.gateway.auth.within(sender, VENDOR, "ms-1", EVENTS_WRITE, asked)
        assert asked.state.organization == "acme"


async def test_a_revoked_key_speaks_for_nobody(open_to_tokens: House) -> None:
    house = open_to_tokens
    key = await house.key("acme")
    await run(house.store, lambda db: revoke_key(db, shown(key), house.now))

    with pytest.raises(Unauthenticated):
        await sent(house, key)


async def test_an_organization_is_looked_up_once_in_three_seconds_and_a_stranger_each_time(
    open_to_tokens: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_to_tokens
    asked, sender = await sent(house, token(house, "ms-1"))

    async def statements(name: str) -> int:
        with Guard().over(house.gateway.store) as guard, suppress(NotAMember):
            await house.gateway.auth.within(sender, VENDOR, name, METRICS_READ, asked)
        return guard.seen

    assert [await statements("ms-1") for _ in range(3)] == [1, 0, 0]
    assert [await statements("ms-2") for _ in range(2)] == [1, 1]
    monkeypatch.setattr("gateway.memory.monotonic", lambda: float("inf"))
    assert await statements("ms-1") == 1


async def test_the_use_of_a_token_is_noted_on_no_key(open_to_tokens: House) -> None:
    house = open_to_tokens
    key = await house.key("acme")
    assert (await post(house, token(house, "ms-1"))).status_code == 200

    assert house.gateway.auth._used == {}
    await house.gateway.auth.note()

    async with house.store.reading() as db:
        (row,) = await list_keys(db)
    assert (row["prefix"], row["last_used_at"]) == (shown(key), None)


async def test_an_issuer_that_is_away_is_503_and_keys_still_serve(store_url: str) -> None:
    async with open_house(store_url, jwt_jwks_url="http://127.0.0.1:1/jwks.json") as house:
        await house.take({"type": "organization", "id": "acme", "timezone": "UTC"}, count=False)
        unsigned = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AAAA"  # {"alg": "RS256", "kid": "a"}

        response = await post(house, unsigned)

        assert (response.status_code, code(response)) == (503, "UNAVAILABLE")
        assert (await post(house, await house.key("acme"))).status_code == 200
