"""Records in over HTTP to a gateway on SQLite, and the same rows by the driver alone."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.peers.rows import INTO, row_of
from benchmarks.results import SHARE, Row
from benchmarks.servers import OURS, gateway, running
from benchmarks.usage import cpu_s
from benchmarks.world import WRITER, World, enrolled
from benchmarks.writes import batches, requests, sent, timed
from models.base import micros
from models.engine import SQLITE_PRAGMAS, Store
from models.upgrades import migrate

MICRO = 1_000_000
INSERT = (
    f"INSERT INTO messages ({', '.join(INTO)}) VALUES ({', '.join('?' * len(INTO))}) ON CONFLICT DO NOTHING"
)


async def on_sqlite(folder: Path, rounds: int, rows: int, step: Callable[[str], None]) -> Row:
    """The processor time of the gateway for a new message, beside what executemany takes."""
    made, bare = await _file(folder / "ingest.db"), await _file(folder / "driver.db")
    ours, theirs, wall = [], [], []
    with running(gateway(OURS, made.url, folder), folder / "sqlite.log") as server:
        for number in range(1, rounds + 1):
            step(f"ingest on SQLite, round {number}: {OURS}")
            bodies = requests(made, OURS, batches(f"lite-{number}", rows))
            before = cpu_s(server.pid)
            took = await timed(sent(server.port, bodies))
            ours.append((cpu_s(server.pid) - before) / rows)
            step(f"ingest on SQLite, round {number}: driver")
            ready = [
                [_plain(row_of(bare.writer, one)) for one in each] for each in batches(f"{number}", rows)
            ]
            before, start = cpu_s(), perf_counter()
            _insert(folder / "driver.db", ready)
            theirs.append((cpu_s() - before) / rows)
            wall.append((perf_counter() - start) / took)
    value, least = (MICRO * statistics.median(each) for each in (ours, theirs))
    clock = f"by the clock {statistics.median(wall):.2f}"
    note = f"executemany {least:.1f} µs: the gateway reaches {least / value:.2f} of it, {clock}"
    about = "ingest on SQLite in batches of 1,000: CPU a message"
    return Row(about, "µs", {OURS: value}, notes={OURS: note}, more={SHARE: least / value})


async def _file(path: Path) -> World:
    """A new, migrated file, with who writes into it."""
    for name in ("", "-wal", "-shm"):
        Path(f"{path}{name}").unlink(missing_ok=True)
    url = f"sqlite+aiosqlite:///{path.resolve()}"
    await migrate(url)
    store = Store(url)
    try:
        writer = (await enrolled(store, WRITER)).id
    finally:
        await store.close()
    return World(url=url, organization=writer, writer=writer, size=0)


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row as SQLite keeps it: moments in microseconds."""
    return tuple(micros(value) if hasattr(value, "tzinfo") else value for value in row)


def _insert(path: Path, ready: list[list[tuple[Any, ...]]]) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in SQLITE_PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        for rows in ready:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(INSERT, rows)
            db.execute("COMMIT")
    finally:
        db.close()
