from __future__ import annotations

import asyncio

from gateway.crowd import TOO_MANY
from tests.house import ACME, bearer, open_house

ASK = {"query": "{ organization { slug } }"}


async def test_one_too_many_is_told_at_once_and_the_others_are_answered(store_url: str) -> None:
    async with open_house(store_url, requests_at_once=2) as house:
        await house.take(ACME, count=False)
        key = bearer(await house.key("acme"))

        answers = await asyncio.gather(
            *(house.client.post("/graphql", json=ASK, headers=key) for _ in range(5))
        )
        later = await house.client.post("/graphql", json=ASK, headers=key)

    found = sorted(answer.status_code for answer in answers)
    assert found.count(503) == 3  # two at a time
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.json()["errors"][0]["message"] == TOO_MANY
    assert refused.headers["retry-after"] == "1"
    assert later.status_code == 200


async def test_a_vendor_s_client_is_told_in_its_own_words(sqlite_store_url: str) -> None:
    async with open_house(sqlite_store_url, requests_at_once=1) as house:
        await house.take(ACME, count=False)
        key = bearer(await house.key("acme"))
        url = "/v1/metrics/messages?metric=sent"

        answers = await asyncio.gather(*(house.client.get(url, headers=key) for _ in range(3)))

    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 2
    assert all(answer.json()["success"] is False for answer in refused)
    assert all(answer.headers["retry-after"] == "1" for answer in refused)


async def test_how_the_gateway_is_can_be_asked_in_any_crowd(sqlite_store_url: str) -> None:
    async with open_house(sqlite_store_url, requests_at_once=1) as house:
        house.gateway.metrics.crowd.size = 99

        assert (await house.client.get("/healthz")).status_code == 200
        assert (await house.client.get("/readyz")).status_code == 200
        assert "heliograph_requests_under_way 100.0" in (await house.client.get("/metrics")).text
