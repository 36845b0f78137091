"""Export messages as CSV from PostgreSQL, in turn with a plain COPY … TO of the same columns, in one run."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from benchmarks.server import postgres
from gateway.exports.folder import Folder
from gateway.exports.runner import Exporter, Terms
from gateway.process import settle
from gateway.unit import run
from models import Organization, Watermark
from models.engine import Store, migrate
from models.records import OrganizationRecord
from resolvers.caller import METRICS_READ, Caller
from resolvers.exports.copying import compiled
from resolvers.exports.messages import MessagesParams, select
from resolvers.exports.requests import find_export, request_export
from resolvers.exports.source import Asking
from resolvers.organizations import enroll
from resolvers.periods import Window
from resolvers.question import Home

ROUNDS = 5
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
MIB = 1 << 20
# Most have been delivered, a third were read, some failed; a hundred thousand contacts, 500 campaigns.
ROWS = """
INSERT INTO messages (
    organization_id, id, announced, created_at, direction, channel, campaign_id, contact_id, sender_id,
    content_type, source, source_id, error_code, bounce_reason, segments, characters, credits, cost_micros,
    is_test, sent_at, delivered_at, read_at, failed_at, opened_at)
SELECT :organization_id, 'msg_' || md5(i::text), true, at, 'outbound',
    (ARRAY['sms', 'email', 'whatsapp'])[1 + i % 3],
    'cmp_' || i % 500, 'contact_' || i % 100000, '+1555010' || i % 100, 'text', 'campaign', '',
    CASE WHEN i % 20 = 0 THEN '30003' ELSE '' END, '', 1 + i % 3, 160, 1, 7900, false, at + interval '1.2 s',
    CASE WHEN i % 20 > 0 THEN at + interval '4 s' END, CASE WHEN i % 3 = 0 THEN at + interval '9 minutes' END,
    CASE WHEN i % 20 = 0 THEN at + interval '5 s' END, CASE WHEN i % 5 = 0 THEN at + interval '1 h' END
FROM (
    SELECT i, CAST(:start AS timestamptz) + i * interval '20 s' AS at FROM generate_series(1, :rows) AS i
) AS made
"""


@dataclass
class World:
    """A store with many messages of one organization, and what exports them."""

    store: Store
    organization: Organization
    exporter: Exporter
    folder: Path

    async def copied(self) -> int:
        """A plain COPY … TO of the same columns into a file; how many rows."""
        async with self.store.streaming() as db:
            asking = Asking(db, self.organization, Home("UTC", 0), END)
            text, values = compiled(select(asking, self._params))
            driver = (await db.get_raw_connection()).driver_connection
            assert driver is not None
            path = self.folder / "plain.csv"
            said = await driver.copy_from_query(text, *values, output=path, format="csv", header=True)
        return int(said.removeprefix("COPY "))

    async def exported(self, format: str = "csv") -> int:
        """An export from its claim to its completion; how many rows."""
        caller = Caller(self.organization, frozenset({METRICS_READ}), "bench")
        asked = await run(
            self.store, lambda db: request_export(db, caller, "messages", self._params, format, END)
        )
        await self.exporter.make_one()
        async with self.store.reading() as db:
            made = await find_export(db, self.organization.id, asked.id)
        assert made is not None and made.status == "completed", made and made.error
        self.size = made.bytes
        (self.folder / made.file).unlink()
        return made.rows

    size: int = 0

    @property
    def _params(self) -> MessagesParams:
        return MessagesParams(window=Window(START, END + timedelta(days=9 * 366)))


def main() -> None:
    """Run everything and print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many messages")
    wanted = parser.parse_args()
    settle()
    with (
        tempfile.TemporaryDirectory(prefix="heliograph-bench-", ignore_cleanup_errors=True) as folder,
        postgres(Path(folder)) as url,
    ):
        asyncio.run(_measured(url, Path(folder), wanted.rows))


async def _measured(url: str, folder: Path, rows: int) -> None:
    await migrate(url)
    store = Store(url)
    try:
        world = await _world(store, folder, rows)
        print("| what | rows | MB | seconds | rows/s | peak memory | ÷ COPY |")
        print("|---|---|---|---|---|---|---|")
        took: dict[str, list[tuple[float, int]]] = {"copy": [], "export": []}
        for _ in range(ROUNDS):  # in turn, so that a slow moment of the machine hits both
            took["copy"].append(await _timed(world.copied, rows))
            took["export"].append(await _timed(world.exported, rows))
        base, size = _median(took["copy"]), (folder / "plain.csv").stat().st_size
        _tell("`COPY … TO`, the same columns", rows, size, took["copy"], base)
        _tell("an export as CSV, all of it", rows, world.size, took["export"], base)
        for format in ("ndjson", "parquet", "xlsx"):
            once = [await _timed(lambda format=format: world.exported(format), rows)]
            _tell(f"an export as {format}", rows, world.size, once, base)
    finally:
        await store.close()


async def _world(store: Store, folder: Path, rows: int) -> World:
    record = OrganizationRecord(type="organization", id="bench", timezone="UTC")
    organization = (await run(store, lambda db: enroll(db, record, START))).organization

    async def fill(db: sa.ext.asyncio.AsyncConnection) -> None:
        values = {"organization_id": organization.id, "start": START, "rows": rows}
        await db.execute(sa.text(ROWS), values)
        await db.execute(sa.update(Watermark).values(as_of=END + timedelta(days=9 * 366)))

    await run(store, fill)
    async with store.writer.connect() as db:
        await (await db.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql("VACUUM ANALYZE")
    exporter = Exporter(store, Folder(folder), lambda: END, Terms())
    world = World(store, organization, exporter, folder)
    for job in (world.copied, world.exported):  # once, so that the rows are in memory and the code is too
        assert await job() == rows
    return world


async def _timed(job: Callable[[], Awaitable[int]], rows: int) -> tuple[float, int]:
    """Seconds, and by how many bytes the peak of the memory stood above where it began."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    before, start = _memory("VmRSS"), perf_counter()
    assert await job() == rows
    return perf_counter() - start, _memory("VmHWM") - before


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


def _median(took: list[tuple[float, int]]) -> float:
    return statistics.median(seconds for seconds, _ in took)


def _tell(what: str, rows: int, size: int, took: list[tuple[float, int]], base: float) -> None:
    seconds, memory = _median(took), max(memory for _, memory in took)
    print(
        f"| {what} | {rows:,} | {size / MIB:.0f} | {seconds:.1f} | {rows / seconds:,.0f} "
        f"| +{memory / MIB:.0f} MB | {seconds / base:.2f}× |",
        flush=True,
    )


if __name__ == "__main__":
    main()
