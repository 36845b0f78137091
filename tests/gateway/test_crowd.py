from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.crowd import TOO_MANY, Crowd
from models.errors import Unavailable
from tests.gateway.graphql.test_socket import welcomed
from tests.house import ACME, House, bearer, open_house
from tests.worlds import PATIENCE_S

ASK = {"query": "{ messageBuckets { total } }"}
OTHER = {"type": "organization", "id": "other"}


@pytest.fixture
async def small(store_url: str) -> AsyncIterator[House]:
    """A house that answers four questions at once, two of an organization."""
    async with open_house(store_url, questions_at_once=4, answer_cache_mb=0) as house:
        await house.take(ACME, OTHER, count=False)
        yield house


@contextmanager
def held_up(house: House) -> Generator[asyncio.Event]:
    """No question is answered before this is set."""
    store, may_go = house.gateway.store, asyncio.Event()
    rows = type(store.direct).rows

    async def later(*asked: Any) -> Any:
        await may_go.wait()
        return await rows(*asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(store.direct), "rows", later)
        yield may_go


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110  nobody tells it
            await asyncio.sleep(0.01)


async def all_at_once(house: House, count: int, slug: str, refused: int, **more: str) -> list[Any]:
    """What comes of so many questions; the others are held up until those have been refused."""
    headers = {**bearer(await house.key(slug)), **more}
    with held_up(house) as may_go:
        asks = [
            asyncio.ensure_future(house.client.post("/graphql", json=ASK, headers=headers))
            for _ in range(count)
        ]
        await until(lambda: sum(ask.done() for ask in asks) >= refused)
        may_go.set()
        return await asyncio.gather(*asks)


async def test_one_too_many_is_told_at_once_and_the_others_are_answered(small: House) -> None:
    answers = await all_at_once(small, 5, "acme", 3)

    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 3
    assert all(answer.json()["errors"][0]["message"] == TOO_MANY for answer in refused)
    assert all(answer.headers["retry-after"] == "1" for answer in refused)
    assert (await all_at_once(small, 1, "acme", 0))[0].status_code == 200


async def test_no_organization_takes_the_places_of_the_others(small: House) -> None:
    theirs = bearer(await small.key("other"))
    with held_up(small) as may_go:
        ours = asyncio.ensure_future(all_at_once(small, 9, "acme", 7))
        await until(lambda: small.gateway.door.crowd.size == 2)
        asked = asyncio.ensure_future(small.client.post("/graphql", json=ASK, headers=theirs))
        await until(lambda: small.gateway.door.crowd.size == 3)
        may_go.set()
        answered = (await asked).status_code
        await ours

    assert answered == 200


async def test_what_is_streamed_takes_a_place_too(small: House) -> None:
    answers = await all_at_once(small, 5, "acme", 3, Accept="text/event-stream")

    assert sum(TOO_MANY in answer.text for answer in answers) == 3


async def test_so_does_what_is_asked_over_a_websocket(small: House) -> None:
    async with welcomed(small, await small.key("acme")) as talk:
        with held_up(small) as may_go:
            for number in range(5):
                await talk.say("subscribe", id=str(number), payload=ASK)
            heard = [await talk.hear()]
            while sum(TOO_MANY in str(one) for one in heard) < 3:
                heard.append(await talk.hear())
            assert not any("messageBuckets" in str(one) for one in heard)
            may_go.set()
            while sum("messageBuckets" in str(one) for one in heard) < 2:
                heard.append(await talk.hear())


async def test_a_vendor_s_client_is_told_in_its_own_words(small: House) -> None:
    headers = bearer(await small.key("acme"))
    with held_up(small) as may_go:
        asks = [
            asyncio.ensure_future(small.client.get("/v1/metrics/messages?metric=sent", headers=headers))
            for _ in range(3)
        ]
        refused = await next(asyncio.as_completed(asks, timeout=PATIENCE_S))
        may_go.set()
        await asyncio.gather(*asks)

    assert (refused.status_code, refused.json()["success"]) == (503, False)
    assert refused.headers["retry-after"] == "1"


def test_whoever_is_done_makes_room() -> None:
    crowd = Crowd(2)  # one of each organization

    with crowd.joined(1), crowd.joined(2):
        for organization in (1, 3):
            with pytest.raises(Unavailable), crowd.joined(organization):
                pass
    with crowd.joined(1):
        assert crowd.size == 1
    assert crowd.size == 0
