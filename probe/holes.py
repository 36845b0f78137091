"""Is a hole seen where there is one? Each is cut into a copy of the sources, which is probed or tested."""

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
FLOORS = ("benchmarks", "gateway", "models", "probe", "resolvers", "schema", "tests")
BRIEF = ("--every", "100000", "--rounds", "40", "--seed", "1")


@dataclass(frozen=True)
class Hole:
    """What is put for what in a file; `is_locked` when PostgreSQL's policies let nothing through it; `test`,
    of PostgreSQL's lock, when no request shows it, since every statement says itself whose it is."""

    name: str
    file: str
    changes: tuple[tuple[str, str], ...]
    is_locked: bool = False
    also: tuple[str, ...] = ()
    test: str = ""

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
    Hole(
        "campaigns are loaded for all requests at once",
        "resolvers/loaders.py",
        (
            (
                "from strawberry.dataloader import DataLoader\n",
                "from strawberry.dataloader import DataLoader, DefaultCache\n\nALL: Any = DefaultCache()\n",
            ),
            ("DataLoader(self._campaigns)", "DataLoader(self._campaigns, cache_map=ALL)"),
        ),
        also=("--match", "query { campaign(id"),
    ),
    Hole(
        "a read leaves its organization on the connection",
        "models/lock.py",
        (("${taken + 1}, true)", "${taken + 1}, false)"),),
        test="tests/models/test_lock.py",
    ),
    Hole(
        "a write leaves its organization on the connection",
        "models/lock.py",
        (('f"SET LOCAL {SETTING}', 'f"SET {SETTING}'),),
        test="tests/models/test_lock.py",
    ),
)


def main() -> None:
    """Cut each and look; 1 if one that is open was not seen, or one that is locked was."""
    parser = argparse.ArgumentParser(prog="python -m probe.holes", description=__doc__)
    parser.add_argument("--store", choices=STORES, help="one of them; both by default")
    parser.add_argument("--hole", default="", help="only those whose name holds this text")
    given = parser.parse_args()
    console, is_well = Console(soft_wrap=True), True
    for hole in (one for one in HOLES if given.hole in one.name):
        for store in (given.store,) if given.store else STORES:
            if hole.test and store != "postgres":
                continue
            expected = not (hole.is_locked and store == "postgres")
            seen, told = cut_into(hole, store)
            is_right = bool(seen) is expected
            is_well = is_well and is_right
            by = f"seen by {', '.join(sorted({*seen}))}" if seen else "nothing seen"
            console.print(f"{store}: {hole.name}: {by}{'' if is_right else ', WRONG'}")
            if not is_right:
                console.print(told, markup=False)
    sys.exit(0 if is_well else 1)


def cut_into(hole: Hole, store: str) -> tuple[list[str], str]:
    """What sees the hole in a copy, and all that was said. Raises RuntimeError when nothing was found out."""
    with tempfile.TemporaryDirectory(prefix="heliograph-hole-") as folder:
        for floor in FLOORS:
            shutil.copytree(HERE / floor, Path(folder) / floor, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(HERE / "pyproject.toml", folder)
        hole.cut(Path(folder))
        done = _tested(hole, folder) if hole.test else _probed(hole, store, folder)
    pattern = r"FAILED \S+::(\w+)" if hole.test else "LEAK in ([^:]+):"
    if not re.search(r" (passed|failed|requests)", done.stdout):
        raise RuntimeError(f"nothing was found out: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return re.findall(pattern, done.stdout), done.stdout


def _probed(hole: Hole, store: str, folder: str) -> subprocess.CompletedProcess[str]:
    return _run(folder, "probe", "--store", store, *BRIEF, *hole.also)


def _tested(hole: Hole, folder: str) -> subprocess.CompletedProcess[str]:
    return _run(folder, "pytest", "-p", "no:cacheprovider", hole.test)


def _run(folder: str, module: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": folder}
    return subprocess.run(
        (sys.executable, "-m", module, *words),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    main()
