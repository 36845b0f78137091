"""A whole gateway for a test: over a fresh store, with a clock that stands still until it is moved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import orjson

from gateway.app import Gateway, create_app, secret_of, wire
from gateway.intake import Report
from gateway.settings import Settings
from gateway.unit import run
from models import Organization
from models.engine import Store
from models.tenants import OURS
from resolvers.caller import EVENTS_WRITE, METRICS_READ
from resolvers.keys import random_key, revoke_key, shown, store_key
from resolvers.organizations import find
from tests.worlds import PATIENCE_S, TESTS, told_of_commits

NOW = datetime(2026, 5, 6, tzinfo=UTC)
USUAL: dict[str, Any] = {"embedded_worker": False, "request_timeout_seconds": PATIENCE_S}
STORES: dict[str, Store] = {}


@dataclass
class House:
    """A running gateway and a client to talk to it."""

    gateway: Gateway
    client: httpx2.AsyncClient
    now: datetime

    @property
    def store(self) -> Store:
        """The store for who looks at everything in it."""
        return self.gateway.store.of_everyone(TESTS)

    @property
    def folder(self) -> Path:
        """Where the files of exports are."""
        return Path(self.gateway.settings.export_folder)

    def clock(self) -> datetime:
        """What the gateway takes for now."""
        return self.now

    async def take(self, *records: dict[str, Any], count: bool = True) -> Report:
        """Records as the operator brings them; counted at once unless told otherwise."""
        report = await self.gateway.intake.take_any(enumerate(map(orjson.dumps, records), 1))
        assert not report.refused, report.refused
        if count:
            await self.gateway.worker.refresh()
        return report

    async def told_of_commits(self) -> None:
        """Once the gateway has heard of every commit so far: what it knows then is not forgotten again."""
        await told_of_commits(self.gateway.store)

    async def organization(self, slug: str) -> Organization:
        """An organization that has been taken in."""
        async with self.store.reading() as db:
            found = await find(db, OURS, slug)
        assert found is not None
        return found

    async def key(
        self,
        slug: str,
        scopes: Iterable[str] = (METRICS_READ, EVENTS_WRITE),
        expires_at: datetime | None = None,
    ) -> str:
        """A new key of an organization."""
        organization, key = await self.organization(slug), random_key()
        secret = await secret_of(self.gateway.settings, self.gateway.store)
        await run(
            self.store,
            lambda db: store_key(db, secret, organization, key, tuple(scopes), "", self.now, expires_at),
        )
        return key

    async def revoke(self, key: str) -> None:
        """End a key, and what is remembered of it."""
        await run(self.store, lambda db: revoke_key(db, shown(key), self.now))
        self.gateway.auth._callers.clear()

    async def ask(self, key: str, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a document that must run without errors."""
        response = await self.post(key, query, **variables)
        body = response.json()
        assert response.status_code == 200, body
        assert "errors" not in body, body
        return body["data"]

    async def post(self, key: str, query: str, **variables: Any) -> httpx2.Response:
        """The response to a document."""
        body = {"query": query, "variables": variables}
        return await self.client.post("/graphql", json=body, headers=bearer(key))


def store_at(url: str) -> Store:
    """The store at this URL, the same one whenever a test asks, so that its statements stay compiled.

    Closing it gives its connections back; it opens new ones when it is used again.
    """
    if url not in STORES:
        STORES[url] = Store(url, statement_timeout_s=PATIENCE_S)
    return STORES[url]


def bearer(key: str) -> dict[str, str]:
    """The headers of a key."""
    return {"Authorization": f"Bearer {key}"}


def chosen_for(store_url: str, folder: str, **settings: Any) -> Settings:
    """The settings of a house; to read all of them anew takes a third of the time in which it opens."""
    places: dict[str, Any] = {"database_url": store_url, "export_folder": folder}
    if settings:
        return Settings(**{**USUAL, **places, **settings})
    return usual_settings().model_copy(update=places)


@cache
def usual_settings() -> Settings:
    """Those of most houses."""
    return Settings(**USUAL)


@asynccontextmanager
async def open_house(store_url: str, now: datetime = NOW, **settings: Any) -> AsyncGenerator[House]:
    """A gateway that counts only when told to; its watermark stands five seconds behind `now`."""
    with TemporaryDirectory(prefix="heliograph-exports-") as folder:
        chosen = chosen_for(store_url, folder, **settings)
        house: House
        gateway = await wire(chosen, lambda: house.now, store_at(store_url))
        transport = httpx2.ASGITransport(app := create_app(gateway))
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client,
        ):
            async with asyncio.timeout(PATIENCE_S):
                while gateway.store.version.now() is None:  # noqa: ASYNC110  it begins to hear of commits
                    await asyncio.sleep(0.002)
            house = House(gateway, client, now)
            yield house


def message(id: str, created_at: str, **more: Any) -> dict[str, Any]:
    """A message record of `acme`."""
    return {"type": "message", "organization": "acme", "id": id, "created_at": created_at, **more}


def event(message_id: str, kind: str, at: str, **more: Any) -> dict[str, Any]:
    """An event record of `acme`."""
    return {
        "type": "event",
        "organization": "acme",
        "message_id": message_id,
        "event": kind,
        "at": at,
        **more,
    }


ACME: dict[str, Any] = {"type": "organization", "id": "acme", "timezone": "UTC"}
HOUR = timedelta(hours=1)
