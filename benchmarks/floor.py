"""The floor: pgbench runs the bare handler's SQL, with nobody in between."""

from __future__ import annotations

import re
import subprocess
import time
from datetime import datetime
from math import ceil
from tempfile import NamedTemporaryFile
from typing import Any

from benchmarks.postgres import Postgres, plain
from benchmarks.questions import Statement
from benchmarks.results import Sample

ENDS_WITHIN_S = 0.3  # a connection's process; while it goes, its time is nobody's
DONE = re.compile(r"transactions actually processed: (\d+)")
RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
LATENCY = re.compile(r"^latency average = ([\d.]+)", re.MULTILINE)


def floor(
    server: Postgres, url: str, statements: tuple[Statement, ...], connections: int, seconds: float
) -> Sample:
    """PostgreSQL's own processor time for a question, prepared statements, from as many connections."""
    assert server.programs is not None
    script = "".join(f"{written(statement)};\n" for statement in statements)
    with NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        options = ("-n", "-M", "prepared", "-c", str(connections), "-j", "1", "-T", str(ceil(seconds)))
        command = (str(server.programs / "pgbench"), *options, "-f", file.name, plain(url))
        before = server.cpu_s() or 0
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        time.sleep(ENDS_WITHIN_S)
        used = (server.cpu_s() or 0) - before
    count, rate, latency = (float(_found(pattern, said)) for pattern in (DONE, RATE, LATENCY))
    return Sample(0, 1000 * used / count, rate, latency)


def written(statement: Statement) -> str:
    """The statement with its values in place of $1, $2, …"""
    return re.sub(r"\$(\d+)", lambda place: literal(statement.values[int(place[1]) - 1]), statement.text)


def literal(value: Any) -> str:
    """A value as SQL. Ours only: ids, numbers and moments of the world that was made here."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"ARRAY[{', '.join(map(literal, value))}]"
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return "'" + text.replace("'", "''") + "'"


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise RuntimeError(f"pgbench said: {text}")
    return found[1]
