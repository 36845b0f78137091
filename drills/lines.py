"""What can happen to the lines between the gateway and PostgreSQL, while both are well."""

from __future__ import annotations

import asyncio
from datetime import datetime
from time import monotonic

import sqlalchemy as sa

from drills.cable import Cable
from drills.line import Line
from drills.processes import STARTS_WITHIN_S
from drills.scene import Scene
from drills.truth import NUMBERS
from gateway.worker import LONGEST_PAUSE_S
from models import RefreshLock
from models.alive import ENDED_WITHIN_S

DEAD_S = 8.0


async def dead(scene: Scene) -> None:
    """Nothing comes through for a while, though the systems at both ends say that they are there."""
    assert isinstance(scene.way, Line)
    with scene.fault(), scene.way.dead():
        await asyncio.sleep(DEAD_S)


async def other_machine(scene: Scene) -> None:
    """PostgreSQL's machine is gone while the worker waits for an answer; another one takes its address."""
    assert isinstance(scene.way, Cable)
    async with scene.postgres.connection("drilled") as db:
        await db.execute(f"BEGIN; LOCK TABLE {NUMBERS} IN ACCESS EXCLUSIVE MODE")
        await asyncio.sleep(1.5)
        with scene.fault():
            await scene.way.cut()
            await asyncio.sleep(2)
            await db.execute("ROLLBACK")
            await scene.way.change()
    await _counts_again(scene)


async def _counts_again(scene: Scene) -> None:
    """Wait for the worker, whose statements have no time limit: its line must have been found dead."""
    before = await _counted_to(scene)
    while await _counted_to(scene) == before and monotonic() - scene.over < STARTS_WITHIN_S:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    took = monotonic() - scene.over
    scene.told["worker"] = f"counts again after {took:.1f} s"
    if took > ENDED_WITHIN_S + LONGEST_PAUSE_S:
        scene.wrong.append(f"the worker waited for {took:.1f} s")


async def _counted_to(scene: Scene) -> datetime:
    async with scene.store.reading() as db:
        return (await db.execute(sa.select(RefreshLock.counted_to))).scalar_one()
