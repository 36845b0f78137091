"""What a store lets its readers do, how its one writer waits, and how it says that it is away."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.unit import run, work
from models import Organization, RefreshLock
from models.engine import Store, _settings, is_outage, rows
from models.revision import is_current
from models.upgrades import migrate
from tests.worlds import PATIENCE_S, opened

WRITE = sa.update(RefreshLock).values(holder="somebody")


async def holder(store: Store) -> str:
    """Who is written into the lock row."""
    async with store.reading() as db:
        return (await db.execute(sa.select(RefreshLock.holder))).scalar_one()


async def test_a_reader_cannot_write(store_url: str) -> None:
    async with opened(store_url) as store:
        async with store.reader.connect() as db:  # as it is: what is lent wraps every statement
            with pytest.raises(sa.exc.DBAPIError, match=r"readonly|read-only"):
                await db.execute(WRITE)

        assert await holder(store) == ""


async def test_what_a_unit_of_work_writes_is_kept_only_when_it_ends_well(store_url: str) -> None:
    async with opened(store_url) as store:
        with pytest.raises(RuntimeError):
            async with work(store) as db:
                await db.execute(WRITE)
                raise RuntimeError("changed my mind")
        after_failure = await holder(store)
        await run(store, lambda db: db.execute(WRITE))

        assert (after_failure, await holder(store)) == ("", "somebody")


async def test_a_reader_of_sqlite_is_not_held_up_by_the_writer(sqlite_store_url: str) -> None:
    async with opened(sqlite_store_url) as store:
        async with work(store) as db:
            await db.execute(WRITE)
            async with asyncio.timeout(PATIENCE_S):
                assert await holder(store) == ""
        assert await holder(store) == "somebody"


async def test_two_processes_write_to_sqlite_one_after_the_other(sqlite_store_url: str) -> None:
    async with opened(sqlite_store_url) as first, opened(sqlite_store_url) as second:

        async def write(store: Store, name: str) -> None:
            for _ in range(20):
                async with work(store) as db:
                    # Read, then write: had the lock not been taken at BEGIN, one of the two would fail here.
                    held = (await db.execute(sa.select(RefreshLock.holder))).scalar_one()
                    await db.execute(sa.update(RefreshLock).values(holder=held + name))

        await asyncio.gather(write(first, "a"), write(second, "b"))

        assert sorted(await holder(first)) == ["a"] * 20 + ["b"] * 20


async def test_sqlite_makes_the_folder_of_its_file_and_keeps_a_journal(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/new/folder/heliograph.db"

    await migrate(url)
    await migrate(url)

    async with opened(url) as store:
        async with store.reading() as db:
            assert (await db.exec_driver_sql("PRAGMA journal_mode")).scalar_one() == "wal"
            assert (await db.exec_driver_sql("PRAGMA foreign_keys")).scalar_one() == 1
        assert await is_current(url)


async def test_foreign_keys_hold_on_both_stores(store_url: str) -> None:
    async with opened(store_url) as store:
        stranger = (
            "INSERT INTO organization_aliases (realm, external_id, organization_id) VALUES ('x', 'y', 99)"
        )

        with pytest.raises(sa.exc.IntegrityError):
            await run(store, lambda db: db.exec_driver_sql(stranger))


async def test_a_store_that_answers_is_pinged(store_url: str) -> None:
    async with opened(store_url) as store:
        await store.ping()

        async with store.reading() as db:
            assert (await db.execute(sa.select(sa.func.count()).select_from(Organization))).scalar_one() == 0


async def test_a_statement_that_takes_too_long_is_an_outage(postgres_store_url: str) -> None:
    async with opened(postgres_store_url, statement_timeout_s=0.1) as store:
        async with store.reading() as db:
            with pytest.raises(sa.exc.DBAPIError) as told:
                await db.exec_driver_sql("SELECT pg_sleep(2)")

        assert is_outage(told.value)


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    async with opened("postgresql+asyncpg://nobody@127.0.0.1:1/nothing") as store:
        with pytest.raises(OSError) as told:
            await store.ping()

        assert is_outage(told.value)


async def test_a_mistake_of_ours_is_not_an_outage(store_url: str) -> None:
    async with opened(store_url) as store:
        async with store.reading() as db:
            with pytest.raises(sa.exc.DBAPIError) as told:
                await db.exec_driver_sql("SELECT 1 FROM nowhere")

        assert not is_outage(told.value)
        assert not is_outage(ValueError("no"))


async def test_a_value_that_does_not_fit_is_not_an_outage(store_url: str) -> None:
    async with opened(store_url) as store:
        async with store.reading() as db:
            # SQLite has no such integer at all; PostgreSQL's driver refuses it before anything is sent.
            with pytest.raises((sa.exc.DBAPIError, OverflowError)) as told:
                await db.execute(sa.select(sa.cast(sa.literal(2**70, sa.BigInteger), sa.BigInteger)))

        assert not is_outage(told.value)


async def test_a_locked_file_is_an_outage(sqlite_store_url: str) -> None:
    async with opened(sqlite_store_url) as store, opened(sqlite_store_url) as other:
        async with work(store), other.writer.connect() as db:
            # By hand, since the unit waits for five seconds.
            driver: Any = (await db.get_raw_connection()).driver_connection
            await driver.execute("PRAGMA busy_timeout=0")
            with pytest.raises(sa.exc.OperationalError, match="locked") as told:
                await db.begin()

        assert is_outage(told.value)


async def test_a_store_that_was_closed_opens_again_when_it_is_used(store_url: str) -> None:
    organizations = sa.select(sa.func.count()).select_from(Organization)
    async with opened(store_url) as store:
        before = [tuple(row) for row in await rows(store, organizations, {})]
        await store.close()

        assert [tuple(row) for row in await rows(store, organizations, {})] == before


def test_the_manual_names_every_setting_that_pgbouncer_must_pass_over() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    [line] = re.findall(r"^ignore_startup_parameters = (.*)$", manual, re.MULTILINE)

    known = {"application_name", "TimeZone"}  # to PgBouncer, which hands them on
    assert {*line.split(", ")} == {*_settings(None), *_settings(5)} - known
