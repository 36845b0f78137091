"""Migrations, run by Alembic."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from models.engine import make_folder

MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(url: str, may_lose_history: bool = False, to: str = "head") -> None:
    """Bring the store to the newest schema, or `to` one; safe to call again. Raises HistoryWouldGo
    unless it may go."""
    make_folder(sa.make_url(url))
    config = alembic_config(url)
    config.attributes["may_lose_history"] = may_lose_history
    await asyncio.to_thread(command.upgrade, config, to)


def alembic_config(url: str) -> Config:
    """Alembic's settings for this store."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config
