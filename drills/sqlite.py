"""What can happen to an SQLite file: locked by somebody else, on a full disk, damaged."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from benchmarks.load import request
from drills.client import Client
from drills.processes import Process
from drills.scene import Scene
from drills.verdict import INTERNAL

DISK = "16m"
PAGE = 4096


async def locked(scene: Scene) -> None:
    """Somebody else writes for seven seconds."""
    with closing(sqlite3.connect(path_of(scene), isolation_level=None)) as db, scene.fault():
        db.execute("BEGIN EXCLUSIVE")
        await asyncio.sleep(7)
        db.execute("ROLLBACK")


async def full(scene: Scene) -> None:
    """Nothing more fits for four seconds; what was acknowledged is there, and the file is sound."""
    with scene.fault(), _no_room(scene):
        await asyncio.sleep(4)
    with closing(sqlite3.connect(path_of(scene))) as db:
        [[said]] = db.execute("PRAGMA integrity_check").fetchall()
    scene.told["integrity_check"] = f"integrity_check: {said}"
    if said != "ok":
        scene.wrong.append(f"integrity_check says {said}")


@contextmanager
def _no_room(scene: Scene) -> Generator[None]:
    """The disk is full where the file is on a disk of its own, else no file may grow."""
    folder = path_of(scene).parent
    if os.path.ismount(folder):
        ballast = folder / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(PAGE))
        try:
            yield
        finally:
            ballast.unlink()
        return
    pid, largest = (
        scene.server.pid,
        max(path.stat().st_size for path in folder.glob(f"{path_of(scene).name}*")),
    )
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def small_disk(folder: Path) -> Generator[Path]:
    """A folder on a disk of its own that is soon full, where we may make one; else the folder itself."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ("mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", folder), capture_output=True, check=False
    )
    try:
        yield folder
    finally:
        if mounted.returncode == 0:
            subprocess.run(("umount", "-l", folder), capture_output=True, check=False)


async def damaged(scene: Scene) -> None:
    """A server is started on damaged copies of the file: it must not pretend, nor show what it met."""
    with scene.fault():
        for name, damage in DAMAGES.items():
            path = scene.folder / f"damaged-{name}.db"
            path.unlink(missing_ok=True)  # by an earlier run whose logs are kept
            with closing(sqlite3.connect(path_of(scene))) as db, closing(sqlite3.connect(path)) as copy:
                db.backup(copy)
            damage(path)
            await _tried(scene, name, path)


async def _tried(scene: Scene, name: str, path: Path) -> None:
    settings = {"DATABASE_URL": f"sqlite:///{path}", "EXPORT_FOLDER": str(scene.folder / "exports")}
    log = scene.folder / f"damaged-{name}.log"
    process = Process(("-m", "gateway.cli", "serve"), settings, log)
    process.start()
    try:
        code = await process.ended(8)
        scene.told[name] = f"{name}: exit {code}"
        if code == 0 or any(word.decode() in process.said for word in INTERNAL):
            scene.wrong.append(f"{name}: exit {code}, {process.said[-300:]}")
    except TimeoutError:
        client = Client(process.port)
        ready = await client.ask("ready", request("/readyz"))
        client.close()
        scene.told[name] = f"{name}: starts, not ready ({ready.status})"
        if ready.status != 503:
            scene.wrong.append(f"{name}: it starts, and says {ready.status} when asked whether it is ready")
    finally:
        await process.stopped()


def path_of(scene: Scene) -> Path:
    """Where the file is."""
    assert scene.store.url.database is not None
    return Path(scene.store.url.database)


def _no_database(path: Path) -> None:
    path.write_bytes(b"This is not a database. " * PAGE)


def _scrambled(path: Path) -> None:
    """All but the first page."""
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(bytes(range(256)) * ((path.stat().st_size - PAGE) // 256))


def _cut(path: Path) -> None:
    """Half of it is gone."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 // PAGE * PAGE)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "no database": _no_database,
    "scrambled": _scrambled,
    "cut in half": _cut,
}
