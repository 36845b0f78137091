"""A year by day from the rollup that the planner picks, and from the raw rows."""

from __future__ import annotations

import statistics
from datetime import timedelta
from time import perf_counter

from benchmarks.results import Row
from benchmarks.servers import OURS
from benchmarks.world import END, World
from models import MESSAGES, Tier
from models.engine import Store
from resolvers.periods import Granularity, Window, minute
from resolvers.plan import plan
from resolvers.question import Home, Question
from resolvers.statement import statement

ZONES = ("UTC", "Asia/Kolkata")  # the organization's own, which days are kept in, and another
RAW = "times the rollup that raw rows take"
MEASURES = ("logged", "delivered", "delivery_rate")


async def tiers(world: World, rounds: int) -> list[Row]:
    """A row for each zone; in turn, so that a slow moment of the machine hits both."""
    store = Store(world.url, statement_timeout_s=600)
    try:
        return [await _year(store, world, zone, rounds) for zone in ZONES]
    finally:
        await store.close()


async def _year(store: Store, world: World, zone: str, rounds: int) -> Row:
    window = Window(END - timedelta(days=365), END)
    question = Question(MESSAGES, world.organization, MEASURES, window, Granularity.DAY, zone)
    home = Home("UTC", minute(END))
    tier = plan(question, home)
    assert tier is not None
    took: dict[Tier | None, list[float]] = {tier: [], None: []}
    for _ in range(rounds):
        for source, each in took.items():
            each.append(await _asked(store, question, source, home))
    rollup, raw = (1000 * statistics.median(each) for each in took.values())
    about = f"SQL of a year by day in {zone}, `{tier.table.name}`"
    times = raw / rollup
    return Row(about, "ms", {OURS: rollup}, notes={OURS: f"raw rows {times:.0f}×"}, more={RAW: times})


async def _asked(store: Store, question: Question, tier: Tier | None, home: Home) -> float:
    start = perf_counter()
    async with store.reading() as db:
        (await db.execute(statement(question, tier, home))).all()
    return perf_counter() - start
