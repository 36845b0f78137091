"""Alive, ready and counted."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from gateway import health
from gateway.crowd import Crowd
from gateway.health import CountRequests, Metrics, Watched, health_routes


async def fine() -> None:
    """A check that passes."""


async def refused() -> None:
    raise ConnectionRefusedError("postgresql://user:hunter2@db.internal")


async def stuck() -> None:
    await asyncio.sleep(60)


async def lag() -> float:
    return 2.5


async def show(_: Request) -> Response:
    return PlainTextResponse("shown")


async def broken(_: Request) -> Response:
    raise LookupError


def client(metrics: Metrics | None = None, **checks: health.Check) -> httpx2.AsyncClient:
    metrics = metrics or Metrics(Crowd(9))
    shop = Mount("/shop", routes=[Route("/orders/{id}", show), Route("/broken", broken)])
    app = Starlette(
        routes=[*health_routes(checks, metrics), Route("/campaigns/{id}", show), shop],
        middleware=[Middleware(CountRequests, metrics)],
    )
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, raise_app_exceptions=False), base_url="http://test"
    )


async def test_a_living_process_is_healthy_even_when_nothing_else_works() -> None:
    async with client(database=refused) as http:
        answer = await http.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_it_is_ready_when_every_check_passes() -> None:
    async with client(database=fine, worker=fine) as http:
        answer = await http.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert answer.headers["cache-control"] == "no-store"


async def test_it_says_which_checks_fail_and_nothing_about_why() -> None:
    async with client(migrations=fine, database=refused) as http:
        answer = await http.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "failed": ["database"]})
    assert "hunter2" not in answer.text


async def test_a_check_that_hangs_counts_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_TIMEOUT_S", 0.01)

    async with client(database=stuck, worker=fine) as http:
        answer = await http.get("/readyz")

    assert answer.json()["failed"] == ["database"]


async def test_requests_are_counted_by_route_not_by_path() -> None:
    async with client() as http:
        for path in ("/campaigns/1", "/campaigns/2", "/shop/orders/9", "/shop/none", "/nowhere"):
            await http.get(path)
        await http.post("/campaigns/1")
        await http.request("BREW", "/nowhere")
        await http.get("/shop/broken")
        text = (await http.get("/metrics")).text

    counted = {line for line in text.splitlines() if line.startswith("heliograph_requests_total")}
    assert counted == {
        'heliograph_requests_total{method="GET",route="/campaigns/{id}",status="200"} 2.0',
        'heliograph_requests_total{method="GET",route="/shop/orders/{id}",status="200"} 1.0',
        'heliograph_requests_total{method="GET",route="/shop/*",status="404"} 1.0',
        'heliograph_requests_total{method="GET",route="unmatched",status="404"} 1.0',
        'heliograph_requests_total{method="POST",route="/campaigns/{id}",status="405"} 1.0',
        'heliograph_requests_total{method="OTHER",route="unmatched",status="404"} 1.0',
        'heliograph_requests_total{method="GET",route="/shop/broken",status="500"} 1.0',
    }


async def test_the_time_to_answer_is_measured() -> None:
    async with client() as http:
        await http.get("/campaigns/1")
        text = (await http.get("/metrics")).text

    assert 'heliograph_request_seconds_count{method="GET",route="/campaigns/{id}",status="200"} 1.0' in text


async def test_watched_numbers_are_read_when_asked_for_and_a_failing_one_is_no_number() -> None:
    async def rows() -> float:
        raise ConnectionRefusedError

    metrics = Metrics(
        Crowd(9),
        [
            Watched("heliograph_watermark_lag_seconds", "How far behind now counting is.", lag),
            Watched("heliograph_outbox_rows", "Differences not yet counted.", rows),
        ],
    )

    async with client(metrics) as http:
        answer = await http.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    assert "heliograph_watermark_lag_seconds 2.5" in answer.text
    assert "heliograph_outbox_rows NaN" in answer.text


async def test_two_apps_in_one_process_count_apart() -> None:
    async with client() as one, client() as other:
        await one.get("/campaigns/1")

        assert "/campaigns/{id}" not in (await other.get("/metrics")).text


async def test_a_caller_who_hangs_up_is_counted_as_499() -> None:
    metrics = Metrics(Crowd(9))

    async def endless(_: object, __: object, ___: object) -> None:
        await asyncio.sleep(60)

    counting = CountRequests(endless, metrics)
    scope = {"type": "http", "method": "GET", "path": "/", "root_path": ""}

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(counting(scope, asyncio.Event().wait, asyncio.sleep), 0.01)  # ty: ignore

    assert 'status="499"' in (await metrics.text()).decode()
