"""The same world in an SQLite file: everything but the raw messages, which no question asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from benchmarks.world import World
from gateway.unit import run
from models import Message
from models.base import Base
from models.engine import Store
from models.upgrades import migrate

AT_ONCE = 10_000  # rows
LEFT_OUT = (Message.__tablename__,)

WHY = "a copy has everybody's numbers"
Tell = Callable[[str, int, int], None]  # what is being made, how much of it is there, of how much


async def in_sqlite(world: World, folder: Path, tell: Tell) -> World:
    """The world with its copy: made when the folder does not hold it yet."""
    file = folder / f"{sa.make_url(world.url).database}.db"
    if not file.exists():
        unfinished = file.with_suffix(".part")
        for rest in folder.glob(f"{unfinished.name}*"):
            rest.unlink()
        await copy(world.url, _url(unfinished), tell)
        unfinished.rename(file)
    return replace(world, sqlite_url=_url(file))


def _url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def copy(source_url: str, url: str, tell: Tell) -> None:
    """Every row but the raw messages into an empty store."""
    await migrate(url)
    source, target = Store(source_url, statement_timeout_s=600).of_everyone(WHY), Store(url)
    tables = [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]
    try:
        async with source.streaming() as db:
            for place, table in enumerate(tables):
                tell("copying into SQLite", place, len(tables))
                found = await db.stream(sa.select(table))
                insert = sa.insert(table).prefix_with("OR REPLACE")  # migrations have made some
                async for part in found.mappings().partitions(AT_ONCE):
                    rows = list(map(dict, part))
                    await run(target, lambda writer: writer.execute(insert, rows))  # noqa: B023
        tell("copying into SQLite", len(tables), len(tables))
    finally:
        await source.close()
        await target.close()
