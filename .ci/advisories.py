"""Looks the pinned packages up at PyPI, which knows vulnerabilities too: for whoever cannot reach osv.dev.

It tells them of each release, or, where a mirror has pages of projects only, of the newest. What neither page
tells of is named, as not looked up. Exit codes: 0 nothing is known, 1 something is, 2 nothing was looked up.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

PYPI = os.environ.get("PYPI_URL", "https://pypi.org")
PINS = Path(__file__).parents[1] / "requirements.txt"
PINNED = re.compile(r"^([\w.-]+)==([\w.!+-]+)", re.MULTILINE)
WAITS_S = 20

Holes = list[str] | None  # None: nobody tells


def main() -> int:
    """Look all of them up, and say what came of it."""
    pins = PINNED.findall(PINS.read_text("utf-8"))
    with httpx2.Client(base_url=PYPI, timeout=WAITS_S) as client, ThreadPoolExecutor(8) as several:
        try:
            client.get("/simple/pip/")
        except httpx2.TransportError:
            return 2
        known = dict(zip(map(" ".join, pins), several.map(partial(holes, client), pins), strict=True))
    return reported(known)


def holes(client: httpx2.Client, pin: tuple[str, str]) -> Holes:
    """The ids of what is known to be wrong with a release."""
    name, version = pin
    for page in (f"/pypi/{name}/{version}/json", f"/pypi/{name}/json"):
        says = read(client, page)
        if says is not None and says["info"]["version"] == version:
            return [hole["id"] for hole in says["vulnerabilities"] if not hole.get("withdrawn")]
    return None


def read(client: httpx2.Client, page: str) -> dict[str, Any] | None:
    """What a page says, if it is there."""
    try:
        answer = client.get(page)
    except httpx2.TransportError:
        return None
    return answer.json() if answer.is_success else None


def reported(known: Mapping[str, Holes]) -> int:
    """Print it; the exit code."""
    bad = [f"{package}: {', '.join(found)}" for package, found in known.items() if found]
    missing = [package for package, found in known.items() if found is None]
    if len(missing) == len(known):
        return 2
    found = f"known vulnerabilities in {'; '.join(bad)}" if bad else "none with a known vulnerability"
    print(f"Audit at PyPI: {len(known) - len(missing)} packages, {found}.")
    if missing:
        print(f"Not looked up, since PyPI told nothing of them: {', '.join(missing)}.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
