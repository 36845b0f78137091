"""GET: an answer has a tag, and who holds it already is only told that it is the same."""

from __future__ import annotations

import httpx2
import pytest

from tests.house import House, bearer, message

FIXED = 'window: {days: {first: "2026-05-03", last: "2026-05-04"}}'
PAST = f"{{ messageBuckets({FIXED}) {{ total }} }}"


async def get(house: House, key: str, query: str = PAST, **headers: str) -> httpx2.Response:
    """The response to a query in the address."""
    return await house.client.get("/graphql", params={"query": query}, headers=bearer(key) | headers)


async def test_an_answer_is_not_sent_twice(house: House, key: str) -> None:
    first = await get(house, key)

    second = await get(house, key, **{"If-None-Match": first.headers["etag"]})

    assert (first.status_code, second.status_code) == (200, 304)
    assert second.content == b""
    for name in ("etag", "cache-control", "vary"):
        assert second.headers[name] == first.headers[name]


async def test_what_has_moved_is_sent_with_another_tag(house: House, key: str) -> None:
    first = await get(house, key)

    await house.take(message("a", "2026-05-04T10:00:00Z"))
    second = await get(house, key, **{"If-None-Match": first.headers["etag"]})

    assert second.status_code == 200
    assert second.json()["data"] == {"messageBuckets": {"total": 1}}
    assert second.headers["etag"] != first.headers["etag"]


SPELLED = ("*", '"other", {etag}', "{strong}", "{etag}")


async def test_a_tag_may_be_one_of_several_and_weak_or_strong(house: House, key: str) -> None:
    etag = (await get(house, key)).headers["etag"]
    assert etag.startswith('W/"')

    for spelled in SPELLED:
        named = spelled.format(etag=etag, strong=etag.removeprefix("W/"))

        assert (await get(house, key, **{"If-None-Match": named})).status_code == 304, spelled


async def test_tags_may_come_in_several_header_fields(house: House, key: str) -> None:
    etag = (await get(house, key)).headers["etag"]
    fields = [*bearer(key).items(), ("If-None-Match", '"other"'), ("If-None-Match", etag)]

    held = await house.client.get("/graphql", params={"query": PAST}, headers=fields)

    assert held.status_code == 304


async def test_numbers_of_what_is_over_may_be_held_for_a_minute(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-04T10:00:00Z"))

    over, moving = await get(house, key), await get(house, key, "{ messageBuckets { total } }")

    assert over.headers["cache-control"] == "private, max-age=60"
    assert moving.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("query", ["{ nothing }", 'mutation { cancelExport(id: "x") { id } }'])
async def test_what_is_refused_is_nobodys_to_hold(house: House, key: str, query: str) -> None:
    response = await get(house, key, query)

    assert response.headers["cache-control"] == "private, no-store"
    assert "etag" not in response.headers


async def test_a_post_has_no_tag(house: House, key: str) -> None:
    response = await house.post(key, PAST)

    assert "etag" not in response.headers


async def test_whoever_holds_an_answer_of_another_organization_asks_for_ones_own(
    house: House, key: str
) -> None:
    response = await get(house, key)

    assert {part.strip() for part in response.headers["vary"].split(",")} >= {
        "Authorization",
        "X-Organization-Id",
    }
