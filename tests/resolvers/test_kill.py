"""kill -9 at any step of taking in and counting: whoever sends again ends with the same rows and numbers.

Each run begins at a step of its own, so that all of them have their turn; KILL_EVERY=1 takes all at once.
"""

from __future__ import annotations

import asyncio
import os
import random
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


async def survived(url: str, stride: int, how: str, begin: int | None = None) -> tuple[Left, dict[int, Left]]:
    """What a run that was never killed leaves, and what each of the killed ones does, by the step."""
    stride = int(os.environ.get("KILL_EVERY", stride))
    begin = begin or random.randint(1, stride)
    command = (sys.executable, "-m", "tests.resolvers.killed", url, str(begin), str(stride), how)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    said, complained = await process.communicate()
    assert process.returncode == 0, f"begun at step {begin}: {complained.decode()}"
    steps = int(said)
    assert steps > FEWEST_STEPS
    async with opened(url) as store:
        assert await waiting(store) == 0
        found = await left(store)
    killed = enumerate(range(begin, steps + 1, stride), 1)
    return found["killed-0"], {step: found[f"killed-{number}"] for number, step in killed}


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
    undisturbed, killed = await survived(sqlite_store_url, 17, "whole")

    wrong = [step for step, one in killed.items() if one != undisturbed]
    assert wrong == [], f"it began at step {min(killed)}; KILL_EVERY=1 takes all"


async def test_on_postgresql_a_kill_at_any_step_changes_nothing(postgres_store_url: str) -> None:
    undisturbed, killed = await survived(postgres_store_url, 23, "whole")

    wrong = [step for step, one in killed.items() if one != undisturbed]
    assert wrong == [], f"it began at step {min(killed)}; KILL_EVERY=1 takes all"


async def test_a_unit_that_commits_rows_and_differences_apart_is_noticed(sqlite_store_url: str) -> None:
    # what it commits too early is wrong for five steps, then for seven it is not: not every beginning tells
    undisturbed, killed = await survived(sqlite_store_url, 13, "broken", begin=1)

    assert any(one != undisturbed for one in killed.values())
    assert all(rows == undisturbed[0] for rows, _ in killed.values()), "the rows alone would not have told"
