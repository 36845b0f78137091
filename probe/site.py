"""Two gateways over one fresh store that holds both tenants, as operators run them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import orjson

from benchmarks.postgres import ROLE, Postgres, plain, postgres
from benchmarks.servers import Server, gateway, running
from gateway.app import secret_of, wire
from gateway.settings import Settings
from gateway.unit import run
from models.tenants import OURS
from models.upgrades import migrate
from probe.tenants import OTHER, OWN
from resolvers.caller import SCOPES
from resolvers.keys import random_key, store_key
from resolvers.organizations import find

STORES = ("sqlite", "postgres")


@dataclass(frozen=True)
class Site:
    """Where the gateways are, and the keys of the two tenants by their marker."""

    servers: tuple[Server, ...]
    keys: dict[str, str]

    @property
    def urls(self) -> list[str]:
        """Where each of them answers."""
        return [f"http://127.0.0.1:{server.port}" for server in self.servers]


@asynccontextmanager
async def site(store: str, folder: Path) -> AsyncGenerator[Site]:
    """Both gateways, until the block ends."""
    with ExitStack() as stack:
        url = stack.enter_context(_sqlite(folder) if store == "sqlite" else _postgres(folder))
        if store != "sqlite":
            await _made(url.server)
        await migrate(url.gateway)
        keys = await _told(url.gateway, folder)
        command = gateway("gateway", url.gateway, folder)
        own = {"EMBEDDED_WORKER": "true", "RATE_LIMITS": "false"}  # which answer two twins differently
        ready = replace(command, environment={**command.environment, **own})
        servers = [stack.enter_context(running(ready, folder / "log")) for _ in range(2)]
        yield Site(tuple(servers), keys)


@dataclass(frozen=True)
class _Url:
    gateway: str
    server: Postgres | None = None


@contextmanager
def _sqlite(folder: Path) -> Generator[_Url]:
    yield _Url(f"sqlite+aiosqlite:///{folder / 'probe.db'}")


@contextmanager
def _postgres(folder: Path) -> Generator[_Url]:
    with postgres(folder, keep=False) as server:
        yield _Url(server.tenants_of("heliograph_probe"), server)


async def _made(server: Postgres | None) -> None:
    """An empty database that an ordinary role owns: policies do not hold a superuser."""
    assert server is not None
    admin = await asyncpg.connect(plain(server.url))
    try:
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE):
            await admin.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}'")
        await admin.execute("DROP DATABASE IF EXISTS heliograph_probe WITH (FORCE)")
        await admin.execute(
            f"CREATE DATABASE heliograph_probe OWNER {ROLE} TEMPLATE template0 ENCODING 'UTF8'"
        )
    finally:
        await admin.close()


async def _told(url: str, folder: Path) -> dict[str, str]:
    """Everything into the store, counted; a key for each tenant."""
    house = await wire(Settings(database_url=url, export_folder=str(folder)))
    now, keys = datetime.now(UTC), {}
    try:
        secret, everyones = await secret_of(house.settings, house.store), house.store.of_everyone("the probe")
        for tenant in (OWN, OTHER):
            report = await house.intake.take_any(enumerate(map(orjson.dumps, tenant.records(now)), 1))
            if report.refused:
                raise RuntimeError(f"a record was refused: {report.refused[0].reason}")
            async with everyones.reading() as db:
                organization = await find(db, OURS, tenant.marker)
            assert organization is not None
            key = keys[tenant.marker] = random_key()
            await run(
                everyones,
                lambda db, whose=organization, key=key: store_key(
                    db, secret, whose, key, tuple(SCOPES), "", now
                ),
            )
        await house.worker.refresh()
    finally:
        await house.store.close()
    return keys
