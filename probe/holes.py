"""Does the probe see a hole where there is one? Each is cut into a copy of the sources, which is probed."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from probe.site import STORES

HERE = Path(__file__).parent.parent
FLOORS = ("benchmarks", "gateway", "models", "probe", "resolvers", "schema")
BRIEF = ("--every", "100000", "--rounds", "40", "--seed", "1")


@dataclass(frozen=True)
class Hole:
    """What is put for what in a file; `locked` when PostgreSQL's policies let nothing through it."""

    name: str
    file: str
    changes: tuple[tuple[str, str], ...]
    is_locked: bool = False
    also: tuple[str, ...] = ()

    def cut(self, sources: Path) -> None:
        """Into these sources. Raises ValueError when they no longer say what it replaces."""
        path = sources / self.file
        text = path.read_text()
        for ours, theirs in self.changes:
            if text.count(ours) != 1:
                raise ValueError(f"{self.file} does not hold {ours!r} once: tell {self.name!r} anew")
            text = text.replace(ours, theirs)
        path.write_text(text)


HOLES = (
    Hole(
        "campaigns by id are anybody's",
        "resolvers/campaigns.py",
        (
            (
                "mine(sa.select(Campaign.__table__).where(Campaign.id.in_(ids)), organization_id)",
                "sa.select(Campaign.__table__).where(Campaign.id.in_(ids))",
            ),
        ),
        is_locked=True,
        also=("--match", "query { campaign(id"),
    ),
    Hole(
        "exports are anybody's",
        "resolvers/exports/requests.py",
        (
            (
                "mine(sa.select(TABLE).where(TABLE.c.id == export_id), organization_id)",
                "sa.select(TABLE).where(TABLE.c.id == export_id)",
            ),
        ),
        is_locked=True,
    ),
    Hole(
        "lists hold everybody's campaigns",
        "resolvers/campaigns.py",
        (("return mine(select, whose).where(", "return select.where("),),
        is_locked=True,
    ),
    Hole(
        "kept answers are anybody's",
        "gateway/kept.py",
        (
            ("Asked(*caller.rights, ", "Asked(0, *caller.rights[1:], "),
            ("knowledge.at_hand(asked.organization_id)", "knowledge.at_hand(1)"),
            ("self._door.knowledge, asked.organization_id", "self._door.knowledge, 1"),
        ),
        also=("--rounds", "300"),
    ),
    Hole(
        "links need no signature",
        "resolvers/links.py",
        (("is_signed = hmac", "is_signed = True or hmac"),),
    ),
    Hole(
        "every key is the same caller",
        "gateway/auth.py",
        (("name = blake2b(key.encode(), key=self._salt).digest()", 'name = b""'),),
    ),
)


def main() -> None:
    """Cut and probe each; 1 if one that is open was not seen, or one that is locked was."""
    parser = argparse.ArgumentParser(prog="python -m probe.holes", description=__doc__)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--hole", default="", help="only those whose name holds this text")
    given = parser.parse_args()
    console, is_well = Console(soft_wrap=True), True
    for hole in HOLES:
        if given.hole in hole.name:
            expected = not (hole.is_locked and given.store == "postgres")
            leaks, told = probed(hole, given.store)
            is_well = is_well and bool(leaks) is expected
            said = f"seen by {', '.join(sorted({*leaks}))}" if leaks else "nothing seen"
            note = "" if bool(leaks) is expected else ", WRONG"
            console.print(f"{given.store}: {hole.name}: {said}{note}")
            if note:
                console.print(told, markup=False)
    sys.exit(0 if is_well else 1)


def probed(hole: Hole, store: str) -> tuple[list[str], str]:
    """The group of each leak that is shown of a copy with the hole, and all that the probe said.

    Raises RuntimeError when it could not finish.
    """
    with tempfile.TemporaryDirectory(prefix="heliograph-hole-") as folder:
        for floor in FLOORS:
            shutil.copytree(HERE / floor, Path(folder) / floor, ignore=shutil.ignore_patterns("__pycache__"))
        hole.cut(Path(folder))
        words = (sys.executable, "-m", "probe", "--store", store, *BRIEF, *hole.also)
        environment = {**os.environ, "PYTHONPATH": folder}
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if " requests" not in done.stdout:
        raise RuntimeError(f"the probe did not finish: {done.stderr[-2000:]}")
    return re.findall("LEAK in ([^:]+):", done.stdout), done.stdout


if __name__ == "__main__":
    main()
