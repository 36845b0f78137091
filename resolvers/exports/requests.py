"""Exports as their organization sees them: asked for, found again, listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Export
from models.base import TENANT_KEY
from models.errors import TooManyExports
from models.exports import PENDING, UNFINISHED
from resolvers.caller import Caller
from resolvers.exports.registry import SOURCES
from resolvers.exports.source import Params
from resolvers.formats import FORMATS
from resolvers.keys import random_letters
from resolvers.scope import mine
from resolvers.watermarks import progress

MOST_UNFINISHED = 20
BRAND = "exp_"
_ID_LETTERS = 22  # 130 bits
TABLE = Export.__table__


@dataclass(frozen=True)
class Page:
    """Some exports, and whether more follow."""

    rows: list[Export]
    has_more: bool


async def request_export(
    db: AsyncConnection, caller: Caller, kind: str, params: Params, format: str, now: datetime
) -> Export:
    """A new export that waits for a worker.

    Raises FormatNotAvailable, TooManyExports and what its source refuses.
    """
    source = SOURCES[kind]
    FORMATS[format].check()
    await source.check(db, caller, params)
    await _check_number(db, caller)
    marks = (await progress(db, caller.organization.id)).marks
    row = {
        TENANT_KEY: caller.organization.id,
        "id": BRAND + random_letters(_ID_LETTERS),
        "kind": kind,
        "format": format,
        "params": params.model_dump_json(),
        "requested_by": caller.key_prefix,
        "status": PENDING,
        "as_of": marks[source.fact.mark].as_of,
        "created_at": now,
        "attempts": 0,
        **dict.fromkeys(("rows", "bytes"), 0),
        **dict.fromkeys(("sha256", "file", "error", "holder"), ""),
        **dict.fromkeys(("started_at", "completed_at", "expires_at", "lease_until")),
    }
    await db.execute(sa.insert(Export).values(row))
    return Export(**row)


async def _check_number(db: AsyncConnection, caller: Caller) -> None:
    waiting = sa.select(sa.func.count()).select_from(TABLE).where(TABLE.c.status.in_(UNFINISHED))
    found = (await db.execute(mine(waiting, caller.organization.id))).scalar_one()
    if found >= MOST_UNFINISHED:
        raise TooManyExports(
            f"{found} exports of yours are not finished yet, and {MOST_UNFINISHED} may be; "
            "wait for some of them.",
            max_unfinished=MOST_UNFINISHED,
        )


async def find_export(db: AsyncConnection, organization_id: int, export_id: str) -> Export | None:
    """The export of this id; None for a stranger."""
    select = mine(sa.select(TABLE).where(TABLE.c.id == export_id), organization_id)
    row = (await db.execute(select)).mappings().one_or_none()
    return None if row is None else export_of(row)


async def export_page(
    db: AsyncConnection,
    organization_id: int,
    statuses: Sequence[str],
    first: int,
    after: tuple[datetime, str] | None,
) -> Page:
    """`first` exports in one of these states (any, when none is named), newest first, after a place."""
    place = (TABLE.c.created_at, TABLE.c.id)
    select = mine(sa.select(TABLE), organization_id)
    if statuses:
        select = select.where(TABLE.c.status.in_(statuses))
    if after is not None:
        then = sa.tuple_(sa.literal(after[0], TABLE.c.created_at.type), after[1])
        select = select.where(sa.tuple_(*place) < then)
    select = select.order_by(*(column.desc() for column in place)).limit(first + 1)
    rows = [export_of(row) for row in (await db.execute(select)).mappings()]
    return Page(rows[:first], len(rows) > first)


def export_of(row: Any) -> Export:
    """A row of the table as an object."""
    return Export(**row)
