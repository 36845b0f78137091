"""PenguinMails' rate limits: so many requests a minute, of each workspace and each endpoint."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx2

from gateway.app import create_app
from gateway.rest.penguinmails import PENGUINMAILS
from tests.gateway.rest.penguin import (
    COMPARE,
    DELIVERABILITY,
    HEATMAP,
    OVERVIEW,
    Penguin,
    mailing,
    opened,
)
from tests.house import bearer

CAMPAIGN = "campaigns/cmp_1/analytics"


def standing(answer: httpx2.Response) -> tuple[int, int, int]:
    """Status, limit and what is left."""
    assert answer.headers["x-ratelimit-window"] == "60"
    headers = [int(answer.headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining")]
    return answer.status_code, headers[0], headers[1]


def test_each_endpoint_has_the_limit_of_their_document_or_ours() -> None:
    told = {one.path.rpartition("{workspaceId}/")[2]: one.limit for one in PENGUINMAILS.endpoints}

    limits = {path: limit.per_minute for path, limit in told.items() if limit is not None}
    expected = {
        "campaigns/{campaignId}/analytics": 100,
        OVERVIEW: 60,
        DELIVERABILITY: 30,
        HEATMAP: 30,  # theirs says nothing of this one and the next
        COMPARE: 30,
    }
    assert expected.items() <= limits.items()
    assert len({limit.name for limit in told.values() if limit is not None}) == len(limits)


async def test_every_answer_says_where_one_stands(penguin: Penguin) -> None:
    now = int(penguin.house.now.timestamp())

    first = await penguin.ask(OVERVIEW)
    penguin.house.now += timedelta(seconds=10)
    second = await penguin.ask(OVERVIEW)

    assert [standing(one) for one in (first, second)] == [(200, 60, 59), (200, 60, 58)]
    assert first.headers["x-ratelimit-reset"] == second.headers["x-ratelimit-reset"] == str(now + 60)


async def test_one_too_many_is_refused_until_the_first_is_a_minute_old(penguin: Penguin) -> None:
    for _ in range(30):
        assert (await penguin.ask(DELIVERABILITY)).status_code == 200
    penguin.house.now += timedelta(seconds=20.5)

    refused = await penguin.ask(DELIVERABILITY)

    assert standing(refused) == (429, 30, 0)
    assert refused.headers["retry-after"] == "40"  # 39.5, never too early
    error = refused.json()["error"]
    assert (error["code"], error["details"]) == ("RATE_LIMIT_EXCEEDED", [])
    assert error["message"] == "30 requests a minute are allowed here; try again in 40 s."
    assert refused.headers["cache-control"] == "no-store"
    penguin.house.now += timedelta(seconds=40)
    assert standing(await penguin.ask(DELIVERABILITY)) == (200, 30, 29)  # what was refused did not count


async def test_endpoints_and_workspaces_are_counted_apart_and_names_of_one_together(penguin: Penguin) -> None:
    other = await opened(penguin.house)
    await penguin.take(mailing("cmp_1"), mailing("cmp_2"))

    for _ in range(29):
        await penguin.ask(HEATMAP)
    by_slug = await penguin.get(penguin.url(HEATMAP, penguin.slug))
    tenant = f"/penguinmails/api/v1/tenant/workspaces/{penguin.workspace}/{HEATMAP}"

    assert standing(by_slug) == (200, 30, 0)
    assert standing(await penguin.get(tenant)) == (429, 30, 0)
    another_key = await penguin.house.key(penguin.slug)
    assert standing(await penguin.ask(HEATMAP, another_key)) == (429, 30, 0)
    assert standing(await penguin.ask(DELIVERABILITY)) == (200, 30, 29)
    assert standing(await penguin.ask(CAMPAIGN)) == (200, 100, 99)
    assert standing(await penguin.ask("campaigns/cmp_2/analytics")) == (200, 100, 98)
    assert standing(await penguin.post({"campaign_ids": ["cmp_1", "cmp_2"]})) == (200, 30, 29)
    assert standing(await other.ask(HEATMAP)) == (200, 30, 29)


async def test_refused_requests_count_when_we_know_whose_they_are(penguin: Penguin) -> None:
    assert standing(await penguin.ask(OVERVIEW, timeRange="x")) == (400, 60, 59)
    assert standing(await penguin.ask("campaigns/none/analytics")) == (404, 100, 99)
    assert standing(await penguin.post([])) == (400, 30, 29)
    for answer in (
        await penguin.ask(OVERVIEW, "nobody"),
        await penguin.get(penguin.url(OVERVIEW, "ws_nobody")),
        await penguin.http.post(penguin.url(OVERVIEW)),
    ):
        assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    assert standing(await penguin.ask(OVERVIEW)) == (200, 60, 58)


async def test_other_vendors_and_graphql_are_not_limited(penguin: Penguin) -> None:
    for url in ("/v1/metrics/messages?metric=sent", "/graphql?query={organization{slug}}"):
        answer = await penguin.get(url)
        assert answer.status_code == 200
        assert "x-ratelimit-limit" not in answer.headers


async def test_an_operator_can_turn_the_limits_off(penguin: Penguin) -> None:
    gateway = penguin.house.gateway
    app = create_app(replace(gateway, settings=gateway.settings.model_copy(update={"rate_limits": False})))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://test", headers=bearer(penguin.key)
    ) as http:
        for _ in range(31):
            answer = await http.get(penguin.url(DELIVERABILITY))

    assert answer.status_code == 200
    assert "x-ratelimit-limit" not in answer.headers
