"""Who may ask Whatomate's URLs, how often, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx2
import jwt
import pytest

from gateway.app import create_app
from gateway.rest.whatomate.answers import Failure
from resolvers.caller import EVENTS_WRITE
from tests.gateway.rest.sender import JWT_SECRET
from tests.gateway.rest.whato import (
    ADA,
    AGENTS,
    CHATBOT,
    COMPARISON,
    DASHBOARD,
    MESSAGES,
    URLS,
    Whato,
    arrived,
)
from tests.house import bearer
from tests.worlds import reads_fail

ISO = "must be an ISO 8601 date, such as 2026-05-05 or 2026-05-05T08:00:00Z"


def told(answer: httpx2.Response) -> tuple[int, str]:
    """Status and sentence of a refusal."""
    body = answer.json()
    Failure.model_validate(body)
    assert list(body) == ["status", "message", "data"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, body["message"]


async def test_a_key_may_come_in_either_header_and_x_api_key_goes_first(whato: Whato) -> None:
    for headers in (
        {"X-API-Key": whato.key},
        bearer(whato.key),
        {"X-API-Key": whato.key, "Authorization": "Basic x"},
        {"X-API-Key": whato.key, "X-Organization-ID": whato.uuid.upper()},
    ):
        for url in URLS:
            answers = [await whato.http.get(path, headers=headers) for path in (url, f"/whatomate{url}")]
            assert [one.status_code for one in answers] == [200, 200], answers[0].text


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "Missing authorization header"),
        ({"X-API-Key": ""}, "Missing authorization header"),
        ({"Authorization": "Bearer "}, "Invalid authorization header format"),
        ({"Authorization": "Basic abc"}, "Invalid authorization header format"),
        ({"Authorization": "whm_0123"}, "Invalid authorization header format"),
        ({"Authorization": "Bearer whm_0123"}, "Invalid API key"),
        ({"X-API-Key": "whm_0123"}, "Invalid API key"),
        ({"X-API-Key": "a.b.c"}, "Invalid API key"),
        ({"Authorization": "Bearer a.b.c"}, "Invalid or expired token"),
    ],
)
async def test_without_a_good_credential_nobody_is_let_in(
    whato: Whato, headers: Mapping[str, str], sentence: str
) -> None:
    for url in URLS:
        answer = await whato.http.get(url, headers=dict(headers))
        assert told(answer) == (401, sentence)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_bad_x_api_key_is_not_made_good_by_a_bearer(whato: Whato) -> None:
    headers = {"X-API-Key": "whm_0123", **bearer(whato.key)}

    assert told(await whato.http.get(DASHBOARD, headers=headers)) == (401, "Invalid API key")


async def test_another_organization_is_denied(whato: Whato) -> None:
    other = await arrived(whato.house)

    for named in (other.uuid, other.slug, "nowhere", "\x01"):
        headers = {"X-API-Key": whato.key, "X-Organization-ID": named}
        assert told(await whato.http.get(DASHBOARD, headers=headers)) == (403, "Access denied")
    writer = await whato.house.key(whato.slug, (EVENTS_WRITE,))
    assert told(await whato.get(DASHBOARD, writer)) == (403, "Permission denied")


async def test_a_token_of_several_organizations_names_one(whato: Whato) -> None:
    await whato.take({"type": "organization", "id": whato.slug, "aliases": {"messagesender": whato.uuid}})
    claims: dict[str, Any] = {
        "sub": "u1",
        "exp": whato.house.now + timedelta(hours=1),
        "app_metadata": {"organizations": [whato.uuid, "5b0c6f1e-8f5e-4f0b-9a57-00000000ffff"]},
    }
    token = jwt.encode(claims, JWT_SECRET, "HS256")

    assert told(await whato.http.get(DASHBOARD, headers=bearer(token)))[0] == 400
    named = {**bearer(token), "X-Organization-ID": whato.uuid}
    assert (await whato.http.get(DASHBOARD, headers=named)).status_code == 200
    stale = jwt.encode({**claims, "exp": whato.house.now - timedelta(hours=1)}, JWT_SECRET, "HS256")
    assert told(await whato.http.get(DASHBOARD, headers=bearer(stale))) == (401, "Invalid or expired token")


async def test_a_stranger_is_not_found(whato: Whato) -> None:
    other = await arrived(whato.house)
    await other.take({"type": "user", "id": "eve", "name": "Eve", "created_at": "2026-01-01T00:00:00Z"})

    for url in (DASHBOARD, MESSAGES, CHATBOT):
        assert told(await whato.get(url, account_id="nobody")) == (404, "Account not found")
    for agent in ("nobody", "eve"):
        assert told(await whato.get(f"{AGENTS}/{agent}")) == (404, "Agent not found")
    assert told(await whato.get(f"{ADA}/more"))[0] == 404
    assert told(await whato.get("/whatomate/api/widgets"))[0] == 404


@pytest.mark.parametrize("url", [DASHBOARD, AGENTS, COMPARISON])
async def test_days_are_refused_in_their_words(whato: Whato, url: str) -> None:
    start, end = "Invalid start date format. Use YYYY-MM-DD", "Invalid end date format. Use YYYY-MM-DD"

    for first, last, sentence in (
        ("soon", "2026-05-05", start),
        ("2026-05-05T00:00:00Z", "2026-05-05", start),
        ("2026-02-30", "2026-05-05", start),
        ("2026-05-05", "05/05/2026", end),
        ("2026-05-05", "2026-05-04", "End date must be after start date"),
    ):
        assert told(await whato.get(url, from_=first, to=last)) == (400, sentence)


async def test_other_parameters_are_refused_by_name(whato: Whato) -> None:
    for url, params, sentence in (
        (DASHBOARD, {"period": "decade"}, "period must be 'today', 'week', 'month' or 'year'"),
        (MESSAGES, {"start_date": "soon"}, f"start_date {ISO}"),
        (MESSAGES, {"end_date": "2026-13-01"}, f"end_date {ISO}"),
        (MESSAGES, {"granularity": "minute"}, "granularity must be 'hour', 'day', 'week' or 'month'"),
        (CHATBOT, {"account_id": ""}, "account_id must have at least 1 character"),
        (AGENTS, {"group_by": "month"}, "group_by must be 'day' or 'week'"),
    ):
        assert told(await whato.get(url, **params)) == (400, sentence)
    for dates in (
        {"start_date": "2026-05-05", "end_date": "2026-05-04"},
        {"start_date": "2026-05-05T00:00:00Z", "end_date": "2026-05-05T00:00:00Z"},
        {"start_date": "2026-05-07"},
    ):
        assert told(await whato.get(CHATBOT, **dates)) == (400, "End date must be after start date")
    twice = await whato.http.get(f"{MESSAGES}?granularity=day&granularity=day", headers=bearer(whato.key))
    assert told(twice) == (400, "granularity must be given once")


async def test_too_many_points_are_refused(whato: Whato) -> None:
    status, sentence = told(
        await whato.get(MESSAGES, start_date="2020-01-01", end_date="2026-05-05", granularity="hour")
    )

    assert status == 400
    assert "10000" in sentence


async def test_only_get_and_head_are_taken(whato: Whato) -> None:
    headers = {"X-API-Key": whato.key}

    for url in URLS:
        refused = await whato.http.post(url, headers=headers)
        assert told(refused)[0] == 405
        assert refused.headers["allow"] == "GET, HEAD"
        head = await whato.http.head(url, headers=headers)
        assert (head.status_code, head.content) == (200, b"")


async def test_all_urls_share_a_hundred_requests_a_minute(whato: Whato) -> None:
    now = int(whato.house.now.timestamp())

    for number in range(100):
        answer = await whato.get(URLS[number % 2], start_date="soon")  # wrong ones are not free
        standing = [answer.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset")]
        assert standing == ["100", str(99 - number), str(now + 60)]
    refused = await whato.get(CHATBOT)

    assert told(refused)[0] == 429
    assert refused.headers["retry-after"] == "60"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    whato.house.now += timedelta(seconds=61)
    assert (await whato.get(CHATBOT)).status_code == 200


async def test_when_the_store_is_away_it_says_so(whato: Whato, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = whato.house.gateway
    app = create_app(gateway)
    reads_fail(monkeypatch, ConnectionRefusedError())
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        answer = await http.get(DASHBOARD, headers={"X-API-Key": "whm_unseen"})

    assert told(answer)[0] == 503
    assert answer.headers["retry-after"] == "1"
