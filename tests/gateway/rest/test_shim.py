"""The frame: a vendor of a few lines of data answers, refuses and is found like any other."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel
from starlette.applications import Starlette

from gateway.rest import VENDORS, vendor_routes
from gateway.rest.read import Whole
from gateway.rest.vendor import Asked, Endpoint, Refusal, Vendor
from models.errors import HeliographError, MethodNotAllowed, NotFound, WindowTooLarge
from tests.gateway.rest.world import World
from tests.house import bearer


class Params(BaseModel):
    """How often to say it."""

    times: Whole = 1


class Answer(BaseModel):
    """The name, so many times."""

    names: list[str]


def understand(asked: Asked[Params]) -> int:
    if asked.params.times > 3:
        raise WindowTooLarge(bucket_count=asked.params.times)
    return asked.params.times


def envelope(error: HeliographError, request_id: str) -> Refusal:
    return Refusal(error.status + 50, [error.code, error.details], {"X-Said": "no"})


def shape(times: int, data: dict[str, Any]) -> dict[str, Any]:
    return {"names": [data["organization"]["called"]] * times}


NAME = Endpoint(
    "/api/name",
    "Who am I?",
    "The name.",
    Params,
    Answer,
    "query Name { organization { called: slug } }",
    understand,
    lambda times: {},
    shape,
)
ECHO = Vendor("echo", "Echo", "Says it again.", (NAME,), envelope, Answer, (NotFound(),), paths=("/api",))


@asynccontextmanager
async def served(world: World, *vendors: Vendor) -> AsyncGenerator[httpx2.AsyncClient]:
    gateway = world.house.gateway
    app = Starlette(routes=vendor_routes(gateway.door, gateway.auth, gateway.limiter, vendors))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://test", headers=bearer(world.key)
    ) as http:
        yield http


async def test_a_vendor_is_data(world: World) -> None:
    async with served(world, ECHO, *VENDORS) as http:
        bare = await http.get("/api/name?times=2")
        under = await http.get("/echo/api/name")

    assert bare.json() == {"names": [world.slug] * 2}
    assert under.json() == {"names": [world.slug]}


async def test_each_vendor_refuses_below_its_own_roots_in_its_own_words(world: World) -> None:
    async with served(world, ECHO, *VENDORS) as http:
        assert (await http.get("/api/name?times=4")).json() == ["WINDOW_TOO_LARGE", {"bucket_count": 4}]
        assert (await http.get("/api/name?times=x")).json() == [
            "INVALID_INPUT",
            {"fields": {"times": "must be a whole number in plain digits"}},
        ]
        for url in ("/api", "/api/", "/api/name/", "/echo", "/echo/v1/metrics/messages"):
            nothing = await http.get(url)
            assert (nothing.status_code, nothing.json()) == (454, ["NOT_FOUND", {}])
            assert nothing.headers["x-said"] == "no"
        wrong = await http.post("/api/name")
        assert (wrong.status_code, wrong.json()) == (455, [MethodNotAllowed.code, {"allow": "GET, HEAD"}])
        assert (await http.get("/v1/metrics/x")).json()["error"]["code"] == "NOT_FOUND"
        assert (await http.get("/elsewhere")).text == "Not Found"


async def test_a_document_that_does_not_run_is_our_fault_and_told_as_such(world: World) -> None:
    broken = replace(ECHO, endpoints=(replace(NAME, document="{ organization { nonsense } }"),))

    async with served(world, broken) as http:
        with pytest.raises(RuntimeError, match="The document of /api/name does not run"):
            await http.get("/api/name")


def test_every_vendor_is_told_apart_and_its_bare_urls_too() -> None:
    names = [vendor.name for vendor in VENDORS]
    paths = [endpoint.path for vendor in VENDORS for endpoint in vendor.endpoints]

    assert len(set(names)) == len(names)
    assert len(set(paths)) == len(paths)
