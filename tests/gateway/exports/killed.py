"""A process that forks workers which are killed while they make exports, each at a step of its own.

    python -m tests.gateway.exports.killed URL FOLDER FIRST STRIDE

It makes one export itself, so that the workers find the statements compiled. The first worker is left alone;
each of the others dies (SIGKILL) at its step, from FIRST on each STRIDE-th: before a statement and after it,
before a commit, before bytes are written and after, before a file is renamed and after. Each takes the
export that has waited longest. Prints how many steps there are.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import count
from pathlib import Path
from signal import SIGKILL
from typing import Any

import sqlalchemy as sa

from gateway.exports.folder import Folder
from gateway.exports.runner import Exporter, Terms
from gateway.exports.writing import Written
from models.engine import Store
from resolvers.exports import copying, selected
from tests.resolvers.killed import die, forked, main

NOW = datetime(2026, 5, 6, tzinfo=UTC)  # that of tests.house, which would load a whole gateway
LEASE = timedelta(seconds=30)


def at_every_step(store: Store, act: Callable[[int], None]) -> None:
    """Call with the number of each step."""
    numbers = count(1)

    def step(*_: Any) -> None:
        act(next(numbers))

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        sa.event.listen(store.writer.sync_engine, name, step)
    for kind, name in ((Written, "write"), (Folder, "publish")):
        setattr(kind, name, between_steps(getattr(kind, name), step))


def between_steps(work: Callable[..., Any], step: Callable[[], None]) -> Callable[..., Any]:
    """The work, with a step before it and one after."""

    @wraps(work)
    def stepped(*given: Any) -> Any:
        step()
        done = work(*given)
        step()
        return done

    return stepped


def run(url: str, folder: str, begin: int, stride: int) -> int:
    """Kill a worker at each `stride`-th step; says how many steps there are."""
    for module, name, small in ((copying, "WRITTEN_AT", 100), (selected, "AT_ONCE", 1)):
        setattr(module, name, small)  # many steps for few rows
    store = Store(url)

    def work() -> None:
        exporter = Exporter(store, Folder(Path(folder)), lambda: NOW, Terms(LEASE))
        asyncio.run(main(store, exporter.make_one()))

    work()
    steps = counted_steps(store, work)
    for number in range(begin, steps + 1, stride):

        def killed(number: int = number) -> None:
            at_every_step(store, die(number))
            work()

        if (ended := forked(killed)) != -SIGKILL:
            raise SystemExit(f"the worker that should die at step {number} of {steps} ended with {ended}")
    return steps


def counted_steps(store: Store, work: Callable[[], None]) -> int:
    """How many steps there are when nobody is killed."""
    read, write = os.pipe()

    def counting() -> None:
        seen: list[int] = []
        at_every_step(store, seen.append)
        work()
        os.write(write, str(len(seen)).encode())

    if forked(counting):
        raise SystemExit("nobody was killed and yet the export was not made")
    return int(os.read(read, 20))


if __name__ == "__main__":
    _, where, files, first, every = sys.argv
    sys.stdout.write(str(run(where, files, int(first), int(every))))
