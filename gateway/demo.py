"""The demo: simulated traffic of four months behind fixed keys, taken in like everyone's data.

The keys are public and open nothing but the demo.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from gateway.app import Gateway, secret_of, utc_now
from gateway.simulate import TENANTS, Tenant, demo_plan, lines
from gateway.simulate.agenda import campaign_code, campaign_uuid
from gateway.simulate.chatbot import agent_id
from gateway.simulate.plan import DEMO_EVENTS
from gateway.unit import Connection, run
from models.tenants import OURS
from resolvers.caller import SCOPES
from resolvers.keys import caller_of, store_key
from resolvers.organizations import find

DATABASE_URL = "sqlite+aiosqlite:///demo/heliograph.db"
STALE = timedelta(hours=24)
EDITION_FILE = "edition"
WHY = "the demo lets its own keys in"


@dataclass(frozen=True)
class DemoKey:
    """How the demo's client of one vendor presents itself, and the ids its URLs need."""

    vendor: str
    key: str
    ids: dict[str, Any] = field(default_factory=dict)
    more_headers: dict[str, str] = field(default_factory=dict)  # beside the key
    key_header: str = ""  # the header that carries the key alone; Authorization when ''

    @property
    def headers(self) -> dict[str, str]:
        """The headers to send."""
        key = {self.key_header: self.key} if self.key_header else {"Authorization": f"Bearer {self.key}"}
        return {**key, **self.more_headers}

    @property
    def tenant(self) -> Tenant:
        """The simulated organization behind it."""
        return next(tenant for tenant in TENANTS if tenant.vendor == self.vendor)


WHATO = next(tenant for tenant in TENANTS if tenant.vendor == "whatomate")
AMPLIFI = "5b0c6f1e-8f5e-4f0b-9a57-2d3f6f1c7a10"
CAMPAIGNS = (22, 23, 24)  # of its 26 that have gone off whenever the demo is made
LETTERS = [campaign_code("penguin", number) for number in (28, 29, 30)]  # of Penguin Atelier's 31

DEMO_KEYS: tuple[DemoKey, ...] = (
    DemoKey(
        "agentmessage",
        "am_live_DEMO0f5Hk2WzqR8sYx3LcV7uJbN1tGm9PdEaKoQi4Zr",
        {"organization": "org_signalpost"},
    ),
    DemoKey(
        "messagesender",
        "hg_live_DEMOseFnTkGh8bPCDAOmuJx4Vjxe84e0z2QZUhx0gbQ",
        {
            "organization": AMPLIFI,
            "campaigns": [campaign_uuid("amplifi", number) for number in CAMPAIGNS],
        },
        {"x-organization-id": AMPLIFI},
    ),
    DemoKey(
        "penguinmails",
        "pm_live_DEMON4psdoHcSz8H3lhDAou31i9UFjJSkuvqQO7xd8R",
        {
            "workspace": "ws_penguin",
            "campaign": LETTERS[0],
            "campaigns": LETTERS,
            "domain": "dom_penguin",
        },
    ),
    DemoKey(
        "slicktext",
        "hg_live_DEMOb7Yq2mKfT0nWcR5xJ8vLs3ZpHd6GtEa1uQiV9oN",
        {"brand": "26136", "campaigns": ["41001", "41002", "41003"], "workflow": "341"},
    ),
    DemoKey(
        "whatomate",
        "whm_de300f5b2c9a4e7d81f6035ac2be97d4",
        {"organization": WHATO.alias, "accounts": list(WHATO.senders), "agent": agent_id(WHATO, 0)},
        key_header="X-API-Key",
    ),
)


def as_json() -> dict[str, Any]:
    """Every vendor that has come to life: its headers and ids."""
    return {key.vendor: {"headers": key.headers, "ids": key.ids} for key in DEMO_KEYS}


def write_records(path: Path, now: datetime) -> None:
    """The demo's records as a file, for the same intake as everyone's data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(lines(demo_plan(now)))
    path.with_name(EDITION_FILE).write_text(edition())


def edition() -> str:
    """What tells this release's demo from another's: who is in it."""
    return blake2b(repr((as_json(), TENANTS, DEMO_EVENTS)).encode(), digest_size=8).hexdigest()


async def let_in(gateway: Gateway, now: datetime) -> None:
    """Store the fixed keys."""
    secret = await secret_of(gateway.settings, gateway.store)

    async def job(db: Connection) -> None:
        for key in DEMO_KEYS:
            organization = await find(db, OURS, key.tenant.slug)
            if organization is not None:
                await store_key(db, secret, organization, key.key, SCOPES, "demo", now)

    await run(gateway.store.of_everyone(WHY), job)


async def is_loaded(gateway: Gateway) -> bool:
    """Whether the demo is there, and whole: its keys are let in last."""
    secret, key = await secret_of(gateway.settings, gateway.store), DEMO_KEYS[-1].key
    async with gateway.store.of_everyone(WHY).reading() as db:
        return await caller_of(db, secret, key, utc_now()) is not None


def is_stale(records: Path, now: datetime) -> bool:
    """Whether the demo's records were written on an earlier day, and would end in the past, or by a release
    whose demo was another."""
    if not records.exists():
        return False
    told = records.with_name(EDITION_FILE)
    is_ours = told.exists() and told.read_text() == edition()
    return not is_ours or now.timestamp() - records.stat().st_mtime > STALE.total_seconds()
