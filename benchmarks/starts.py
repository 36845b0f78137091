"""How long it takes from nothing to the first answer, and how much memory it then holds."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import asked
from benchmarks.questions import Ask
from benchmarks.results import HELD, Row
from benchmarks.servers import BARE, ON_SQLITE, Command, started
from benchmarks.table import figures
from benchmarks.usage import cpu_s, memory
from tests.ports import free_port

MIB = 1 << 20
GIVES_UP_AFTER_S = 60


@dataclass(frozen=True)
class Start:
    """Seconds to the first answer, on the clock and of the processor, and bytes held then."""

    seconds: float
    cpu_s: float
    held: int


async def starts(
    commands: list[Command], asks: dict[str, Ask], rounds: int, log: Path, step: Callable[[str], None]
) -> list[Row]:
    """Spawn each in turn, and ask until it answers for the first time."""
    found: dict[str, list[Start]] = {command.name: [] for command in commands}
    for number in range(1, rounds + 1):
        for command in commands:
            step(f"cold start, round {number}: {command.name}")
            found[command.name].append(await first_answer(command, asks[command.name].request, log))
    clock, cpu = Row("cold start to the first answer", "s"), Row("processor time of a cold start", "s")
    for name, each in found.items():
        clock.values[name] = seconds = statistics.median(start.seconds for start in each)
        cpu.values[name] = statistics.median(start.cpu_s for start in each)
        held = statistics.median(start.held for start in each) / MIB
        clock.notes[name] = f"{held:.0f} MB" if name == BARE else f"{figures(seconds)} s, {held:.0f} MB"
        if name == ON_SQLITE:
            clock.more[HELD] = held
    return [clock, cpu]


async def first_answer(command: Command, request: bytes, log: Path) -> Start:
    """What it took to start one."""
    port = free_port()
    with log.open("ab") as file:
        start = time.perf_counter()
        process = started(command, port, file.fileno())
        try:
            while True:
                try:
                    await asked(port, request)
                    seconds = time.perf_counter() - start
                    return Start(seconds, cpu_s(process.pid), memory("VmRSS", process.pid))
                except (OSError, EOFError):  # nobody listens yet, or hangs up
                    ended = process.poll() is not None or time.perf_counter() - start > GIVES_UP_AFTER_S
                    if ended:
                        raise RuntimeError(f"{command.name} did not start; see {log}") from None
                    await asyncio.sleep(0.002)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)
