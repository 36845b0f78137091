"""What the operating system says a process has used, or waited for: processor time and memory. Linux only."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int | str = "self", with_ended: bool = False) -> float:
    """Seconds of processor time of all threads of a process; with those of its children that have ended."""
    fields = _stat(pid)
    return sum(int(ticks) for ticks in fields[11 : 15 if with_ended else 13]) * TICK_S


def queued_s(pid: int | str = "self") -> float:
    """Seconds for which threads of a process could have run and others had the processor; sleep is none."""
    waited = 0
    for thread in (PROC / str(pid) / "task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            waited += int((thread / "schedstat").read_text(encoding="ascii").split()[1])
    return waited / 1e9


def family_cpu_s(pid: int) -> float:
    """The same of a process and of the children it has or had: PostgreSQL is one for each connection."""
    children = (int(found.name) for found in PROC.iterdir() if found.name.isdigit())
    total = cpu_s(pid, with_ended=True)
    for child in children:
        try:
            total += cpu_s(child) if int(_stat(child)[1]) == pid else 0
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return total


def memory(name: str, pid: int | str = "self") -> int:
    """Bytes of memory: VmRSS is what it holds, VmHWM the most it has held."""
    lines = (PROC / str(pid) / "status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024


def forget_peak(pid: int | str = "self") -> None:
    """Let the most it has held begin anew."""
    (PROC / str(pid) / "clear_refs").write_text("5", encoding="ascii")


def _stat(pid: int | str) -> list[str]:
    """The fields after the name, which may hold anything, spaces too."""
    return (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
