"""kill -9 at every step of taking in and counting: whoever sends again ends with the same rows and numbers."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from models.engine import Store
from models.tenants import OURS
from resolvers.organizations import find
from tests.worlds import held, opened, tiers, waiting

FEWEST_STEPS = 100  # two batches and a refresh of three facts: a statement has two steps


async def survived(url: str, stride: int, how: str) -> tuple[Any, list[Any]]:
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
        found = [await left(store, number) for number in range(1 + len(range(1, steps + 1, stride)))]
    return found[0], found[1:]


async def left(store: Store, number: int) -> Any:
    """Every raw row and every number of one of the organizations."""
    async with store.reading() as db:
        organization = await find(db, OURS, f"killed-{number}")
    assert organization is not None
    return await held(store, organization), await tiers(store, organization)


async def test_on_sqlite_a_kill_at_any_step_changes_nothing(sqlite_store_url: str) -> None:
    undisturbed, killed = await survived(sqlite_store_url, 1, "whole")

    assert [number for number, one in enumerate(killed, 1) if one != undisturbed] == []


async def test_on_postgresql_a_kill_at_any_step_changes_nothing(postgres_store_url: str) -> None:
    undisturbed, killed = await survived(postgres_store_url, 3, "whole")

    assert [number for number, one in enumerate(killed, 1) if one != undisturbed] == []


async def test_a_unit_that_commits_rows_and_differences_apart_is_noticed(sqlite_store_url: str) -> None:
    undisturbed, killed = await survived(sqlite_store_url, 6, "broken")

    assert any(one != undisturbed for one in killed)
    assert all(rows == undisturbed[0] for rows, _ in killed), "the rows alone would not have told"
