"""A gateway as its operators start one: `heliograph serve` in a process of its own, on a free port, over SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from gateway.settings import Settings
from tests.conformance.world import ACME, records
from tests.house import open_house
from tests.ports import free_port

SERVE = (sys.executable, "-m", "gateway.cli", "serve")
STARTS_WITHIN_S = 60


@dataclass(frozen=True)
class Stock:
    """A store with the world of these tests in it, and a key."""

    folder: Path
    url: str
    key: str


@dataclass(frozen=True)
class Site:
    """Where a gateway answers, and what opens it."""

    url: str
    key: str
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the examples read."""
        return {"HELIOGRAPH_URL": self.url, "HELIOGRAPH_KEY": self.key}


async def stocked(folder: Path, url: str) -> Stock:
    """A migrated store that was told everything."""
    async with open_house(url, now=datetime.now(UTC)) as house:
        await house.take(*records(house.now))
        return Stock(folder, url, await house.key(ACME))


@contextmanager
def served(stock: Stock, **settings: str) -> Generator[Site]:
    """A gateway over the store, until it is told to stop."""
    port = str(free_port())
    log = stock.folder / f"{port}.log"
    site = Site(f"http://127.0.0.1:{port}", stock.key, log)
    environment = {
        **{name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields},
        "DATABASE_URL": stock.url,
        "EXPORT_FOLDER": str(stock.folder / "exports"),
        "PORT": port,
        "REFRESH_SECONDS": "0.1",
        "WATERMARK_DELAY_SECONDS": "0.1",
        "LOG_LEVEL": "warning",
        **settings,
    }
    with log.open("wb") as file, subprocess.Popen(SERVE, env=environment, stdout=file, stderr=file) as server:
        try:
            wait_for(server, site, log)
            yield site
        finally:
            server.terminate()


def wait_for(server: subprocess.Popen[bytes], site: Site, log: Path) -> None:
    """Return when it answers."""
    until = time.monotonic() + STARTS_WITHIN_S
    with httpx2.Client(base_url=site.url) as client:
        while server.poll() is None and time.monotonic() < until:
            try:
                if client.get("/readyz").is_success:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
    raise AssertionError(f"the gateway did not start: {log.read_text()}")
