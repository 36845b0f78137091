"""A gateway for tests of what vendors answer: its clock and its watermark stand where the test puts them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from resolvers.caller import METRICS_READ
from tests.house import House, bearer


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@dataclass
class World:
    """A house that others may live in too, and the organization in it that the test is about."""

    house: House
    slug: str
    key: str = ""

    @property
    def http(self) -> httpx2.AsyncClient:
        return self.house.client

    async def enroll(self, slug: str, plan: str, scopes: tuple[str, ...] = (METRICS_READ,)) -> str:
        """An organization on this plan, and a key of it."""
        await self.take({"type": "organization", "id": slug, "plan": plan})
        return await self.house.key(slug, scopes)

    async def take(self, *records: dict[str, Any], organization: str | None = None) -> None:
        """Take records in, without counting them; all of them must be good."""
        told = [
            record
            if record["type"] == "organization"
            else {"organization": organization or self.slug, **record}
            for record in records
        ]
        await self.house.take(*told, count=False)

    async def count_until(self, as_of: str) -> None:
        """Count, and move the watermark, which stays a little behind the clock. The clock is put back."""
        gateway, now = self.house.gateway, self.house.now
        self.house.now = at(as_of) + timedelta(seconds=gateway.settings.watermark_delay_seconds)
        await gateway.worker.refresh()
        self.house.now = now

    async def get(self, url: str, key: str | None = None, **params: Any) -> httpx2.Response:
        """GET with the organization's key, or another. `from_` is the parameter from."""
        asked = {name.rstrip("_"): value for name, value in params.items()}
        return await self.http.get(url, params=asked or None, headers=bearer(key or self.key))

    async def graphql(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of a document; it must run without an error."""
        return await self.house.ask(self.key, document, **variables)


def sent(name: str, moment: str, **more: Any) -> dict[str, Any]:
    """An outbound message, sent as soon as it was made."""
    return {"type": "message", "id": name, "channel": "sms", "created_at": moment, "sent_at": moment, **more}


def received(name: str, moment: str, **more: Any) -> dict[str, Any]:
    """An inbound message."""
    told = {"direction": "inbound", "channel": "sms", "created_at": moment, **more}
    return {"type": "message", "id": name, **told}


def attempt(name: str, moment: str, outcome: str, **more: Any) -> dict[str, Any]:
    """One delivery of a webhook."""
    told = {"endpoint_id": "ep_1", "kind": "message.delivered", "http_status": 200, **more}
    return {"type": "webhook_delivery", "id": name, "outcome": outcome, "at": moment, **told}
