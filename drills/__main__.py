"""Break things around a gateway at work, and see whether anything is lost, hangs, or does not come back."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
import tempfile
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from time import monotonic

from rich.console import Console

from drills import table
from drills.cable import NotHere
from drills.catalogue import DRILLS, POSTGRES, Drill
from drills.cluster import Cluster, cluster
from drills.scene import played
from drills.sqlite import small_disk
from drills.verdict import Verdict, judged
from models.upgrades import migrate

WARM_S = 2.5


def main() -> None:
    """Run the drills that are wanted, print the table; exit code 1 when anything did not hold."""
    given = _arguments()
    if given.list:
        print("\n".join(f"{drill.name:<16} {drill.store:<11} {drill.about}" for drill in DRILLS))
        return
    wanted = [drill for drill in DRILLS if drill.name in given.only]
    console = Console(stderr=True)
    with ExitStack() as stack:
        folder = given.logs or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="heliograph-drill-"))
        )
        folder.mkdir(parents=True, exist_ok=True)
        needs = any(drill.store == POSTGRES for drill in wanted)
        server = stack.enter_context(cluster(folder)) if needs else None
        begun = monotonic()
        verdicts = asyncio.run(run(wanted, server, folder, console))
        took = monotonic() - begun
    print(table.told(verdicts))
    print(f"\n{len(verdicts)} drills in {took:.0f} s")
    if given.write:
        table.write(
            verdicts, took, shlex.join(("make", "drill", *(["ARGS=…"] if len(wanted) < len(DRILLS) else [])))
        )
    sys.exit(any(verdict.wrong for verdict in verdicts))


def _arguments() -> argparse.Namespace:
    names = [drill.name for drill in DRILLS]
    parser = argparse.ArgumentParser(prog="make drill ARGS=…", description=__doc__)
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=names,
        help="which drills, separated by commas; all by default",
    )
    parser.add_argument("--list", action="store_true", help="say what each drill does, and run none")
    parser.add_argument("--logs", type=Path, help="a folder to keep what the processes have logged")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    given = parser.parse_args()
    if unknown := [name for name in given.only if name not in names]:
        parser.error(f"there is no drill {', '.join(unknown)}; see --list")
    return given


async def run(drills: list[Drill], server: Cluster | None, folder: Path, console: Console) -> list[Verdict]:
    """Play one after the other, and say how each went as soon as it is over."""
    if server is not None:
        await server.prepare()
        await migrate(server.url)
    verdicts = []
    for number, drill in enumerate(drills, 1):
        console.print(f"[dim]{number:>2}/{len(drills)}[/] {drill.name}: {drill.about} …", highlight=False)
        verdicts.append(verdict := await one(drill, server, folder))
        for name, text in verdict.told.items():
            console.print(f"      {name}: {text}", highlight=False, markup=False)
        for wrong in verdict.wrong:
            console.print(f"      [red]wrong:[/] {wrong}", highlight=False)
        if not verdict.wrong:
            console.print(f"      [green]{table.short(verdict)}[/]", highlight=False)
    return verdicts


async def one(drill: Drill, server: Cluster | None, folder: Path, warm_s: float = WARM_S) -> Verdict:
    """Play one drill."""
    verdict, begun = Verdict(drill.name, drill.about), monotonic()
    if drill.store == POSTGRES:
        assert server is not None
        if drill.needs_ours and not server.is_ours:
            verdict.skipped = "needs a PostgreSQL of its own, without TEST_POSTGRES_URL"
            return verdict
        url, where = server.url, server
    else:
        url, where = f"sqlite+aiosqlite:///{folder}/{drill.name}/data/store.db", None
    try:
        async with AsyncExitStack() as stack:
            if where is None:
                stack.enter_context(small_disk(folder / drill.name / "data"))
                await migrate(url)
            way = await stack.enter_async_context(drill.way(url)) if drill.way else None
            reached = way.url if way else url
            scene = await stack.enter_async_context(
                played(drill.name, reached, folder / drill.name, drill.cast, where, warm_s)
            )
            scene.way = way
            await drill.act(scene)
            await scene.until_recovered()
            await scene.until_looked()
            await judged(scene, verdict, drill.allowed)
    except* NotHere as lacking:
        verdict.skipped = str(lacking.exceptions[0])
    except* Exception as broke:  # noqa: BLE001  a drill that breaks is told, and the others go on
        for error in broke.exceptions:
            verdict.wrong.append(f"the drill broke: {type(error).__name__}: {error}")
    verdict.seconds = monotonic() - begun
    return verdict


if __name__ == "__main__":
    main()
