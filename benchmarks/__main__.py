"""Take simulated records in on both stores and ask for a year by day: rollup against raw rows, in one run."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from benchmarks.server import postgres
from gateway.app import wire
from gateway.cli.data import load
from gateway.process import settle
from gateway.settings import Settings
from gateway.simulate import Plan, lines
from gateway.sources import Source
from models import MESSAGES, Clock, Tier
from models.engine import Store, migrate
from models.tenants import OURS
from resolvers.organizations import find
from resolvers.periods import Granularity, Window, minute
from resolvers.plan import plan
from resolvers.question import Home, Question
from resolvers.statement import statement

ROUNDS = 7
SLUG = "penguin"
END = datetime(2026, 11, 1, tzinfo=UTC)


def main() -> None:
    """Run everything and print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="about how many records")
    wanted = parser.parse_args()
    settle()
    with tempfile.TemporaryDirectory(prefix="heliograph-bench-", ignore_cleanup_errors=True) as folder:
        records = Path(folder) / "records.ndjson"
        print(f"Simulating about {wanted.events:,} records over 400 days …", flush=True)
        with records.open("wb") as file:
            file.writelines(lines(Plan(END - timedelta(days=400), END, events=wanted.events)))
        rows = [_measure("SQLite", f"sqlite+aiosqlite:///{folder}/bench.db", records)]
        with postgres(Path(folder)) as url:
            rows.append(_measure("PostgreSQL", url, records))
    print("\n| store | records | records/s | question | tier | rollup, ms | raw rows, ms | raw ÷ rollup |")
    print("|---|---|---|---|---|---|---|---|")
    for store in rows:
        print("\n".join(store))


def _measure(name: str, url: str, records: Path) -> list[str]:
    return asyncio.run(_measured(name, url, records))


async def _measured(name: str, url: str, records: Path) -> list[str]:
    await migrate(url)
    gateway = await wire(Settings(database_url=url, statement_timeout_seconds=600))
    try:
        start = perf_counter()
        report = await load(gateway, [Source(str(records))], None, batch=20_000)
        rate = report.accepted / (perf_counter() - start)
        head = f"| {name} | {report.accepted:,} | {rate:,.0f}"
        return [
            f"{head} | {await _year(gateway.store, zone)} |" for zone in ("Europe/Madrid", "Asia/Kolkata")
        ]
    finally:
        await gateway.store.close()


async def _year(store: Store, zone: str) -> str:
    """A year of daily deliveries in a zone, from the tier that the planner picks and from the raw rows."""
    async with store.reading() as db:
        organization = await find(db, OURS, SLUG)
    assert organization is not None
    question = Question(
        MESSAGES,
        organization.id,
        ("logged", "delivered", "delivery_rate"),
        Window(END - timedelta(days=365), END),
        Granularity.DAY,
        zone,
        clock=Clock.CREATED,
    )
    home = Home(organization.timezone, minute(END))
    tier = plan(question, home)
    assert tier is not None
    took: dict[str, list[float]] = {"rollup": [], "raw": []}
    for _ in range(ROUNDS):  # in turn, so that a slow moment of the machine hits both
        took["rollup"].append(await _asked(store, question, tier, home))
        took["raw"].append(await _asked(store, question, None, home))
    rollup, raw = (1000 * statistics.median(took[kind]) for kind in ("rollup", "raw"))
    return f"a year by day in {zone} | `{tier.table.name}` | {rollup:.1f} | {raw:.1f} | {raw / rollup:.0f}×"


async def _asked(store: Store, question: Question, tier: Tier | None, home: Home) -> float:
    start = perf_counter()
    async with store.reading() as db:
        (await db.execute(statement(question, tier, home))).all()
    return perf_counter() - start


if __name__ == "__main__":
    main()
