"""Is it alive, is it ready, and how much does it do: `/healthz`, `/readyz`, `/metrics`.

None of the three asks for a key, and none tells anything about a tenant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.crowd import Crowd

CHECK_TIMEOUT_S = 2.0
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_STORE = {"cache-control": "no-store"}

Value = TypeVar("Value")
Check = Callable[[], Awaitable[object]]
Reading = Callable[[], Awaitable[float]]

log = structlog.stdlib.get_logger("heliograph")


@dataclass(frozen=True)
class Watched:
    """A number read anew whenever `/metrics` is asked for."""

    name: str
    description: str
    read: Reading


class Metrics:
    """What this process counts, in a registry of its own; `others` count something themselves."""

    def __init__(
        self, crowd: Crowd, watched: Sequence[Watched] = (), others: Iterable[Collector] = ()
    ) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        for one in others:
            self.registry.register(one)
        labels = ("route", "method", "status")
        self.requests = Counter("heliograph_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "heliograph_request_seconds", "Time to answer.", labels, buckets=SECONDS, registry=self.registry
        )
        under_way = Gauge(
            "heliograph_questions_under_way", "Questions that are being answered.", registry=self.registry
        )
        under_way.set_function(lambda: crowd.size)
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.watched = tuple(
            (Gauge(one.name, one.description, registry=self.registry), one.read) for one in watched
        )

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """One more request that was answered."""
        labels = route, method, status
        if (found := self._counted.get(labels)) is None:  # the library looks labels up in ten times as long
            words = route, method, str(status)
            found = self._counted[labels] = self.requests.labels(*words), self.seconds.labels(*words)
        found[0].inc()
        found[1].observe(seconds)

    async def text(self) -> bytes:
        """Everything in Prometheus' text format; a number that cannot be read is NaN."""
        readings = await asyncio.gather(*(_within(read) for _, read in self.watched), return_exceptions=True)
        for (gauge, _), reading in zip(self.watched, readings, strict=True):
            gauge.set(float("nan") if isinstance(reading, BaseException) else reading)
        return generate_latest(self.registry)


class CountRequests:
    """Count every request and its time by route template, method and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count it when it is over."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, root, start = 500, scope.get("root_path", ""), perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except asyncio.CancelledError:
            status = 499  # the caller hung up
            raise
        finally:
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            self.metrics.count(route_template(scope, root), method, status, perf_counter() - start)


def route_template(scope: Scope, root: str = "") -> str:
    """The route that answered, such as `/campaigns/{id}`: few values, however many paths are asked for."""
    route = scope.get("route")
    if route is None:
        return "unmatched"
    prefix = scope.get("root_path", "").removeprefix(root)
    return prefix + ("/*" if isinstance(route, Mount) else getattr(route, "path", ""))


def health_routes(checks: Mapping[str, Check], metrics: Metrics) -> list[BaseRoute]:
    """The three routes. A check is ready when it returns, whatever it returns, and not when it raises."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=NO_STORE)

    async def readyz(_: Request) -> Response:
        failed = await failing(checks)
        body = {"status": "unavailable", "failed": failed} if failed else {"status": "ready"}
        return JSONResponse(body, status_code=503 if failed else 200, headers=NO_STORE)

    async def numbers(_: Request) -> Response:
        return Response(await metrics.text(), media_type=CONTENT_TYPE_LATEST, headers=NO_STORE)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", numbers)]


async def failing(checks: Mapping[str, Check]) -> list[str]:
    """Names of the checks that raise or take longer than two seconds, in the order given."""
    outcomes = await asyncio.gather(*(_within(check) for check in checks.values()), return_exceptions=True)
    failed = {name: out for name, out in zip(checks, outcomes, strict=True) if isinstance(out, BaseException)}
    for name, error in failed.items():
        log.warning("not ready", check=name, error=type(error).__name__)
    return list(failed)


async def _within(read: Callable[[], Awaitable[Value]]) -> Value:
    return await asyncio.wait_for(read(), CHECK_TIMEOUT_S)
