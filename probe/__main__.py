"""Try to reach another tenant's data in every way there is, on both stores: a table, and 1 if any did."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx2
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.process import settle
from probe import documents, other, rest
from probe.asking import Asker, Found, masked
from probe.site import STORES, Site, site
from probe.tenants import OTHER, OWN
from probe.tries import Ask, Try, whose
from schema.build import build

AT_ONCE = 16
SHOWN = 20  # leaks in full
SUBSCRIPTION = "subscription ($id: ID!) { exportUpdated(id: $id) { status } }"


def main() -> None:
    """Probe each store."""
    parser = argparse.ArgumentParser(prog="make probe ARGS=…", description=__doc__)
    parser.add_argument("--store", choices=STORES, help="one of them; both by default")
    parser.add_argument("--rounds", type=int, default=5_000, help="interleaved requests of both tenants")
    parser.add_argument("--every", type=int, default=1, help="only each so-manieth try; all by default")
    given = parser.parse_args()
    settle()
    leaks = 0
    for store in (given.store,) if given.store else STORES:
        with tempfile.TemporaryDirectory(prefix="heliograph-probe-", ignore_cleanup_errors=True) as folder:
            found = asyncio.run(probed(store, Path(folder), given.rounds, given.every))
        _print(store, found)
        leaks += len(found.leaks)
    sys.exit(1 if leaks else 0)


async def probed(store: str, folder: Path, rounds: int, every: int) -> Found:
    """Everything that was tried on one store."""
    found = Found()
    limits = httpx2.Limits(max_connections=AT_ONCE)
    with Progress(console=Console(stderr=True), transient=True) as bars:
        async with (
            site(store, folder) as here,
            httpx2.AsyncClient(base_url=here.urls[0], timeout=60, limits=limits) as client,
            httpx2.AsyncClient(base_url=here.urls[1], timeout=60, limits=limits) as second,
        ):
            own = Asker(client, whose(OWN, here.keys[OWN.marker]), OTHER, found)
            stranger = Asker(second, whose(OTHER, here.keys[OTHER.marker]), OWN, found)
            tries = [*rest.tries(), *documents.tries(build()._schema)][::every]
            tries += other.as_another()[::every]
            tries += [one async for one in other.handed_over(own, stranger)]
            task = bars.add_task(f"{store}: tries", total=len(tries))
            await _each(own, tries, lambda: bars.advance(task))
            await _tagged(own, stranger)
            await _heard(here, own, stranger)
            task = bars.add_task(f"{store}: rounds", total=rounds)
            await _interleaved(own, stranger, rounds, lambda: bars.advance(task))
    return found


async def _each(own: Asker, tries: list[Try], step: Callable[[], None]) -> None:
    waiting = iter(tries)

    async def work() -> None:
        for one in waiting:
            await own.check(one)
            step()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())


async def _tagged(own: Asker, stranger: Asker) -> None:
    """Another's ETags change nothing."""
    async for ask, is_taken in other.tags(own, stranger):
        own.found.tried["ETags"] += 1
        if is_taken:
            own.found.leak("ETags", "304 for another's", ask)


async def _heard(here: Site, own: Asker, stranger: Asker) -> None:
    """Another's export is told to nobody who listens."""
    export = (await stranger.data(other.EXPORT))["createExport"]["id"]
    nobodys = export[:-4] + "0000"
    url = here.urls[0].replace("http", "ws", 1)
    said = [
        masked(await other.heard(url, here.keys[OWN.marker], SUBSCRIPTION, {"id": id}), [id])
        for id in (export, nobodys)
    ]
    own.found.tried["WebSockets"] += 1
    own.found.requests += 2
    if said[0] != said[1] or OTHER.marker in said[0]:
        own.found.leak("WebSockets", f"{said[0]} but {said[1]}", Ask("WS", "/graphql", body=SUBSCRIPTION))


async def _interleaved(own: Asker, stranger: Asker, rounds: int, step: Callable[[], None]) -> None:
    """Both tenants at once ask the same of the same processes, and are answered as when it was quiet."""
    asks = {
        own: [other.EVERYTHING, *rest.everything_plain()],
        stranger: [other.EVERYTHING, *rest.everything_plain(OTHER)],
    }
    quiet = {
        (asker, ask): await asker.answer(asks[asker][ask])
        for asker in asks
        for ask in range(len(asks[asker]))
    }
    turns = iter(itertools.islice(itertools.cycle(quiet), rounds))

    async def work() -> None:
        for asker, number in turns:
            answer = await asker.answer(asks[asker][number])
            asker.found.tried["interleaved"] += 1
            asker.found.answered["interleaved"] += answer.status < 400
            if met := asker.foreign(answer):
                asker.found.leak("interleaved", f"another's {met!r}", asks[asker][number])
            elif answer.without(()) != quiet[asker, number].without(()):
                asker.found.leak("interleaved", "not as when it was quiet", asks[asker][number])
            step()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())


def _print(store: str, found: Found) -> None:
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table("tried", title=f"{store}: {found.requests:,} requests", title_justify="left", box=None)
    for name in ("tries", "answered with success", "leaks"):
        table.add_column(name, justify="right")
    for group, number in found.tried.items():
        leaks = sum(1 for one, *_ in found.leaks if one == group)
        table.add_row(group, f"{number:,}", f"{found.answered[group]:,}", f"{leaks:,}")
    console.print(table)
    for group, what, ask in found.leaks[:SHOWN]:
        console.print(f"LEAK in {group}: {what}: {ask}", soft_wrap=True, markup=False)


if __name__ == "__main__":
    main()
