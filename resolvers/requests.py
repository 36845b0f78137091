"""Requests of the last minute, one row for each organization and limit."""

from __future__ import annotations

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from models import RequestLog
from resolvers.scope import mine


async def counted(db: AsyncConnection, organization_id: int, name: str) -> list[float]:
    """When the requests were made, oldest first, as Unix time; the row is held until the end of the
    transaction."""
    insert = (sqlite if db.dialect.name == "sqlite" else postgresql).insert(RequestLog)
    first = insert.values(organization_id=organization_id, name=name, moments="[]")
    await db.execute(first.on_conflict_do_nothing())
    select = mine(sa.select(RequestLog.moments).where(RequestLog.name == name), organization_id)
    return list(orjson.loads((await db.execute(select.with_for_update())).scalar_one()))


async def note(db: AsyncConnection, organization_id: int, name: str, moments: list[float]) -> None:
    """Keep these moments."""
    kept = sa.update(RequestLog).where(RequestLog.name == name).values(moments=orjson.dumps(moments).decode())
    await db.execute(mine(kept, organization_id))
