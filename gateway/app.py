"""The application: every route, put together from the settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from gateway.auth import ORGANIZATION_HEADER, Auth
from gateway.crowd import Crowd
from gateway.door import Door, Habits
from gateway.events import EventsEndpoint
from gateway.explaining import ExplainEndpoint
from gateway.exports.downloads import DownloadsEndpoint
from gateway.exports.runner import Exporter, Terms
from gateway.exports.storage import storage_of
from gateway.figures import Figures
from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.socket import SocketEndpoint, nowhere
from gateway.headers import EVERYWHERE
from gateway.health import CountRequests, Metrics, Watched, health_routes
from gateway.intake import Intake
from gateway.kept import Answers
from gateway.limits import Limiter
from gateway.limits.memory import MemoryLimiter
from gateway.limits.store import StoreLimiter
from gateway.logs import MIDDLEWARE, REQUEST_ID_HEADER, request_id
from gateway.manifests import misfits, read_folder
from gateway.news import follow
from gateway.persisted import Registry
from gateway.problem import problem
from gateway.process import ended
from gateway.rest import VENDORS, vendor_routes
from gateway.rest.examples import shelves
from gateway.retention import Retainer
from gateway.settings import Settings
from gateway.straight import Straight
from gateway.web.files import Files
from gateway.web.graphiql import STATIC, PageSettings
from gateway.web.questions import questions
from gateway.worker import Worker
from models.engine import Store
from resolvers.documents import document_id
from resolvers.exports.leases import unfinished
from resolvers.keys import instance_secret
from resolvers.links import PATH, Links
from resolvers.retention import Terms as Retention
from resolvers.rollup import Keep
from resolvers.watermarks import oldest, waiting
from schema.build import Schema, build

if TYPE_CHECKING:
    from gateway.tokens import Tokens

Clock = Callable[[], datetime]
log = structlog.stdlib.get_logger("heliograph")
GRACE_S = 5.0  # longer than any question runs that still relies on what retention is about to take


def utc_now() -> datetime:
    """The clock of the wall."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Gateway:
    """Everything that answers, wired together over one store."""

    settings: Settings
    store: Store
    door: Door
    answers: Answers
    auth: Auth
    intake: Intake
    worker: Worker
    metrics: Metrics
    limiter: Limiter
    exporter: Exporter
    downloads: DownloadsEndpoint
    retainer: Retainer


def keep_of(settings: Settings) -> Keep:
    """How the worker counts, from the settings."""
    return Keep(
        timedelta(seconds=settings.watermark_delay_seconds), timedelta(days=settings.minute_tier_days)
    )


def terms_of(settings: Settings) -> Terms:
    """How exports are made and kept, from the settings."""
    return Terms(
        timedelta(seconds=settings.export_lease_seconds),
        timedelta(seconds=settings.export_keep_seconds),
        min(settings.export_workers, settings.pool_size),
    )


def retention_of(settings: Settings) -> Retention:
    """How long events are kept, from the settings."""
    days = (settings.retention_detailed_days, settings.retention_daily_days)
    detailed, daily = (timedelta(days=number) if number else None for number in days)
    return Retention(detailed, daily, timedelta(seconds=settings.request_timeout_seconds + GRACE_S))


def open_store(settings: Settings) -> Store:
    """The store that the settings name."""
    return Store(settings.database_url, settings.pool_size, settings.statement_timeout_seconds)


async def secret_of(settings: Settings, store: Store) -> str:
    """What signs and hashes: the operator's secret, else the one made with the store."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    async with store.reading() as db:
        return await instance_secret(db)


def tokens_of(settings: Settings, clock: Clock) -> Tokens | None:
    """What verifies tokens, from the settings; None when they name nothing to verify them with."""
    if settings.jwt_secret is None and settings.jwt_jwks_url is None:
        return None
    from gateway.jwks import Jwks  # noqa: PLC0415  cryptography and an HTTP client, which most never need
    from gateway.tokens import Tokens  # noqa: PLC0415  as above

    return Tokens(
        clock,
        settings.jwt_organizations_claim,
        settings.jwt_secret.get_secret_value() if settings.jwt_secret else None,
        Jwks(settings.jwt_jwks_url) if settings.jwt_jwks_url else None,
        settings.jwt_issuer,
        settings.jwt_audience,
    )


def limiter_of(settings: Settings, store: Store, clock: Clock) -> Limiter:
    """What counts requests, from the settings."""
    if settings.rate_limit_url is not None:
        from gateway.limits.redis import RedisLimiter  # noqa: PLC0415  an extra that most do not install

        return RedisLimiter(settings.rate_limit_url, clock)
    return MemoryLimiter(clock) if store.is_sqlite else StoreLimiter(store, clock)


def registry_of(settings: Settings, store: Store, schema: Schema) -> Registry:
    """What knows documents by their id: those of the REST URLs, of the gallery, of the operator's folder."""
    ours = [endpoint.document for vendor in VENDORS for endpoint in vendor.endpoints]
    known = {document_id(text): text for text in (*ours, *(one.document for one in questions()))}
    if settings.documents_folder is not None:
        given = read_folder(Path(settings.documents_folder))
        for reason in misfits(schema, given):
            log.warning("a document of DOCUMENTS_FOLDER does not fit the schema", document=reason)
        known |= given
    return Registry(store, known, settings.documents_only)


async def wire(settings: Settings, clock: Clock = utc_now, store: Store | None = None) -> Gateway:
    """The gateway over a migrated store; the one that the settings name unless one is given."""
    store, keep = store or open_store(settings), keep_of(settings)
    secret = await secret_of(settings, store)
    auth = Auth(store, secret, clock, tokens_of(settings, clock), settings.jwt_realm)
    schema, storage = build(settings.introspection), storage_of(settings.export_folder)
    exporter = Exporter(store, storage, clock, terms_of(settings))
    retainer = Retainer(store, clock, retention_of(settings))
    habits = Habits(settings.request_timeout_seconds, settings.refresh_seconds, settings.public_url)
    crowd = Crowd(settings.questions_at_once)
    door = Door(store, schema, secret, clock, registry_of(settings, store, schema), habits, crowd)
    answers = Answers(door, settings.answer_cache_mb * 2**20)
    intake = Intake(store, clock, keep, settings.request_timeout_seconds)
    return Gateway(
        settings,
        store,
        door,
        answers,
        auth,
        intake,
        Worker(store, clock, keep, settings.refresh_seconds, exporter, retainer),
        Metrics(crowd, _watched(store, clock), [Figures(store, answers, intake)]),
        limiter_of(settings, store, clock),
        exporter,
        DownloadsEndpoint(store, storage, Links(secret), clock, settings.request_timeout_seconds),
        retainer,
    )


def create_app(gateway: Gateway, page: PageSettings | None = None) -> Starlette:
    """The ASGI application. `page` is what GraphiQL opens with; the default asks for a key."""
    settings = gateway.settings
    graphiql = (page or PageSettings(questions=questions(), shelves=shelves())) if settings.graphiql else None
    middleware = [*MIDDLEWARE, Middleware(CountRequests, metrics=gateway.metrics)]
    if settings.cors_origins:
        middleware.append(_cors(settings.cors_origins))
    endpoint = GraphQLEndpoint(gateway.answers, gateway.door, gateway.auth, graphiql)
    graphql = Route("/graphql", endpoint, methods=["GET", "POST"])
    middleware.append(Middleware(Straight, route=graphql))
    return Starlette(
        routes=[graphql, *_routes(gateway)],
        middleware=middleware,
        lifespan=_lifespan(gateway),
        exception_handlers={404: _not_found, 405: _wrong_method, Exception: _broken},
    )


def _routes(gateway: Gateway) -> list[BaseRoute]:
    """Every address but `/graphql` itself."""
    socket = SocketEndpoint(gateway.door, gateway.auth, gateway.settings.cors_origins)
    limiter = gateway.limiter if gateway.settings.rate_limits else None
    events = EventsEndpoint(gateway.intake, gateway.auth, gateway.settings.max_body_bytes)
    explain = ExplainEndpoint(gateway.door, gateway.auth, gateway.settings.vendor_options)
    return [
        Route("/", _home),
        WebSocketRoute("/graphql", socket.__call__),
        WebSocketRoute("/{rest:path}", nowhere),
        Route("/v1/events", events.__call__, methods=["POST"]),
        Route("/v1/explain-url", explain.__call__, methods=["POST"]),
        *vendor_routes(gateway.door, gateway.auth, limiter, options=gateway.settings.vendor_options),
        Route(f"{PATH}/{{file}}", gateway.downloads.__call__),
        *health_routes({"store": gateway.store.ping}, gateway.metrics),
        Mount("/static", Files(directory=STATIC)),
    ]


def _lifespan(gateway: Gateway) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        counting = asyncio.create_task(gateway.worker.run()) if gateway.settings.embedded_worker else None
        noting = asyncio.create_task(gateway.auth.note_uses())
        stop = asyncio.Event()
        following = asyncio.create_task(follow(gateway.store, stop))
        try:
            yield
        finally:
            gateway.worker.stop()
            gateway.auth.stop()
            stop.set()
            async with AsyncExitStack() as closing:  # all of it, whatever breaks
                for one in (gateway.store, gateway.limiter, gateway.auth):
                    closing.push_async_callback(one.close)
                await ended(noting, following, *(() if counting is None else (counting,)))

    return lifespan


def _watched(one: Store, clock: Clock) -> tuple[Watched, ...]:
    store = one.of_everyone("operators watch every organization at once")

    async def lag() -> float:
        async with store.reading() as db:
            mark = await oldest(db)
        return 0.0 if mark is None else (clock() - mark).total_seconds()

    async def backlog() -> float:
        async with store.reading() as db:
            return float(await waiting(db))

    async def exports() -> float:
        async with store.reading() as db:
            return float(await unfinished(db))

    return (
        Watched("heliograph_watermark_lag_seconds", "How far behind the slowest watermark is.", lag),
        Watched("heliograph_outbox_rows", "Differences that wait to be counted.", backlog),
        Watched("heliograph_exports_unfinished", "Exports that wait or are being written.", exports),
    )


def _cors(origins: tuple[str, ...]) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", ORGANIZATION_HEADER],
        expose_headers=["X-Request-Id", "Content-Disposition", "ETag", "Link", "Retry-After"],
    )


async def _home(_: Request) -> Response:
    return RedirectResponse("/graphql")


async def _not_found(_: Request, __: Exception) -> Response:
    return problem(404, "There is nothing at this address.", "NOT_FOUND")


async def _wrong_method(_: Request, error: Exception) -> Response:
    response = problem(405, "This address does not take that method.", "METHOD_NOT_ALLOWED")
    response.headers.update(getattr(error, "headers", None) or {})
    return response


async def _broken(_: Request, __: Exception) -> Response:
    response = problem(
        500, "Something went wrong on our side; it is logged under the request id.", "INTERNAL"
    )
    # Starlette answers this outside of every middleware
    response.raw_headers += [*EVERYWHERE, (REQUEST_ID_HEADER, (request_id() or "").encode())]
    return response
