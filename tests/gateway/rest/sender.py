"""An organization as MessageSender's clients know it: by its UUID, which they name in each request."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx2
from starlette.applications import Starlette

from gateway.rest import VENDORS, vendor_routes
from resolvers.caller import METRICS_READ
from tests.gateway.rest.world import World, sent
from tests.house import House, bearer

NUMBERS = count(1)
JWT_SECRET = "a-shared-secret-that-is-long-enough-to-sign-with"
OVERVIEW, TRENDS = "/api/analytics/overview", "/api/analytics/trends"
TOP, TIMES = "/api/analytics/top-campaigns", "/api/analytics/best-send-times"
STATUS, BALANCE = "/api/billing/status", "/api/credits/balance"
EXPORT = "/api/analytics/export"
URLS = (OVERVIEW, TRENDS, TOP, TIMES, STATUS, BALANCE, EXPORT)


@dataclass
class Sender(World):
    """A world whose requests name the organization."""

    uuid: str = ""

    def headers(self, key: str | None = None) -> dict[str, str]:
        """The headers of a request, with the organization's key or another credential."""
        return {**bearer(key or self.key), "x-organization-id": self.uuid}

    async def get(self, url: str, key: str | None = None, **params: Any) -> httpx2.Response:
        """GET, naming the organization."""
        return await self.http.get(url, params=params or None, headers=self.headers(key))

    async def told(self, url: str, **params: Any) -> Any:
        """The answer, which must be a good one."""
        answer = await self.get(url, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def enrolled(house: House, **told: Any) -> Sender:
    """One more organization that MessageSender knows."""
    number = next(NUMBERS)
    made = Sender(house, f"amplifi-{number}", uuid=f"5b0c6f1e-8f5e-4f0b-9a57-{number:012x}")
    await made.take(
        {"type": "organization", "id": made.slug, "aliases": {"messagesender": made.uuid}, **told}
    )
    made.key = await house.key(made.slug, (METRICS_READ,))
    return made


@asynccontextmanager
async def with_options(sender: Any, options: Sequence[str]) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of a gateway whose operator chose these options."""
    gateway = sender.house.gateway
    app = Starlette(routes=vendor_routes(gateway.door, gateway.auth, None, VENDORS, options))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://test", headers=sender.headers()
    ) as http:
        yield http


def campaign(id: str, created_at: str, status: str = "completed", **more: Any) -> dict[str, Any]:
    """A campaign that bears its id as its name."""
    told = {"id": id, "name": id, "created_at": created_at, "status": status, **more}
    return {"type": "campaign", **told}


def delivered(name: str, moment: str, **more: Any) -> dict[str, Any]:
    """A message that arrived as soon as it was made."""
    return sent(name, moment, delivered_at=moment, **more)


def failed(name: str, moment: str, **more: Any) -> dict[str, Any]:
    """A message that was handed over and failed."""
    return sent(name, moment, failed_at=moment, **more)


def queued(name: str, moment: str, **more: Any) -> dict[str, Any]:
    """A message that was logged and has not left."""
    return {"type": "message", "id": name, "channel": "sms", "created_at": moment, **more}


def contact(name: str, **more: Any) -> dict[str, Any]:
    """A contact that is as old as the hills."""
    return {"type": "contact", "id": name, "created_at": "2020-01-01T00:00:00Z", **more}
