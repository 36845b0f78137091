"""Told rows into one table: read what is held, merge, write what changed, and count the difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import OUTBOXES, Fact, Organization
from models.base import TENANT_KEY
from resolvers.bulk import append, keys_parameter, update
from resolvers.counting import among
from resolvers.intake.differences import differences
from resolvers.intake.fold import Told, later
from resolvers.periods import yearly_segments
from resolvers.scope import WHOSE, own

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
    """Merge told rows into a table; what changed is counted. Says which rows did.

    The organization's lock is held, so a row that is not there now is nobody else's to insert.
    """
    if not told:
        return set()
    held = {row["id"]: row for row in await rows_of(db, organization.id, table, table.c.id, told)}
    new: list[Row] = []
    changed: list[Row] = []
    whose = organization.id
    for key, news in told.items():
        before = held.get(key)
        row = merge(before, {**news, TENANT_KEY: whose})
        if before is None:
            new.append(row)
        elif row != before:
            changed.append(row)
    names = [c.name for c in table.columns]
    await append(db, table, list(map(itemgetter(*names), new)))
    old = [held[row["id"]] for row in changed]
    moved = [
        name for name in names if any(row[name] != was[name] for row, was in zip(changed, old, strict=True))
    ]
    await update(db, table, moved, changed)
    if fact is not None:
        await _count(db, organization, fact, old, new + changed)
    return {row["id"] for row in (*new, *changed)}


async def rows_of(
    db: AsyncConnection, organization_id: int, table: Any, column: Any, keys: Iterable[str]
) -> list[Row]:
    """The rows of an organization whose column is one of the keys."""
    wanted = sorted(keys)
    if not wanted:
        return []
    dialect = db.dialect.name
    named = {TENANT_KEY: organization_id, "keys": keys_parameter(wanted, dialect)}
    found = await db.execute(_held(table, column, dialect), named)
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found.all()]


@cache
def _held(table: Any, column: Any, dialect: str) -> sa.Select[Any]:
    return sa.select(table).where(own(table, WHOSE), among(column, dialect))


async def _count(
    db: AsyncConnection, organization: Organization, fact: Fact, old: list[Row], new: list[Row]
) -> None:
    """Into the outbox what the rows count for now, less what they did before."""
    seen = [row[name] for row in (*old, *new) for name in fact.moments if row[name] is not None]
    if seen:
        zone = yearly_segments(organization.timezone, min(seen), max(seen))
        lines = differences(fact, old, new, zone)
        await append(db, OUTBOXES[fact], [(organization.id, *line) for line in lines])
