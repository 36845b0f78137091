"""What is asked about: the messages of one large organization and twenty small ones over 420 days.

raw rows (fill.sql) ──the worker's recount──▶ every tier
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import asyncpg
import sqlalchemy as sa

from benchmarks.postgres import ROLE, Postgres, plain
from gateway.unit import Connection, run
from models import CAMPAIGNS, MESSAGES, Campaign, Organization
from models.base import TENANT_KEY, Base
from models.engine import Store
from models.records import OrganizationRecord
from models.revision import newest
from models.tenants import OURS
from models.upgrades import migrate
from resolvers.caller import SCOPES
from resolvers.keys import instance_secret, store_key
from resolvers.organizations import enroll, find
from resolvers.rollup import Keep, rebuild, refresh

DAYS = 420  # ten thousand hours and some
END = datetime(2026, 11, 1, tzinfo=UTC)
START = END - timedelta(days=DAYS)
LARGE, SMALL, SMALL_ONES = 1_000_000, 12_500, 20  # messages of the large one, of each small one; how many
CAMPAIGNS_OF_LARGE, CAMPAIGNS_OF_SMALL = 500, 25
SLUG, WRITER = "large", "writer"  # the one that is asked about, the one that takes more in
KEYS = {slug: f"hg_live_{slug:b<43}" for slug in (SLUG, WRITER)}  # open nothing but these databases
FILL = Path(__file__).with_name("fill.sql")
KEEP = Keep()

Tell = Callable[[str, int, int], None]  # what is being made, how much of it is there, of how much


@dataclass(frozen=True)
class World:
    """A database that is filled and counted; `organization` is the large one. In SQLite only if copied.

    The gateway comes as an ordinary role, by `gateway_url`; others would see nothing as that.
    """

    url: str
    organization: int
    writer: int
    size: float
    sqlite_url: str = ""
    gateway_url: str = ""

    @property
    def rows(self) -> int:
        """How many messages the large organization has."""
        return int(LARGE * self.size)

    def newest(self, count: int) -> list[str]:
        """The ids of the newest campaigns of the large organization, the newest first."""
        return [campaign_id(number) for number in range(CAMPAIGNS_OF_LARGE)][::-1][:count]


async def world(server: Postgres, size: float, tell: Tell) -> World:
    """The world of a size: built when the server does not hold it yet."""
    name = await _name(size)
    url = server.database(name)
    admin = await asyncpg.connect(plain(server.url))
    try:
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}_new"')
            await admin.execute(f"CREATE DATABASE \"{name}_new\" TEMPLATE template0 ENCODING 'UTF8'")
            await _build(server.database(f"{name}_new"), size, tell)
            await _let_in(server.database(f"{name}_new"))
            await admin.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    finally:
        await admin.close()
    store = Store(url)
    try:
        async with store.reading() as db:
            large, writer = await find(db, OURS, SLUG), await find(db, OURS, WRITER)
        assert large is not None and writer is not None
        await empty(store, writer.id)
        await run(store, lambda db: refresh(db, datetime.now(UTC), KEEP), snapshot=True)
    finally:
        await store.close()
    return World(url, large.id, writer.id, size, gateway_url=server.tenants_of(name))


async def _name(size: float) -> str:
    """Another one for each size, and after each change to what a world is made of."""
    sizes = (DAYS, END, LARGE, SMALL, SMALL_ONES, CAMPAIGNS_OF_LARGE, CAMPAIGNS_OF_SMALL)
    recipe = f"{FILL.read_text(encoding='utf-8')} {sizes} {newest()}"
    return f"heliograph_bench_{size:g}_{sha256(recipe.encode()).hexdigest()[:8]}"


async def _build(url: str, size: float, tell: Tell) -> None:
    await migrate(url)
    store = Store(url)
    try:
        slugs = [SLUG, *(f"small-{number}" for number in range(1, SMALL_ONES + 1)), WRITER]
        organizations = [await enrolled(store, slug) for slug in slugs]
        sizes = [LARGE * size, *[SMALL * size] * SMALL_ONES, 0]
        for place, (organization, rows) in enumerate(zip(organizations, sizes, strict=True)):
            tell("messages", place, len(slugs))
            campaigns = CAMPAIGNS_OF_LARGE if organization.slug == SLUG else CAMPAIGNS_OF_SMALL
            await run(store, lambda db: _fill(db, organization, int(rows), campaigns))  # noqa: B023
        await _vacuum(store)
        for place, organization in enumerate(organizations):
            tell("counting", place, len(slugs))
            await run(store, lambda db: _count(db, organization), snapshot=True)  # noqa: B023
        await _vacuum(store)
        tell("counting", len(slugs), len(slugs))
    finally:
        await store.close()


async def _let_in(url: str) -> None:
    """Give everything there to the gateway's role."""
    admin = await asyncpg.connect(plain(url))
    try:
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE):
            await admin.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}'")
        for kind in ("TABLES", "SEQUENCES"):
            await admin.execute(f"GRANT ALL ON ALL {kind} IN SCHEMA public TO {ROLE}")
    finally:
        await admin.close()


async def enrolled(store: Store, slug: str) -> Organization:
    """An organization, with its key when it has one."""
    record = OrganizationRecord(
        type="organization", id=slug, name=slug, plan="unlimited", aliases={"agentmessage": slug}
    )

    async def job(db: Connection) -> Organization:
        made = (await enroll(db, record, START)).organization
        if slug in KEYS:
            secret = await instance_secret(db)
            await store_key(db, secret, made, KEYS[slug], tuple(SCOPES), "benchmarks", START)
        return made

    return await run(store, job)


async def _fill(db: Connection, organization: Organization, rows: int, campaigns: int) -> None:
    if rows:
        bursts = DAYS * (48 if organization.slug == SLUG else 1)  # no hour of the large one is empty
        numbers = {"rows": rows, "campaigns": campaigns, "bursts": bursts, TENANT_KEY: organization.id}
        fill = sa.text(FILL.read_text(encoding="utf-8"))
        fill = fill.bindparams(*(sa.bindparam(name, type_=sa.BigInteger) for name in numbers))
        await db.execute(fill, {"start": START, "ending": END, **numbers})
    await db.execute(sa.insert(Campaign), [_campaign(organization, n, campaigns) for n in range(campaigns)])


def campaign_id(number: int) -> str:
    """What fill.sql calls it too."""
    return f"cmp_{number:04}"


def _campaign(organization: Organization, number: int, of: int) -> dict[str, object]:
    created = START + number * (END - START) / of
    return {
        TENANT_KEY: organization.id,
        "id": campaign_id(number),
        "name": f"Campaign {number}",
        "channel": ("sms", "email", "whatsapp", "mms")[number % 4],
        "status": "completed",
        "body": "Two for one until Sunday.",
        "audience_size": 2_000,
        "created_by": "",
        "created_at": created,
        "started_at": created,
        "updated_at": created,
    }


async def _count(db: Connection, organization: Organization) -> None:
    await db.execute(sa.text("SET LOCAL work_mem = '512MB'"))
    await rebuild(db, organization, datetime.now(UTC), KEEP, (MESSAGES, CAMPAIGNS))


async def _vacuum(store: Store) -> None:
    async with store.writer.connect() as db:
        await (await db.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql("VACUUM ANALYZE")


async def empty(store: Store, organization_id: int) -> None:
    """Take from an organization everything it was told: the next run finds it as this one did."""
    told = [
        table
        for table in Base.metadata.sorted_tables
        if TENANT_KEY in table.c
        and table.name not in ("watermarks", "intake", "api_keys", "organization_aliases")
    ]

    async def job(db: Connection) -> None:
        for table in reversed(told):
            await db.execute(sa.delete(table).where(table.c[TENANT_KEY] == organization_id))

    await run(store, job)
