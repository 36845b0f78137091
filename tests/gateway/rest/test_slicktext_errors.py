"""What SlickText's clients are told when something is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.limits.memory import MemoryLimiter
from gateway.rest.slicktext import LIMIT
from gateway.unit import Connection, run
from resolvers.caller import EVENTS_WRITE
from resolvers.requests import counted, note
from tests.gateway.rest.slick import CONTACTS, EVENTS, MESSAGES, READING, TAGS, USERS, Slick, founded
from tests.house import bearer
from tests.worlds import TESTS


def problem(answer: Any, status: int) -> str:
    """The sentence of a problem."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert list(body) == ["status", "title", "detail"]
    assert body["status"] == status
    return body["detail"]


@pytest.mark.parametrize(
    ("tail", "asked", "said"),
    [
        (MESSAGES, {"start": "yesterday"}, "start must be a date and time such as 2024-11-17 08:30:00"),
        (MESSAGES, {"start": "2024-13-01 00:00:00"}, "start must be a date and time"),
        (MESSAGES, {"end": "2024-11-31"}, "end must be a date and time"),
        (MESSAGES, {"start": "0001-01-01"}, "start must be a date and time"),
        (MESSAGES, {"start": "2024-11-02", "end": "2024-11-01"}, "start must not be later than end."),
        (MESSAGES, {"group": "colour"}, "group must be source or status or direction or weekday"),
        (MESSAGES, {"group": "source,status,direction"}, "group must be"),
        (MESSAGES, {"group": "source,source"}, "group must be"),
        (CONTACTS, {"group": "contact_source"}, "group must be source or opt_in_status"),
        ("campaigns/123", {"group": "contact_source"}, "group must be source"),
        (MESSAGES, {"frequency": "week"}, "frequency must be 'hour', 'day', 'month' or 'year'"),
        (MESSAGES, {"compare": "yoy"}, "compare must be 'YoY', 'QoQ', 'MoM', 'WoW', 'DoD' or 'PoP'"),
        (MESSAGES, {"timezone": "Mars/Olympus"}, "Mars/Olympus"),
        (MESSAGES, {"created": "soon"}, "created must be a date and time"),
        (MESSAGES, {"is_gsm": "yes"}, "is_gsm must be 0 or 1"),
        (CONTACTS, {f"custom_fields[{i}]": "x" for i in range(21)}, "at most 20 custom fields"),
        (EVENTS, {"type": "Nothing"}, "type must be '', 'Creation' or 'Deletion'"),
        (TAGS, {"limit": "0"}, "limit must be at least 1"),
        (TAGS, {"limit": "10001"}, "limit must be at most 10000"),
        (TAGS, {"offset": "-1"}, "offset must be a whole number in plain digits"),
        (TAGS, {"page": "x"}, "page must be a whole number in plain digits"),
        (TAGS, {"pageSize": "0"}, "pageSize must be at least 1"),
        (USERS, {"compare": "PoP", "start": "x"}, "start must be"),
        (MESSAGES, {"start": "2023-01-01", "end": "2024-12-01", "frequency": "hour"}, "at most 10000"),
    ],
)
async def test_what_cannot_be_meant_is_a_400(
    slick: Slick, tail: str, asked: dict[str, str], said: str
) -> None:
    detail = problem(await slick.ask(tail, **asked), 400)

    assert said in detail


async def test_a_parameter_that_comes_twice_is_refused(slick: Slick) -> None:
    answer = await slick.http.get(
        f"{slick.url(MESSAGES)}?start=2024-11-01&start=2024-11-02", headers=bearer(slick.key)
    )

    assert problem(answer, 400) == "start must be given once"


@pytest.mark.parametrize("tail", READING)
async def test_who_has_no_key_is_nobody(slick: Slick, tail: str) -> None:
    answer = await slick.http.get(slick.url(tail))

    assert "key" in problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "x-ratelimit" not in answer.headers


@pytest.mark.parametrize("tail", READING)
async def test_another_brand_does_not_exist(slick: Slick, tail: str) -> None:
    other = await founded(slick.house)

    details = {
        problem(await slick.http.get(slick.url(tail, brand), headers=bearer(slick.key)), 404)
        for brand in (other.brand, "999999999", "nobody", "b", "%00", "²")
    }

    assert details == {"There is no such brand."}


@pytest.mark.parametrize("tail", ["campaigns/none", "workflows/none", "workflows/%F0%9F%90%A7"])
async def test_a_stranger_is_not_found(slick: Slick, tail: str) -> None:
    assert "There is no such" in problem(await slick.ask(tail), 404)


@pytest.mark.parametrize("tail", READING)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_posted(slick: Slick, tail: str, method: str) -> None:
    answer = await slick.http.request(method, slick.url(tail), headers=bearer(slick.key))

    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"


async def test_a_key_that_may_only_write_may_not_read(slick: Slick) -> None:
    key = await slick.house.key(slick.slug, (EVENTS_WRITE,))

    assert "metrics:read" in problem(await slick.ask(MESSAGES, key), 403)


@pytest.mark.parametrize("path", ["/v1/brands", "/v1/brands/1/analytics/nothing", "/slicktext/v1/brands/1"])
async def test_what_is_not_there_is_told_in_the_vendors_words(slick: Slick, path: str) -> None:
    problem(await slick.http.get(path, headers=bearer(slick.key)), 404)


async def test_every_answer_says_how_many_requests_are_left_and_the_481st_is_refused(slick: Slick) -> None:
    first = await slick.ask(CONTACTS)
    slick.house.now += timedelta(seconds=20)
    second = await slick.ask("campaigns/none")

    assert LIMIT.per_minute == 480
    assert (first.headers["x-ratelimit"], first.headers["x-ratelimit-remaining"]) == ("480", "479")
    assert first.headers["x-ratelimit-reset"] == "60"
    assert (second.headers["x-ratelimit-remaining"], second.headers["x-ratelimit-reset"]) == ("478", "40")

    await asked_often(slick, LIMIT.per_minute - 3)
    last = await slick.http.head(slick.url(USERS), headers=bearer(slick.key))
    assert last.headers["x-ratelimit-remaining"] == "0"
    refused = await slick.ask(CONTACTS)
    assert "480 requests a minute" in problem(refused, 429)
    assert (refused.headers["retry-after"], refused.headers["x-ratelimit-reset"]) == ("40", "40")


async def asked_often(slick: Slick, more: int) -> None:
    """So many more requests, all at once: counted in memory, or as the store remembers them."""
    gateway, organization = slick.house.gateway, await slick.house.organization(slick.slug)
    if isinstance(gateway.limiter, MemoryLimiter):
        for _ in range(more):
            await gateway.limiter.hit(organization.id, LIMIT)
        return

    async def job(db: Connection) -> None:
        held = await counted(db, organization.id, LIMIT.name)
        await note(db, organization.id, LIMIT.name, [*held, *[slick.house.now.timestamp()] * more])

    await run(gateway.store.of_everyone(TESTS), job)
