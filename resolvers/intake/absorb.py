"""Told states into the tables of one organization, with the differences that its rollups will need.

Under the organization's lock and in the caller's transaction: read what is held, tell it the news, take
back what the changed rows counted for, write them, and count them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import (
    ENGAGEMENTS,
    FACTS,
    MESSAGES,
    Fact,
    Intake,
    Message,
    MessageEvent,
    Organization,
)
from models.base import TENANT_KEY
from models.records import Record
from resolvers.bulk import keys_parameter, put
from resolvers.counting import among, difference
from resolvers.intake.fold import RULES, Told, fold, later, tell
from resolvers.intake.late import too_late
from resolvers.organizations import get
from resolvers.periods import yearly_segments
from resolvers.scope import mine, own

Row = dict[str, Any]
Merge = Callable[[Row | None, Told], Row]
STAMPS = ("campaign_id", "channel", "is_test")
_FACT_OF = {fact.table: fact for fact in FACTS}
_MESSAGE_DEFAULTS: Row = {
    c.name: c.default.arg if c.default is not None else None
    for c in Message.__table__.columns
    if "merge" in c.info
}


@dataclass(frozen=True)
class Absorbed:
    """How many rows changed, and the places of the records that came too late to be taken."""

    changed: int
    late: frozenset[int]


async def absorb(db: AsyncConnection, organization: Organization, records: Iterable[Record]) -> Absorbed:
    """Take the records in, but those about rows that retention took. Nothing is committed here."""
    given = list(records)
    await _lock(db, organization.id)
    organization = await get(db, organization.id)  # its zone may have changed while we waited
    late = await too_late(db, organization.id, given)
    told = [record for place, record in enumerate(given) if place not in late]
    folded = fold(told)
    changed = 0
    for table, rows in folded.kept.items():
        changed += await _rows(db, organization, table, rows, _latest, _FACT_OF.get(table))
    messages = await _messages(db, organization, folded.messages)
    events = await _events(db, organization, folded.events, messages)
    await _tally(db, organization.id, len(told), changed := changed + messages.changed + events)
    return Absorbed(changed, late)


async def _lock(db: AsyncConnection, organization_id: int) -> None:
    """One batch of an organization at a time, so that a row read here is not changed under our hands."""
    await db.execute(mine(sa.update(Intake).values(batches=Intake.batches + 1), organization_id))


async def _tally(db: AsyncConnection, organization_id: int, records: int, changed: int) -> None:
    counts = {"records": Intake.records + records, "changed": Intake.changed + changed}
    await db.execute(mine(sa.update(Intake).values(counts), organization_id))


class _Messages:
    """The messages a batch touched: as they now are, and whose copies on events are out of date."""

    def __init__(self) -> None:
        self.now: dict[str, Row] = {}
        self.relabelled: list[str] = []
        self.changed = 0


async def _messages(db: AsyncConnection, organization: Organization, told: dict[str, Told]) -> _Messages:
    found = _Messages()

    def merge(held: Row | None, news: Told) -> Row:
        row = _told_message(held, news)
        found.now[row["id"]] = row
        if held is not None and any(row[name] != held[name] for name in ("created_at", *STAMPS)):
            found.relabelled.append(row["id"])
        return row

    for key, state in told.items():
        state["id"] = key
    found.changed = await _rows(db, organization, Message.__table__, told, merge, MESSAGES)
    return found


def _told_message(held: Row | None, news: Told) -> Row:
    """The message as held, told the news."""
    if held is None:
        row: Row = {**_MESSAGE_DEFAULTS, **news}
    else:
        row = {**held, "birth": (not held["announced"], held["created_at"])}
        tell(row, {name: value for name, value in news.items() if name in RULES})
    unannounced, row["created_at"] = row.pop("birth")
    row["announced"] = not unannounced
    return row


async def _events(
    db: AsyncConnection, organization: Organization, told: dict[str, Told], messages: _Messages
) -> int:
    """Opens, clicks and replies, stamped with what is now known of their messages."""
    rows = {**await _events_of(db, organization.id, messages.relabelled), **told}
    for row in rows.values():
        message = messages.now[row["message_id"]]
        row.update({name: message[name] for name in STAMPS}, message_created_at=message["created_at"])

    def merge(held: Row | None, news: Told) -> Row:
        stamps = {name: news[name] for name in ("message_created_at", *STAMPS)}
        return later(held and {**held, **stamps}, news)

    return await _rows(db, organization, MessageEvent.__table__, rows, merge, ENGAGEMENTS)


async def _events_of(db: AsyncConnection, organization_id: int, messages: list[str]) -> dict[str, Row]:
    if not messages:
        return {}
    table = MessageEvent.__table__
    found = await db.execute(
        mine(sa.select(table).where(among(table.c.message_id, db.dialect.name)), organization_id),
        {"keys": keys_parameter(messages, db.dialect.name)},
    )
    return {row["id"]: dict(row) for row in found.mappings()}


def _latest(held: Row | None, news: Told) -> Row:
    return later(held, news)


async def _rows(
    db: AsyncConnection,
    organization: Organization,
    table: Any,
    told: dict[str, Told],
    merge: Merge,
    fact: Fact | None = None,
) -> int:
    """Merge told rows into a table; the rows that changed are counted anew. Says how many did."""
    if not told:
        return 0
    held = await _held(db, organization.id, table, list(told))
    changed: list[Row] = []
    for key, news in told.items():
        before = held.get(key)
        row = merge(before, {**news, TENANT_KEY: organization.id})
        if row != before:
            changed.append(row)
    if fact is not None:
        old = [held[row["id"]] for row in changed if row["id"] in held]
        await _count(db, organization, fact, old, -1)
    await put(db, table, changed)
    if fact is not None:
        await _count(db, organization, fact, changed, +1)
    return len(changed)


async def _held(
    db: AsyncConnection, organization_id: int, table: sa.Table, keys: list[str]
) -> dict[str, Row]:
    select = sa.select(table).where(own(table, organization_id), among(table.c.id, db.dialect.name))
    found = await db.execute(select, {"keys": keys_parameter(keys, db.dialect.name)})
    return {row["id"]: dict(row) for row in found.mappings()}


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
