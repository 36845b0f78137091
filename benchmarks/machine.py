"""Where and with what it was measured."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.postgres import Postgres
from benchmarks.servers import POSTGRAPHILE_FOLDER

PACKAGES = ("strawberry-graphql", "starlette", "uvicorn", "SQLAlchemy", "asyncpg", "orjson")
GIB = 1 << 30


def machine() -> str:
    """The processor, the memory, the system, and how busy it was with other things."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    name = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return (
        f"{os.cpu_count()} cores ({model.strip()}), {pages / GIB:.0f} GiB, {name}; "
        f"load {os.getloadavg()[0]:.1f} before it began"
    )


def versions(server: Postgres, with_postgraphile: bool) -> str:
    """Of everything that answered."""
    found = [f"Python {platform.python_version()}", postgres_version(server)]
    found += [f"{name} {version(name)}" for name in PACKAGES]
    if with_postgraphile:
        wanted = json.loads((POSTGRAPHILE_FOLDER / "package.json").read_text(encoding="utf-8"))
        found.append(f"PostGraphile {wanted['dependencies']['postgraphile']}")
    return ", ".join(found)


def postgres_version(server: Postgres) -> str:
    """PostgreSQL 18.1, as its programs say it; PostgreSQL when it runs elsewhere."""
    if server.programs is None:
        return "PostgreSQL"
    said = subprocess.run(
        (server.programs / "postgres", "--version"), capture_output=True, text=True, check=True
    )
    return f"PostgreSQL {said.stdout.split()[2]}"


def today() -> str:
    """The date, and which commit was measured."""
    said = subprocess.run(
        ("git", "describe", "--always", "--dirty"),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return f"{datetime.now(UTC):%Y-%m-%d}" + (
        f", commit {said.stdout.strip()}" if said.returncode == 0 else ""
    )
