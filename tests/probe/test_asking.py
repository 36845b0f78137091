"""What the probe takes for an oracle: answers that tell what is another's from what nobody has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import httpx2
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from probe.asking import Asker, Found
from probe.tenants import OTHER, OWN
from probe.tries import Ask, Try

OTHERS, NOBODYS = "another-1", "nobody-1"
Words = Callable[[str, int], str]  # for an id, that was asked for so many times before


async def leaks(words: Words) -> list[str]:
    """What the probe notes about a service that answers with these words."""
    asked: Counter[str] = Counter()

    async def answer(request: Request) -> Response:
        id = request.path_params["id"]
        asked[id] += 1
        return Response(words(id, asked[id] - 1), 404, media_type="application/json")

    transport = httpx2.ASGITransport(Starlette(routes=[Route("/{id}", answer)]))
    async with httpx2.AsyncClient(transport=transport, base_url="http://probed") as client:
        found = Found()
        asker, owner = Asker([client], {}, OTHER, found), Asker([client], {}, OWN, found)
        ours, theirs = (Ask("GET", f"/{id}", said=(id,)) for id in (OTHERS, NOBODYS))
        asks = Try("REST path", ours, theirs)
        await asker.check(asks, owner)
    return [what for _, what, _ in found.leaks]


def errors(*told: str) -> str:
    return orjson.dumps({"data": None, "errors": [{"message": one} for one in told]}).decode()


def either_first(id: str, _: int) -> str:
    own, theirs = "There is no campaign 'own'.", f"There is no campaign '{id}'."
    return errors(own, theirs) if id == OTHERS else errors(theirs, own)


async def test_of_two_errors_either_may_come_first() -> None:
    assert await leaks(either_first) == []


@pytest.mark.parametrize(
    "words",
    [
        lambda id, _: errors("a", "b") if id == OTHERS else errors("a", "c"),
        lambda id, _: errors("a", "a") if id == OTHERS else errors("a"),
        # each says both by turns; the owner has asked once, so for nobody's it is always the other's turn
        lambda _, n: errors("a" if n % 2 else "b"),
    ],
)
async def test_answers_that_differ_each_time_are_an_oracle(words: Words) -> None:
    assert len(await leaks(words)) == 1
