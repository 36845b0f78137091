"""How long it takes from nothing to the first answer, and how much memory it then holds."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.load import asked
from benchmarks.questions import Ask
from benchmarks.results import Row
from benchmarks.servers import Command, free_port, started
from benchmarks.usage import memory

MIB = 1 << 20
GIVES_UP_AFTER_S = 60


async def starts(
    commands: list[Command], asks: dict[str, Ask], rounds: int, log: Path, step: Callable[[str], None]
) -> Row:
    """Spawn each in turn, and ask until it answers for the first time."""
    row, took = Row("cold start to the first answer", "s"), {command.name: [] for command in commands}
    for number in range(1, rounds + 1):
        for command in commands:
            step(f"cold start, round {number}: {command.name}")
            seconds, held = await first_answer(command, asks[command.name].request, log)
            took[command.name].append(seconds)
            row.notes[command.name] = f"{held / MIB:.0f} MB"
    row.values = {name: statistics.median(each) for name, each in took.items()}
    return row


async def first_answer(command: Command, request: bytes, log: Path) -> tuple[float, int]:
    """Seconds to the first answer, and bytes held then."""
    port = free_port()
    with log.open("ab") as file:
        start = time.perf_counter()
        process = started(command, port, file.fileno())
        try:
            while True:
                try:
                    await asked(port, request)
                    return time.perf_counter() - start, memory("VmRSS", process.pid)
                except (OSError, EOFError):  # nobody listens yet, or hangs up
                    ended = process.poll() is not None or time.perf_counter() - start > GIVES_UP_AFTER_S
                    if ended:
                        raise RuntimeError(f"{command.name} did not start; see {log}") from None
                    await asyncio.sleep(0.002)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)
