"""What a store tells of itself: its server's version, its clock, whether its pages are sound."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Utc
from resolvers.scope import unscoped_for_worker

MOST_FAULTS = 10


async def server(db: AsyncConnection) -> str:
    """What answers, with its version: 'PostgreSQL 18.1', 'SQLite 3.50.4'."""
    if db.dialect.name == "sqlite":
        return f"SQLite {(await db.execute(sa.select(sa.func.sqlite_version()))).scalar_one()}"
    told = (await db.execute(sa.text("SELECT current_setting('server_version')"))).scalar_one()
    return f"PostgreSQL {told.split()[0]}"


async def clock(db: AsyncConnection) -> datetime | None:
    """What time it is for the store's server; None where that is this machine."""
    if db.dialect.name == "sqlite":
        return None
    return (await db.execute(sa.select(sa.func.clock_timestamp(type_=Utc())))).scalar_one()


async def faults(db: AsyncConnection) -> list[str]:
    """What SQLite finds wrong with its file, the first of it; PostgreSQL looks after its pages itself."""
    if db.dialect.name != "sqlite":
        return []
    look = unscoped_for_worker(sa.text(f"PRAGMA quick_check({MOST_FAULTS})"), "the file is everybody's")
    found = (await db.execute(look)).scalars().all()
    return [] if found == ["ok"] else [str(one) for one in found]
