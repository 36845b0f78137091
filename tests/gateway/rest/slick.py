"""A brand as SlickText's clients know it: by its number, which stands in every path."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx2

from resolvers.caller import METRICS_READ
from tests.gateway.rest.world import World
from tests.house import House, bearer

NUMBERS = count(30_001)
CONTACTS, GROWTH, EVENTS, OPT_INS = (
    "contacts",
    "contacts/growth",
    "contacts/events",
    "contacts/opt-in-status",
)
CAMPAIGNS, MESSAGES, CREDITS = "campaigns", "messages", "messages/credits"
USERS, TAGS = "inbox/users", "inbox/tags"
SERIES = (GROWTH, EVENTS, OPT_INS, CAMPAIGNS, MESSAGES, CREDITS)
READING = (CONTACTS, *SERIES, "campaigns/123", USERS, TAGS, "workflows/2222")


@dataclass
class Slick(World):
    """A world whose requests name the brand."""

    brand: str = ""

    def headers(self, key: str | None = None) -> dict[str, str]:
        """The headers of a request, with the brand's key or another credential."""
        return bearer(key or self.key)

    def url(self, tail: str, brand: str | None = None) -> str:
        """The address of an analytic of the brand, or of another."""
        return f"/v1/brands/{brand or self.brand}/analytics/{tail}"

    async def ask(self, tail: str, key: str | None = None, **params: Any) -> httpx2.Response:
        """GET, with the brand's key or another."""
        return await self.http.get(self.url(tail), params=params or None, headers=bearer(key or self.key))

    async def told(self, tail: str, **params: Any) -> Any:
        """The answer, which must be a good one."""
        answer = await self.ask(tail, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def founded(house: House, brand: str | None = None, **told: Any) -> Slick:
    """One more organization that SlickText knows, by this number or one of its own."""
    number = next(NUMBERS)
    made = Slick(house, f"slick-{number}", brand=brand or str(number))
    await made.take({"type": "organization", "id": made.slug, "aliases": {"slicktext": made.brand}, **told})
    made.key = await house.key(made.slug, (METRICS_READ,))
    return made


def person(id: str, created_at: str, **more: Any) -> dict[str, Any]:
    """A contact."""
    return {"type": "contact", "id": id, "created_at": created_at, **more}


def opt_in(id: str, contact: str, status: str, at: str, **more: Any) -> dict[str, Any]:
    """A contact that subscribed, unsubscribed or was asked."""
    told = {"contact_id": contact, "opt_in_status": status, "at": at, **more}
    return {"type": "contact_event", "id": id, **told}


def order(id: str, contact: str, dollars: float, at: str) -> dict[str, Any]:
    """An order."""
    micros = round(dollars * 1_000_000)
    return {"type": "order", "id": id, "contact_id": contact, "total_micros": micros, "at": at}


def thread_event(id: str, thread: str, kind: str, at: str, **more: Any) -> dict[str, Any]:
    """Something that happened to a thread."""
    return {"type": "inbox_event", "id": id, "thread_id": thread, "kind": kind, "at": at, **more}
