"""What a store really holds, looked at past the gateway: rollups beside the raw rows, in one statement."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.unit import run
from models import OUTBOXES, TIERS, Clock, Organization
from models.base import TENANT_KEY
from models.engagements import ENGAGEMENTS
from models.engine import Store
from models.messages import MESSAGES
from models.rollups import DAY
from resolvers.counting import lines
from resolvers.rollup import Keep, rebuild

WATCHED = {MESSAGES: ("total", "sent", "delivered", "failed", "clicked"), ENGAGEMENTS: ("clicks",)}
NUMBERS = ", ".join(tier.table.name for tier in TIERS[MESSAGES])  # written by the worker, read by answers
NAMES = tuple(name for names in WATCHED.values() for name in names)
Numbers = Counter[str]


async def counted(store: Store, organization_id: int) -> tuple[Numbers, Numbers]:
    """What the rollups say, and what the raw rows say at the same moment."""
    async with store.streaming() as db:
        found = (await db.execute(_both(), {TENANT_KEY: organization_id})).one()
    rolled, raw = map(int, found[: len(NAMES)]), map(int, found[len(NAMES) :])
    return Counter(dict(zip(NAMES, rolled, strict=True))), Counter(dict(zip(NAMES, raw, strict=True)))


@cache
def _both() -> Any:
    whose = sa.bindparam(TENANT_KEY, type_=sa.BigInteger)
    tables: list[Any] = []
    for fact, names in WATCHED.items():
        tier = next(tier for tier in TIERS[fact] if tier.unit == DAY).table
        tables.append(_summed(tier, names).where(tier.c[TENANT_KEY] == whose, tier.c.clock == Clock.CREATED))
    for fact, names in WATCHED.items():
        rows = sa.select(fact.table).where(fact.table.c[TENANT_KEY] == whose).cte(f"rows_of_{fact.name}")
        tables.append(_summed(lines(fact, rows, (Clock.CREATED,), names), names))
    first, *others = (table.subquery() for table in tables)
    joined: Any = first
    for other in others:
        joined = joined.join(other, sa.true())
    return sa.select(*(column for one in (first, *others) for column in one.c)).select_from(joined)


def _summed(table: sa.FromClause, names: tuple[str, ...]) -> Any:
    return sa.select(*(sa.func.coalesce(sa.func.sum(table.c[name]), 0).label(name) for name in names))


async def waits(store: Store, organization_id: int) -> bool:
    """Whether any difference of the organization is not counted yet."""
    async with store.reading() as db:
        for fact in WATCHED:
            outbox = OUTBOXES[fact]
            some = sa.select(sa.exists().where(outbox.c[TENANT_KEY] == organization_id))
            if (await db.execute(some)).scalar_one():
                return True
    return False


async def miscounted(store: Store, organization: Organization) -> list[str]:
    """The tiers that hold something else after they are counted anew from the raw rows."""
    before = await _tiers(store, organization.id)
    now = datetime.now(UTC)
    await run(store, lambda db: rebuild(db, organization, now, Keep(), tuple(WATCHED)), snapshot=True)
    after = await _tiers(store, organization.id)
    return sorted(name for name in before if before[name] != after[name])


async def _tiers(store: Store, organization_id: int) -> dict[str, set[Any]]:
    """Every row that counts anything, by tier."""
    found: dict[str, set[Any]] = {}
    async with store.streaming() as db:
        for tier in (tier for fact in WATCHED for tier in TIERS[fact]):
            rows = await db.execute(sa.select(tier.table).where(tier.table.c[TENANT_KEY] == organization_id))
            keys = len(tier.table.primary_key)
            found[tier.name] = {tuple(row) for row in rows if any(row[keys:])}
    return found
