"""How Alembic reaches the store: the URL comes from the caller, never from a file."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.pool import NullPool

import models  # noqa: F401  (declares every table)
from models.alive import engine_of
from models.base import Base, Utc
from models.lock import EVERYONE, turn
from models.migrations.history import check


def _spell(kind: str, value: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own moment type by its name, not as what one store makes of it."""
    if kind == "type" and isinstance(value, Utc):
        autogen.imports.add("from models.base import Utc")
        return "Utc()"
    return False


def _run(connection: sa.Connection) -> None:
    check(connection, context.config)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=_spell,
    )
    with context.begin_transaction():
        turn(connection, EVERYONE)
        context.run_migrations()


async def _migrate() -> None:
    engine = engine_of(context.config.attributes["url"], poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_migrate())
