"""Exports as their workers see them: claimed, held, finished, given back, thrown away.

Every change is one UPDATE that names what it expects to find: who comes too late changes nothing. The
name of a holder is made anew for each claim, so that nobody is taken for who held the export before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Export
from models.exports import COMPLETED, EXPIRED, FAILED, PENDING, PROCESSING
from resolvers.exports.requests import TABLE, export_of
from resolvers.scope import mine, unscoped_for_worker

MOST_ATTEMPTS = 3
LOOKED_AT = 10
PAUSE_AFTER_ERROR = timedelta(seconds=5)
GIVEN_UP = "The export could not be made; it was tried several times. Ask for it again."
_KEYS = sa.select(TABLE.c.organization_id, TABLE.c.id, TABLE.c.format)
WHY = "workers look for the exports of every organization"


class Key(NamedTuple):
    """Which export, and its format."""

    organization_id: int
    id: str
    format: str

    @classmethod
    def of(cls, export: Export) -> Key:
        """The key of an export."""
        return cls(export.organization_id, export.id, export.format)


@dataclass(frozen=True)
class Made:
    """The file that came of an export."""

    file: str
    rows: int
    bytes: int
    sha256: str


async def waiting(db: AsyncConnection, now: datetime) -> list[Key]:
    """The first exports that nobody works on, or whose worker has not been heard of, oldest first."""
    select = _KEYS.where(_waits(now), TABLE.c.attempts < MOST_ATTEMPTS)
    return await _keys(db, select.order_by(TABLE.c.created_at, TABLE.c.id))


async def exhausted(db: AsyncConnection, now: datetime) -> list[Key]:
    """The first exports whose last worker has not been heard of."""
    return await _keys(db, _KEYS.where(_waits(now), TABLE.c.attempts >= MOST_ATTEMPTS))


async def outdated(db: AsyncConnection, now: datetime) -> list[Key]:
    """The first exports whose file has been kept long enough."""
    return await _keys(db, _KEYS.where(TABLE.c.status == COMPLETED, TABLE.c.expires_at <= now))


async def unfinished(db: AsyncConnection) -> int:
    """How many exports wait or are being worked on, of all organizations."""
    select = sa.select(sa.func.count()).select_from(TABLE).where(TABLE.c.status.in_((PENDING, PROCESSING)))
    return (await db.execute(unscoped_for_worker(select, WHY))).scalar_one()


async def stuck(db: AsyncConnection, since: datetime) -> list[Key]:
    """The first exports that nobody has taken up, or whose worker has not been heard of, since then."""
    asked = sa.and_(TABLE.c.status == PENDING, TABLE.c.created_at < since)
    lost = sa.and_(TABLE.c.status == PROCESSING, TABLE.c.lease_until < since)
    return await _keys(db, _KEYS.where(sa.or_(asked, lost)).order_by(TABLE.c.created_at, TABLE.c.id))


async def claim(db: AsyncConnection, key: Key, holder: str, now: datetime, until: datetime) -> Export | None:
    """The export, if it still waits; from here on it is the holder's, until then."""
    values = {"status": PROCESSING, "holder": holder, "lease_until": until, "started_at": now, "rows": 0}
    taken = sa.update(Export).where(_waits(now), TABLE.c.attempts < MOST_ATTEMPTS)
    return await _changed(db, taken, key, {**values, "attempts": TABLE.c.attempts + 1})


async def extend(db: AsyncConnection, export: Export, until: datetime, rows: int) -> bool:
    """Hold it until then, and say how far it is; whether it is still the holder's."""
    return await _held(db, export, {"lease_until": until, "rows": rows})


async def complete(
    db: AsyncConnection, export: Export, made: Made, now: datetime, expires_at: datetime
) -> bool:
    """It is done; whether it was still the holder's."""
    values = {"status": COMPLETED, "completed_at": now, "expires_at": expires_at, **vars(made)}
    return await _held(db, export, {**values, "holder": "", "lease_until": None})


async def fail(db: AsyncConnection, export: Export, sentence: str, now: datetime) -> bool:
    """It will never be done, for this reason; whether it was still the holder's."""
    values = {"status": FAILED, "error": sentence, "completed_at": now}
    return await _held(db, export, {**values, "holder": "", "lease_until": None})


async def give_back(db: AsyncConnection, export: Export) -> bool:
    """Let it wait again as if it had never been claimed; whether it was still the holder's."""
    values = {"status": PENDING, "holder": "", "lease_until": None, "started_at": None, "rows": 0}
    return await _held(db, export, {**values, "attempts": TABLE.c.attempts - 1})


async def put_off(db: AsyncConnection, export: Export, now: datetime) -> bool:
    """Let somebody try it again in a while; whether it was still the holder's."""
    return await _held(db, export, {"holder": "", "lease_until": now + PAUSE_AFTER_ERROR})


async def give_up(db: AsyncConnection, key: Key, now: datetime) -> Export | None:
    """The export that nobody could make, now failed; None when somebody has been heard of."""
    lost = sa.update(Export).where(_waits(now), TABLE.c.attempts >= MOST_ATTEMPTS)
    values = {"status": FAILED, "error": GIVEN_UP, "completed_at": now, "holder": "", "lease_until": None}
    return await _changed(db, lost, key, values)


async def expire(db: AsyncConnection, key: Key, now: datetime) -> Export | None:
    """The export whose file is gone, now expired."""
    old = sa.update(Export).where(TABLE.c.status == COMPLETED, TABLE.c.expires_at <= now)
    return await _changed(db, old, key, {"status": EXPIRED})


def _waits(now: datetime) -> sa.ColumnElement[bool]:
    lost = sa.and_(TABLE.c.status == PROCESSING, TABLE.c.lease_until <= now)
    return sa.or_(TABLE.c.status == PENDING, lost)


async def _keys(db: AsyncConnection, select: sa.Select[*tuple[Any, ...]]) -> list[Key]:
    rows = await db.execute(unscoped_for_worker(select.limit(LOOKED_AT), WHY))
    return [Key(*row) for row in rows]


async def _changed(db: AsyncConnection, update: sa.Update, key: Key, values: dict[str, Any]) -> Export | None:
    update = mine(update.where(TABLE.c.id == key.id), key.organization_id).values(values)
    row = (await db.execute(update.returning(*TABLE.c))).mappings().one_or_none()
    return None if row is None else export_of(row)


async def _held(db: AsyncConnection, export: Export, values: dict[str, Any]) -> bool:
    """Change an export that is still its holder's; whether it was."""
    held = sa.update(Export).where(TABLE.c.status == PROCESSING, TABLE.c.holder == export.holder)
    return await _changed(db, held, Key.of(export), values) is not None
