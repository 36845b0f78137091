"""Ask the same questions of the gateway and of others over the same data, and print one table of ratios."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from benchmarks import machine, table
from benchmarks.exports import FORMATS, exports
from benchmarks.lite import on_sqlite
from benchmarks.postgres import Postgres, plain, postgres
from benchmarks.questions import QUESTIONS, Question
from benchmarks.reads import Reads
from benchmarks.results import GROWN, Row
from benchmarks.servers import (
    BARE,
    CORES,
    OURS,
    POSTGRAPHILE,
    POSTGRAPHILE_FOLDER,
    Server,
    commands,
    pinned,
    running,
)
from benchmarks.sqlite import in_sqlite
from benchmarks.starts import starts
from benchmarks.targets import met
from benchmarks.tiers import tiers
from benchmarks.world import World, world
from benchmarks.writes import writes
from gateway.process import settle

READS = tuple(question.name for question in QUESTIONS)
WORK = ("mixed", "ingest", "export", "tiers", "start")
RARE = ("formats",)  # minutes each, and only when named
KEPT = Path(tempfile.gettempdir()) / "heliograph-bench"
FUNCTIONS = POSTGRAPHILE_FOLDER / "functions.sql"


@dataclass(frozen=True)
class Wanted:
    """What is to be measured."""

    sizes: tuple[float, ...]
    questions: tuple[str, ...]
    rounds: int
    seconds: float
    records: int


def main() -> None:
    """Measure, print, and write into the README when asked to."""
    given = _arguments()
    settle()
    if sys.platform != "linux":
        sys.exit("The benchmarks count processor time as Linux tells it; this system does not.")
    wanted = Wanted(given.size, given.questions, given.rounds, given.seconds, given.records)
    load = machine.machine()
    with ExitStack() as stack:
        stack.enter_context(pinned(CORES[:-1] or CORES))
        folder = given.keep or Path(stack.enter_context(_scratch()))
        folder.mkdir(parents=True, exist_ok=True)
        server = stack.enter_context(postgres(folder, keep=given.keep is not None))
        measured = "\n\n".join(_told(load, server, wanted, folder))
    print(measured)
    if given.write:
        text = table.README.read_text(encoding="utf-8")
        table.README.write_text(table.written(text, measured), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    known = (*READS, *WORK, *RARE)
    parser.add_argument(
        "--size",
        type=lambda text: tuple(map(float, text.split(","))),
        default=(1.0,),
        help="how many million messages the large organization has, such as 1 or 1,10; 1 by default",
    )
    parser.add_argument(
        "--questions",
        type=lambda text: tuple(text.split(",")),
        default=(*READS, *WORK),
        help=f"which, separated by commas: {', '.join(known)}; all but {', '.join(RARE)} by default",
    )
    parser.add_argument("--rounds", type=int, default=3, help="of which the medians are told; 3 by default")
    parser.add_argument(
        "--seconds", type=float, default=1.0, help="of each question in a round; 1 by default"
    )
    parser.add_argument(
        "--records", type=int, default=20_000, help="to take in, in a round; 20,000 by default"
    )
    parser.add_argument(
        "--keep",
        type=Path,
        nargs="?",
        const=KEPT,
        help=f"keep the data in a folder for the next run; {KEPT} when none is named",
    )
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    given = parser.parse_args()
    if unknown := [name for name in given.questions if name not in known]:
        parser.error(f"there is no question {', '.join(unknown)}; there are {', '.join(known)}")
    return given


@contextmanager
def _scratch() -> Generator[str]:
    with tempfile.TemporaryDirectory(prefix="heliograph-bench-", ignore_cleanup_errors=True) as folder:
        yield folder


def _told(load: str, server: Postgres, wanted: Wanted, folder: Path) -> Iterator[str]:
    """What was measured as Markdown: where, then two tables for each size."""
    command = shlex.join(("make", "bench", *([f"ARGS={shlex.join(sys.argv[1:])}"] if sys.argv[1:] else [])))
    earlier: dict[str, Row] = {}
    tables: list[str] = []
    names: set[str] = set()
    for size in wanted.sizes:
        with _progress() as bars:
            made = asyncio.run(_world(server, size, folder, bars))
            with _peers(made, folder) as peers:
                names |= set(peers)
                rows = asyncio.run(_rows(made, server, peers, wanted, folder, bars))
        _beside(rows, earlier, wanted.sizes[0])
        title = f"**{made.rows:,} messages of the organization that is asked about**"
        tables += [title, table.ratios(rows), met(rows)]
        if details := [row for row in rows if row.samples]:
            tables += [
                "<details><summary>What the ratios are made of</summary>",
                table.details(details),
                "</details>",
            ]
        earlier = earlier or {row.about: row for row in rows}
    yield f"{machine.today()}; {load}. {machine.versions(server, POSTGRAPHILE in names)}. `{command}`"
    yield from tables


def _beside(rows: list[Row], earlier: dict[str, Row], size: float) -> None:
    """Say of the gateway's numbers how they compare with those of the first size."""
    for row in rows:
        before = earlier.get(row.about)
        if before is not None and OURS in before.samples and OURS in row.samples:
            row.more[GROWN] = times = row.values[OURS] / before.values[OURS]
            row.notes[OURS] = f"{table.figures(times)}× of size {size:g}"


async def _world(server: Postgres, size: float, folder: Path, bars: Progress) -> World:
    bar = bars.add_task("data", total=None)

    def tell(what: str, done: int, of: int) -> None:
        _say(bars, bar, f"data of size {size:g}: {what}")
        bars.update(bar, completed=done, total=of)

    made = await in_sqlite(await world(server, size, tell), folder, tell)
    bars.update(bar, description=f"data of size {size:g}", completed=1, total=1)
    db = await asyncpg.connect(plain(made.url))
    try:
        await db.execute(FUNCTIONS.read_text(encoding="utf-8"))
    finally:
        await db.close()
    return made


@contextmanager
def _peers(made: World, folder: Path) -> Generator[dict[str, Server]]:
    """Everybody who can be started, until the block ends."""
    with ExitStack() as stack:
        yield {
            command.name: stack.enter_context(running(command, folder / f"{command.name}.log"))
            for command in commands(made, folder)
        }


async def _rows(
    made: World, server: Postgres, peers: dict[str, Server], wanted: Wanted, folder: Path, bars: Progress
) -> list[Row]:
    """A row for each question that is wanted, in our order."""
    reads = Reads(made, server, peers, wanted.rounds, wanted.seconds)
    bar = bars.add_task("questions", total=len(wanted.questions))
    step = lambda text: _say(bars, bar, text)  # noqa: E731
    rows: list[Row] = []

    def add(*more: Row) -> None:
        rows.extend(more)
        bars.advance(bar)

    for question in QUESTIONS:
        if question.name in wanted.questions:
            add(await reads.row(question, step))
    by_name = {question.name: question for question in QUESTIONS if isinstance(question, Question)}
    if "mixed" in wanted.questions:
        add(await reads.mixed(by_name["b10k"], by_name["overview"], step))
    if "ingest" in wanted.questions:
        rows += await writes(made, server, peers, wanted.rounds, wanted.records, step)
        add(await on_sqlite(folder, wanted.rounds, wanted.records, step))
    for format in FORMATS:
        if ("export" if format == "csv" else "formats") in wanted.questions:
            rounds = wanted.rounds if format == "csv" else 1
            add(await exports(made, peers[BARE], folder, rounds, format, step))
    if "tiers" in wanted.questions:
        add(*await tiers(made, wanted.rounds))
    if "start" in wanted.questions:
        asks = by_name["overview"].asks(made)
        add(*await starts(commands(made, folder), asks, wanted.rounds, folder / "starts.log", step))
    return rows


def _say(bars: Progress, bar: TaskID, text: str) -> None:
    """What comes next, before the bar; a line of its own where bars cannot be drawn."""
    if not bars.console.is_terminal and bars.tasks[bar].description != text:
        bars.console.print(text)
    bars.update(bar, description=text)


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
    )


if __name__ == "__main__":
    main()
