"""kill -9 at every step of taking in and counting: whoever sends again ends with the same rows and numbers."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import sqlalchemy as sa

from models import FACTS, TIERS
from models.base import TENANT_KEY
from models.engine import Store
from resolvers.organizations import every
from tests.worlds import RAW, opened, waiting

Left = tuple[dict[str, set[Any]], dict[str, set[Any]]]  # raw rows and numbers, by table
FEWEST_STEPS = 100  # two batches and a refresh of six facts: a statement has two steps


async def survived(url: str, stride: int, how: str) -> tuple[Left, list[Left]]:
    """What a run that was never killed leaves, and what each of the killed ones does."""
    command = (sys.executable, "-m", "tests.resolvers.killed", url, str(stride), how)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    steps = int(said)
    assert steps > FEWEST_STEPS
    async with opened(url) as store:
        assert await waiting(store) == 0
        found = await left(store)
    names = [f"killed-{number}" for number in range(1 + len(range(1, steps + 1, stride)))]
    return found[names[0]], [found[name] for name in names[1:]]


async def left(store: Store) -> dict[str, Left]:
    """Every raw row and every number that counts anything, by table, of each organization."""
    found: dict[str, Left] = {}
    async with store.reading() as db:
        for organization in await every(db):
            found[organization.slug] = ({}, {})
        slugs = {organization.id: organization.slug for organization in await every(db)}
        for table in (*RAW, *(tier.table for fact in FACTS for tier in TIERS[fact])):
            keys = {column.name for column in table.primary_key}
            for row in (await db.execute(sa.select(table))).mappings():
                rest = {name: value for name, value in row.items() if name != TENANT_KEY}
                if table in RAW or any(value for name, value in rest.items() if name not in keys):
                    part = found[slugs[row[TENANT_KEY]]][table not in RAW]
                    part.setdefault(table.name, set()).add(tuple(rest.values()))
    return found


async def test_on_sqlite_a_kill_at_any_step_changes_nothing(sqlite_store_url: str) -> None:
    # Every other step is before a statement or a commit: after it is before the next.
    undisturbed, killed = await survived(sqlite_store_url, 2, "whole")

    assert [number for number, one in enumerate(killed, 1) if one != undisturbed] == []


async def test_on_postgresql_a_kill_at_any_step_changes_nothing(postgres_store_url: str) -> None:
    undisturbed, killed = await survived(postgres_store_url, 5, "whole")

    assert [number for number, one in enumerate(killed, 1) if one != undisturbed] == []


async def test_a_unit_that_commits_rows_and_differences_apart_is_noticed(sqlite_store_url: str) -> None:
    undisturbed, killed = await survived(sqlite_store_url, 6, "broken")

    assert any(one != undisturbed for one in killed)
    assert all(rows == undisturbed[0] for rows, _ in killed), "the rows alone would not have told"
