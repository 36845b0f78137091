"""A workspace as PenguinMails' clients know it: by its id, which stands in every path."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx2

from resolvers.caller import METRICS_READ
from tests.gateway.rest.world import World
from tests.house import House, bearer

NUMBERS = count(1)
OVERVIEW, DELIVERABILITY = "analytics/overview", "analytics/deliverability"
HEATMAP, COMPARE = "analytics/engagement-heatmap", "analytics/compare"
READING = ("campaigns/cmp_1/analytics", OVERVIEW, DELIVERABILITY, HEATMAP)


@dataclass
class Penguin(World):
    """A world whose requests name the workspace."""

    workspace: str = ""

    def url(self, tail: str, workspace: str | None = None) -> str:
        """The address of something below the workspace, or below another."""
        return f"/api/v1/workspaces/{workspace or self.workspace}/{tail}"

    async def ask(self, tail: str, key: str | None = None, **params: Any) -> httpx2.Response:
        """GET, with the workspace's key or another."""
        return await self.http.get(self.url(tail), params=params or None, headers=bearer(key or self.key))

    async def told(self, tail: str, **params: Any) -> Any:
        """The data of a GET, which must go well."""
        return data(await self.ask(tail, **params))

    async def post(self, body: Any, key: str | None = None) -> httpx2.Response:
        """Ask for a comparison."""
        return await self.http.post(self.url(COMPARE), json=body, headers=bearer(key or self.key))

    async def compared(self, *campaigns: str, **more: Any) -> Any:
        """A comparison, which must go well."""
        return data(await self.post({"campaign_ids": campaigns, **more}))


def data(answer: httpx2.Response) -> Any:
    """What a good answer carries."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert list(body) == ["success", "data"]
    assert body["success"] is True
    return body["data"]


async def opened(house: House, workspace: str | None = None, **told: Any) -> Penguin:
    """One more organization that PenguinMails knows, by this id or one of its own."""
    number = next(NUMBERS)
    made = Penguin(house, f"atelier-{number}", workspace=workspace or f"ws_{number:04}")
    aliases = {"penguinmails": made.workspace}
    await made.take({"type": "organization", "id": made.slug, "aliases": aliases, **told})
    made.key = await house.key(made.slug, (METRICS_READ,))
    return made


def mail(name: str, moment: str, **more: Any) -> dict[str, Any]:
    """An e-mail, sent as soon as it was made."""
    told = {"channel": "email", "created_at": moment, "sent_at": moment, **more}
    return {"type": "message", "id": name, **{key: value for key, value in told.items() if value is not None}}


def back(
    name: str, moment: str, kind: str = "hard", reason: str | None = None, **more: Any
) -> dict[str, Any]:
    """An e-mail that came back at once."""
    return mail(name, moment, **{f"{kind}_bounced_at": moment, "bounce_reason": reason, **more})


def happened(message: str, kind: str, moment: str, **more: Any) -> dict[str, Any]:
    """Something that happened to an e-mail."""
    return {"type": "event", "message_id": message, "event": kind, "at": moment, **more}


def mailing(id: str, created_at: str = "2026-04-10T09:00:00Z", status: str = "sending", **more: Any) -> Any:
    """A campaign by e-mail that bears its id as its name."""
    told = {"id": id, "name": id, "channel": "email", "created_at": created_at, "status": status, **more}
    return {"type": "campaign", **told}
