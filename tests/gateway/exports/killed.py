"""A process that forks workers which are killed while they make exports, one worker at each step.

    python -m tests.gateway.exports.killed URL FOLDER

The first worker is left alone; the n-th of the others dies (SIGKILL) at the n-th step: before a statement
and after it, before a commit, before bytes are written and after, before a file is renamed and after. Each
takes the export that has waited longest. Prints how many steps there are.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import timedelta
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
from tests.house import NOW
from tests.resolvers.killed import die, forked, main

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


def worked(url: str, folder: str, act: Callable[[int], None]) -> int:
    """Let a worker make one export; how it ended."""

    def work() -> None:
        for module, name, small in ((copying, "WRITTEN_AT", 100), (selected, "AT_ONCE", 1)):
            setattr(module, name, small)  # many steps for few rows
        store = Store(url)
        at_every_step(store, act)
        exporter = Exporter(store, Folder(Path(folder)), lambda: NOW, Terms(LEASE))
        asyncio.run(main(store, exporter.make_one()))

    return forked(work)


def run(url: str, folder: str) -> int:
    """Kill a worker at each step; says how many there are."""
    read, write = os.pipe()

    def note(number: int) -> None:
        os.write(write, bytes([number]))

    if worked(url, folder, note):
        raise SystemExit("nobody was killed and yet the export was not made")
    steps = os.read(read, 255)[-1]
    for number in range(1, steps + 1):
        if (ended := worked(url, folder, die(number))) != -SIGKILL:
            raise SystemExit(f"the worker that should die at step {number} of {steps} ended with {ended}")
    return steps


if __name__ == "__main__":
    _, where, files = sys.argv
    sys.stdout.write(str(run(where, files)))
