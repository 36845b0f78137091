"""Try to reach another tenant's data in every way there is, on both stores: a table, and 1 if any did."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path

import httpx2
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.process import settle
from probe import documents, other, rest
from probe.answer import masked
from probe.asking import Asker, Found
from probe.both import interleaved
from probe.site import STORES, Site, site
from probe.tenants import OTHER, OWN
from probe.tries import GROUPS, Ask, Try, whose
from schema.build import build

AT_ONCE = 16
SHOWN = 20  # leaks in full
MOST_BUSY = 0.03  # of the requests may find a gateway busy: a 503 says nothing of tenants
SUBSCRIPTION = "subscription ($id: ID!) { exportUpdated(id: $id) { status } }"


def main() -> None:
    """Probe each store."""
    parser = argparse.ArgumentParser(prog="make probe ARGS=…", description=__doc__)
    parser.add_argument("--store", choices=STORES, help="one of them; both by default")
    parser.add_argument("--rounds", type=int, default=5_000, help="interleaved requests of both tenants")
    parser.add_argument(
        "--every", type=int, default=1, help="only each so-manieth try of a kind; all by default"
    )
    parser.add_argument("--match", default="", help="only tries whose request holds this text")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="of the rounds' order")
    given = parser.parse_args()
    settle()
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(f"--seed {given.seed}")
    is_well = True
    for store in (given.store,) if given.store else STORES:
        with tempfile.TemporaryDirectory(prefix="heliograph-probe-", ignore_cleanup_errors=True) as folder:
            found = asyncio.run(probed(store, Path(folder), given))
        _print(console, store, found)
        if unproven := found.unproven([*found.tried] if given.match else GROUPS):
            console.print(
                f"Nothing is shown of {', '.join(unproven)}: nobody was answered with success there."
            )
        if is_crowded := found.busy > MOST_BUSY * found.requests:
            console.print(f"More than {MOST_BUSY:.0%} of the requests found the gateways busy: try again.")
        is_well = is_well and not found.leaks and not unproven and not is_crowded
    sys.exit(0 if is_well else 1)


async def probed(store: str, folder: Path, given: argparse.Namespace) -> Found:
    """Everything that was tried on one store."""
    found = Found()
    limits = httpx2.Limits(max_connections=AT_ONCE)
    with Progress(console=Console(stderr=True), transient=True) as bars:
        async with (
            site(store, folder) as here,
            httpx2.AsyncClient(base_url=here.urls[0], timeout=60, limits=limits) as client,
            httpx2.AsyncClient(base_url=here.urls[1], timeout=60, limits=limits) as second,
        ):
            both = (client, second)
            own = Asker(both, whose(OWN, here.keys[OWN.marker]), OTHER, found)
            stranger = Asker(both, whose(OTHER, here.keys[OTHER.marker]), OWN, found)
            every_kind = (*rest.tries(), *documents.tries(build()._schema), *other.as_another())
            tries = list(
                _some((one for one in every_kind if given.match in one.foreign.about()), given.every)
            )
            tries += [one async for one in other.handed_over(own, stranger)]
            for group, ask in rest.owned():
                await own.own(group, ask)
            task = bars.add_task(f"{store}: tries", total=len(tries))
            await _each(own, stranger, tries, lambda: bars.advance(task))
            await _tagged(own, stranger)
            await _heard(here, own, stranger)
            task = bars.add_task(f"{store}: rounds", total=given.rounds)
            await interleaved(own, stranger, given.rounds, given.seed, AT_ONCE, lambda: bars.advance(task))
    return found


def _some(tries: Iterable[Try], every: int) -> Iterator[Try]:
    """Each so-manieth of a group, its first always."""
    places: defaultdict[str, Iterator[int]] = defaultdict(count)
    return (one for one in tries if next(places[one.group]) % every == 0)


async def _each(own: Asker, owner: Asker, tries: list[Try], step: Callable[[], None]) -> None:
    waiting = iter(tries)

    async def work() -> None:
        for one in waiting:
            await own.check(one, owner)
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
    """Another's export is told to nobody who listens, but to its owner."""
    export = (await stranger.data(other.EXPORT))["createExport"]["id"]
    nobodys = export[:-4] + "0000"
    url = here.urls[0].replace("http", "ws", 1)
    key, owners = here.keys[OWN.marker], here.keys[OTHER.marker]
    said = [masked(await other.heard(url, key, SUBSCRIPTION, {"id": id}), [id]) for id in (export, nobodys)]
    told = await other.heard(url, owners, SUBSCRIPTION, {"id": export})
    own.found.tried["WebSockets"] += 1
    own.found.owned["WebSockets"] += '"status"' in told
    own.found.requests += 3
    if said[0] != said[1] or OTHER.marker in said[0]:
        own.found.leak("WebSockets", f"{said[0]} but {said[1]}", Ask("WS", "/graphql", body=SUBSCRIPTION))


def _print(console: Console, store: str, found: Found) -> None:
    title = f"{store}: {found.requests:,} requests, {found.busy:,} asked again of a busy gateway"
    table = Table("tried", title=title, title_justify="left", box=None)
    for name in ("tries", "answered with success", "own with success", "leaks"):
        table.add_column(name, justify="right")
    for group, number in found.tried.items():
        leaks = sum(1 for one, *_ in found.leaks if one == group)
        table.add_row(
            group, f"{number:,}", f"{found.answered[group]:,}", f"{found.owned[group]:,}", f"{leaks:,}"
        )
    console.print(table)
    for group, what, ask in found.leaks[:SHOWN]:
        console.print(f"LEAK in {group}: {what}: {ask}", soft_wrap=True, markup=False)


if __name__ == "__main__":
    main()
