"""An organization as Whatomate's clients know it: its key comes as X-API-Key."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx2

from resolvers.caller import METRICS_READ
from tests.gateway.rest.world import World
from tests.house import House

NUMBERS = count(1)
DASHBOARD, MESSAGES = "/api/analytics/dashboard", "/api/analytics/messages"
CHATBOT, AGENTS = "/api/analytics/chatbot", "/api/analytics/agents"
COMPARISON, ADA = f"{AGENTS}/comparison", f"{AGENTS}/ada"
URLS = (DASHBOARD, MESSAGES, CHATBOT, AGENTS, COMPARISON, ADA)
MAIN, HELP = "7d2f0c4a-51be-4b7e-8d13-0a9e6f2c1b01", "7d2f0c4a-51be-4b7e-8d13-0a9e6f2c1b02"
LONG_AGO = "2026-01-01T00:00:00Z"


@dataclass
class Whato(World):
    """A world whose requests carry the key alone."""

    uuid: str = ""

    async def get(self, url: str, key: str | None = None, **params: Any) -> httpx2.Response:
        """GET with the organization's key, or another. `from_` is the parameter from."""
        asked = {name.rstrip("_"): value for name, value in params.items()}
        return await self.http.get(url, params=asked or None, headers={"X-API-Key": key or self.key})

    async def told(self, url: str, **params: Any) -> Any:
        """The data of an answer, which must be a good one."""
        answer = await self.get(url, **params)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert list(body) == ["status", "data"]
        assert body["status"] == "success"
        return body["data"]


async def arrived(house: House) -> Whato:
    """One more organization that Whatomate knows, with two accounts and one agent, Ada."""
    number = next(NUMBERS)
    made = Whato(house, f"whato-{number}", uuid=f"0f8e7c52-3a4b-4d0e-9b1a-{number:012x}")
    await made.take(
        {"type": "organization", "id": made.slug, "aliases": {"whatomate": made.uuid}},
        account(MAIN, "main"),
        account(HELP, "help"),
        {"type": "user", "id": "ada", "name": "Ada", "created_at": LONG_AGO},
    )
    made.key = await house.key(made.slug, (METRICS_READ,))
    return made


def account(id: str, name: str) -> dict[str, Any]:
    """A WhatsApp account."""
    return {"type": "sender", "id": id, "name": name, "kind": "whatsapp", "updated_at": LONG_AGO}


def out(name: str, moment: str, **more: Any) -> dict[str, Any]:
    """An outbound message that was sent as soon as it was made."""
    told = {"channel": "whatsapp", "content_type": "text", "sender_id": MAIN, "sent_at": moment, **more}
    return {"type": "message", "id": name, "created_at": moment, **told}


def into(name: str, moment: str, **more: Any) -> dict[str, Any]:
    """An inbound message."""
    told = {"channel": "whatsapp", "content_type": "text", "sender_id": MAIN, **more}
    return {"type": "message", "id": name, "direction": "inbound", "created_at": moment, **told}


def session(name: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    """A conversation of the bot, completed when it has an end."""
    told: dict[str, Any] = {"sender_id": MAIN, "started_at": start}
    if end is not None:
        told |= {"status": "completed", "ended_at": end}
    return {"type": "bot_session", "id": name, **told, **more}


def handed(name: str, moment: str, **more: Any) -> dict[str, Any]:
    """A conversation that was handed to a person."""
    return {"type": "transfer", "id": name, "sender_id": MAIN, "transferred_at": moment, **more}


def ran(name: str, flow: str, start: str, end: str | None = None) -> dict[str, Any]:
    """A way through a flow."""
    told = {"flow_id": flow, "sender_id": MAIN, "started_at": start, "completed_at": end}
    return {"type": "flow_run", "id": name, **told}


def heard(name: str, keyword: str, moment: str) -> dict[str, Any]:
    """A keyword."""
    return {"type": "keyword_hit", "id": name, "keyword": keyword, "sender_id": MAIN, "at": moment}


def called(name: str, moment: str, tokens: tuple[int, int], cost_micros: int) -> dict[str, Any]:
    """A call of a language model."""
    told = {"tokens_in": tokens[0], "tokens_out": tokens[1], "cost_micros": cost_micros}
    return {"type": "ai_call", "id": name, "model": "m", "sender_id": MAIN, "at": moment, **told}


def away(name: str, start: str, end: str | None = None, user: str = "ada") -> dict[str, Any]:
    """A break of an agent."""
    told = {"user_id": user, "is_available": False, "started_at": start, "ended_at": end}
    return {"type": "availability", "id": name, **told}
