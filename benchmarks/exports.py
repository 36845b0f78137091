"""A million messages into a file: an export from its claim to its completion, and a plain COPY … TO.

Run in a process of its own, whose memory is measured: `python -m benchmarks.exports` prints one JSON object.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import orjson

from benchmarks.load import Line, request
from benchmarks.questions import stamp
from benchmarks.results import HELD, POSTGRESQL, Row
from benchmarks.servers import BARE, CORES, OURS, Server, pinned
from benchmarks.usage import forget_peak, memory
from benchmarks.world import DAYS, END, KEEP, SLUG, World
from gateway.exports.folder import Folder
from gateway.exports.runner import Exporter, Terms
from gateway.logs import configure
from gateway.process import settle
from gateway.unit import run
from models.engine import Store
from models.tenants import OURS as REALM
from resolvers.caller import METRICS_READ, Caller
from resolvers.exports.copying import compiled
from resolvers.exports.messages import MessagesParams, select
from resolvers.exports.requests import find_export, request_export
from resolvers.exports.source import Asking
from resolvers.organizations import find
from resolvers.periods import Window
from resolvers.question import Home

ROWS, MIB = 1_000_000, 1 << 20
COPIED = "copy"
FORMATS = ("csv", "ndjson", "parquet", "xlsx")


@dataclass(frozen=True)
class Task:
    """What the process of its own is to do."""

    url: str
    folder: str
    start: str
    rounds: int
    format: str


@dataclass(frozen=True)
class Took:
    """Seconds, and by how many bytes the peak of the memory stood above where it began; medians."""

    rows: int
    seconds: float
    memory: int


async def exports(
    world: World, bare: Server, folder: Path, rounds: int, format: str, step: Callable[[str], None]
) -> Row:
    """The gateway's export, a COPY, and for CSV the bare handler's COPY over HTTP."""
    start = END - timedelta(days=DAYS) * min(ROWS / world.rows, 1)
    task = Task(world.url, str(folder), stamp(start), rounds, format)
    step(f"export as {format}")
    with pinned(CORES[-1:]):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.exports"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
    told, _ = await process.communicate(orjson.dumps(asdict(task)))
    if process.returncode:
        raise RuntimeError("the export failed; see above")
    found = {name: Took(**took) for name, took in orjson.loads(told).items()}
    if format == "csv":
        step(f"export as {format}: {BARE}")
        found[BARE] = await _downloaded(world, bare, start, rounds)
    columns = {OURS: found[format], POSTGRESQL: found[COPIED], BARE: found.get(BARE)}
    row = Row(f"export of {found[format].rows:,} messages as {format}", "s")
    for column, took in columns.items():
        if took is not None:
            row.values[column] = took.seconds
            row.notes[column] = f"+{took.memory / MIB:.0f} MB"
    row.more[HELD] = found[format].memory / MIB
    return row


async def _downloaded(world: World, bare: Server, start: datetime, rounds: int) -> Took:
    """The bare handler's file, read and dropped."""
    path = f"/export?organization={world.organization}&start={stamp(start)}&end={stamp(END)}"

    async def download() -> int:
        line = await Line.open(bare.port)
        try:
            return sum([part.count(b"\n") async for part in line.parts(request(path))]) - 1
        finally:
            line.close()

    return _middle([await timed(download, bare.pid) for _ in range(rounds)])


async def timed(job: Callable[[], Awaitable[int]], pid: int | str = "self") -> Took:
    """What a job that tells its rows takes of a process."""
    forget_peak(pid)
    before, start = memory("VmRSS", pid), perf_counter()
    rows = await job()
    return Took(rows, perf_counter() - start, memory("VmHWM", pid) - before)


def _middle(all_of_them: list[Took]) -> Took:
    seconds = statistics.median(took.seconds for took in all_of_them)
    return Took(all_of_them[0].rows, seconds, max(took.memory for took in all_of_them))


async def _work(task: Task) -> dict[str, Took]:
    """Both in turn, so that a slow moment of the machine hits both."""
    store, folder = Store(task.url), Path(task.folder)
    params = MessagesParams(window=Window(datetime.fromisoformat(task.start), END))
    async with store.reading() as db:
        organization = await find(db, REALM, SLUG)
    assert organization is not None
    now = END + timedelta(days=1)
    exporter = Exporter(store, Folder(folder), lambda: now, Terms())
    caller = Caller(organization, frozenset({METRICS_READ}), "bench")

    async def copied() -> int:
        async with store.streaming() as db:
            asking = Asking(db, organization, Home("UTC", KEEP.minutes_from(now)), END)
            text, values = compiled(select(asking, params))
            driver = (await db.get_raw_connection()).driver_connection
            assert driver is not None
            path = folder / "plain.csv"
            said = await driver.copy_from_query(text, *values, output=path, format="csv", header=True)
        path.unlink()
        return int(said.removeprefix("COPY "))

    async def exported() -> int:
        asked = await run(store, lambda db: request_export(db, caller, "messages", params, task.format, now))
        await exporter.make_one()
        async with store.reading() as db:
            made = await find_export(db, organization.id, asked.id)
        if made is None or made.status != "completed":
            raise RuntimeError(f"the export did not complete: {made and made.error}")
        (folder / made.file).unlink()
        return made.rows

    jobs: dict[str, Callable[[], Awaitable[int]]] = {COPIED: copied, task.format: exported}
    found: dict[str, list[Took]] = {name: [] for name in jobs}
    try:
        for number in range(task.rounds + 1):
            for name, job in jobs.items():
                took = await timed(job)
                if number:  # the first only brings the rows and the code into memory
                    found[name].append(took)
    finally:
        await store.close()
    return {name: _middle(each) for name, each in found.items()}


if __name__ == "__main__":
    settle()
    configure("warning")  # no line about each export between us and who reads this
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(_work(Task(**orjson.loads(sys.stdin.buffer.read()))))))
