"""Told rows into one table: read what is held, merge, write what changed, and count that anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Fact, Organization
from models.base import TENANT_KEY
from resolvers.bulk import keys_parameter, put
from resolvers.counting import among, difference
from resolvers.intake.fold import Told, later
from resolvers.periods import yearly_segments
from resolvers.scope import own

Row = dict[str, Any]
Merge = Callable[[Row | None, Told], Row]


def latest(held: Row | None, news: Told) -> Row:
    """The merge of rows that are told whole."""
    return later(held, news)


async def merged(
    db: AsyncConnection,
    organization: Organization,
    table: Any,
    told: dict[str, Told],
    merge: Merge,
    fact: Fact | None = None,
) -> set[str]:
    """Merge told rows into a table; the rows that changed are counted anew. Says which did."""
    if not told:
        return set()
    held = await rows_of(db, organization.id, table, table.c.id, told)
    before_of = {row["id"]: row for row in held}
    changed: list[Row] = []
    for key, news in told.items():
        before = before_of.get(key)
        row = merge(before, {**news, TENANT_KEY: organization.id})
        if row != before:
            changed.append(row)
    if fact is not None:
        old = [before_of[row["id"]] for row in changed if row["id"] in before_of]
        await _count(db, organization, fact, old, -1)
    await put(db, table, changed)
    if fact is not None:
        await _count(db, organization, fact, changed, +1)
    return {row["id"] for row in changed}


async def rows_of(
    db: AsyncConnection, organization_id: int, table: Any, column: Any, keys: Iterable[str]
) -> list[Row]:
    """The rows of an organization whose column is one of the keys."""
    wanted = sorted(keys)
    if not wanted:
        return []
    select = sa.select(table).where(own(table, organization_id), among(column, db.dialect.name))
    found = await db.execute(select, {"keys": keys_parameter(wanted, db.dialect.name)})
    return [dict(row) for row in found.mappings()]


async def _count(
    db: AsyncConnection, organization: Organization, fact: Fact, rows: list[Row], sign: int
) -> None:
    """Append to the outbox what these rows, as they stand in the table, count for."""
    if not rows:
        return
    seen = [row[name] for row in rows for name in fact.moments if row[name] is not None]
    zone = yearly_segments(organization.timezone, min(seen), max(seen))
    dialect = db.dialect.name
    keys = keys_parameter([row["id"] for row in rows], dialect)
    await db.execute(
        difference(fact, dialect, zone), {"organization_id": organization.id, "keys": keys, "sign": sign}
    )
