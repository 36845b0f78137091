"""Which schema a store has, and which one the code is written for; told without loading Alembic."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from models.alive import engine_of

VERSIONS = Path(__file__).parent / "migrations" / "versions"
DIGITS = 4
FOUND = sa.text("SELECT version_num FROM alembic_version")


def known() -> set[str]:
    """All migrations: their files begin with their numbers."""
    return {file.name[:DIGITS] for file in VERSIONS.glob("[0-9]*.py")}


def newest() -> str:
    """The last migration."""
    return max(known())


async def is_current(url: str) -> bool:
    """Whether every migration has been applied."""
    return await revision_of(url) == newest()


async def revision_of(url: str) -> str | None:
    """The last migration that has been applied; None of an empty store."""
    where = sa.make_url(url)
    if where.get_backend_name() == "sqlite" and not Path(where.database or "").is_file():
        return None  # to look must not make one
    engine = engine_of(url, poolclass=NullPool)
    try:
        async with engine.connect() as db:
            return await db.run_sync(_revision)
    finally:
        await engine.dispose()


def _revision(db: sa.Connection) -> str | None:
    if not sa.inspect(db).has_table("alembic_version"):
        return None
    found = db.execute(FOUND).scalar_one_or_none()
    return None if found is None else str(found)
