"""Whoever answers: each in a process of its own, pinned to one core, over the same database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.postgres import plain
from benchmarks.world import World
from gateway.settings import Settings
from tests.conformance.node import install, node
from tests.ports import free_port

OURS, BARE, STOCK, POSTGRAPHILE = "heliograph", "bare", "strawberry", "postgraphile"
ON_SQLITE = "heliograph-sqlite"
POSTGRAPHILE_FOLDER = Path(__file__).with_name("peers") / "postgraphile"
STARTS_WITHIN_S = 60
# the last is the server's, the rest is for who asks it and for PostgreSQL
CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []


@dataclass(frozen=True)
class Command:
    """How a server is started; `ready` is a path that it answers as soon as it can answer anything."""

    name: str
    words: tuple[str, ...]
    environment: dict[str, str]
    ready: bytes
    folder: Path = Path(__file__).parents[1]


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    name: str
    pid: int
    port: int


def commands(world: World, folder: Path) -> list[Command]:
    """All that can be started here: PostGraphile only where npm can install it, else stderr says why."""
    peers = {
        "PEER_URL": plain(world.url),
        "PEER_SQLALCHEMY_URL": world.url,
        "PEER_ORGANIZATION": str(world.organization),
    }
    uvicorn = (
        sys.executable,
        "-m",
        "uvicorn",
        "--no-access-log",
        "--log-level",
        "warning",
        "--port",
        "{port}",
    )
    found = [
        Command(BARE, (*uvicorn, "benchmarks.peers.bare:app"), peers, b"/"),
        gateway(OURS, world.gateway_url, folder),
        Command(STOCK, (*uvicorn, "benchmarks.peers.stock:app"), peers, b"/"),
    ]
    if world.sqlite_url:
        found.append(gateway(ON_SQLITE, world.sqlite_url, folder))
    if (program := postgraphile()) is not None:
        production = {**peers, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
        found.append(Command(POSTGRAPHILE, (program, "server.mjs"), production, b"/", POSTGRAPHILE_FOLDER))
    return found


def gateway(name: str, url: str, folder: Path) -> Command:
    """The gateway as its operators start it beside a worker."""
    settings = {
        "DATABASE_URL": url,
        "EXPORT_FOLDER": str(folder / "exports"),
        "EMBEDDED_WORKER": "false",
        "RATE_LIMITS": "false",
        "LOG_LEVEL": "warning",
    }
    return Command(name, (sys.executable, "-m", "gateway.cli", "serve"), settings, b"/healthz")


def postgraphile() -> str | None:
    """The Node that runs it, with everything installed."""
    try:
        complaints = install(POSTGRAPHILE_FOLDER)
        program = node()
    except (LookupError, OSError, subprocess.CalledProcessError) as error:
        complaints = str(error)
    if complaints:
        print(f"PostGraphile is left out: {complaints.splitlines()[-1]}", file=sys.stderr)
        return None
    return program


@contextmanager
def running(command: Command, log: Path) -> Generator[Server]:
    """A server that answers, until it is told to stop."""
    port = free_port()
    with log.open("ab") as file:
        process = started(command, port, file.fileno())
        try:
            wait_for(process, command, port, log)
            yield Server(command.name, process.pid, port)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def started(command: Command, port: int, log: int) -> subprocess.Popen[bytes]:
    """Its process, on the server's core from its first moment: threads stay where they were made."""
    left_out = {*Settings.model_fields, "pythondontwritebytecode"}  # an installation is compiled once
    ours = {name: value for name, value in os.environ.items() if name.lower() not in left_out}
    words = [word.format(port=port) for word in command.words]
    with pinned(CORES[-1:]):
        return subprocess.Popen(
            words,
            cwd=command.folder,
            env={**ours, **command.environment, "PORT": str(port)},
            stdout=log,
            stderr=log,
        )


@contextmanager
def pinned(cores: Sequence[int]) -> Generator[None]:
    """What is started meanwhile stays on these cores, as we do."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def wait_for(process: subprocess.Popen[bytes], command: Command, port: int, log: Path) -> None:
    """Return when it answers, whatever it answers."""
    until = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as line:
                line.sendall(
                    b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % command.ready
                )
                if line.recv(4) == b"HTTP":
                    return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError(f"{command.name} did not start: {log.read_text(errors='replace')[-2000:]}")
