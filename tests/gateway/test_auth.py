"""Keys at the gate."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.unit import run
from models import ApiKey
from models.errors import InvalidInput, NotFound
from resolvers.keys import list_keys, random_key, revoke_key, shown, store_key
from tests.house import House, bearer

ASK = {"query": "{ limits { plan scopes } }"}


async def status(house: House, key: str) -> int:
    return (await house.client.post("/graphql", json=ASK, headers=bearer(key))).status_code


async def test_only_a_hash_of_the_key_is_stored(house: House, key: str) -> None:
    async with house.gateway.store.reading() as db:
        rows = (await db.execute(sa.select(ApiKey.__table__))).mappings().all()

    assert key not in str(rows)
    assert rows[0]["prefix"] == shown(key)
    assert len(rows[0]["hash"]) == 64


async def test_a_revoked_key_lets_nobody_in(house: House, key: str) -> None:
    await run(house.gateway.store, lambda db: revoke_key(db, shown(key), house.now))

    assert await status(house, key) == 401


async def test_a_key_that_is_remembered_is_forgotten_soon_after_it_is_revoked(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await status(house, key) == 200
    await run(house.gateway.store, lambda db: revoke_key(db, shown(key), house.now))

    monkeypatch.setattr("gateway.auth.monotonic", lambda: float("inf"))

    assert await status(house, key) == 401


async def test_a_key_is_dead_once_it_has_expired(house: House) -> None:
    key = await house.key("acme", expires_at=house.now + timedelta(seconds=1))
    assert await status(house, key) == 200

    house.now += timedelta(seconds=1)
    house.gateway.auth._known.clear()

    assert await status(house, key) == 401


async def test_a_key_remembers_when_it_was_last_used(house: House, key: str) -> None:
    await status(house, key)
    await house.gateway.auth.note()

    async with house.gateway.store.reading() as db:
        (row,) = await list_keys(db)
    assert row["last_used_at"] == house.now


async def test_a_key_needs_scopes_that_exist(house: House) -> None:
    organization = await house.organization("acme")

    with pytest.raises(InvalidInput, match="metrics:read"):
        await run(
            house.gateway.store,
            lambda db: store_key(db, "s" * 32, organization, random_key(), ("everything",), "", house.now),
        )


async def test_revoking_a_key_that_is_not_there_says_so(house: House) -> None:
    with pytest.raises(NotFound, match="hg_live_x"):
        await run(house.gateway.store, lambda db: revoke_key(db, "hg_live_x", house.now))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "bearer x y", "Bearer " + "x" * 5000, "Bearer \xff"]
)
async def test_a_malformed_header_is_401_like_any_other(house: House, header: str) -> None:
    response = await house.client.post(
        "/graphql", json=ASK, headers=[(b"authorization", header.encode("latin-1"))]
    )

    assert response.status_code == 401
