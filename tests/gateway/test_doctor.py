"""`heliograph doctor`: each check is well in a good installation, and not when what it looks at is broken."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.doctor import Finding, Patient, State, examine
from gateway.settings import Settings
from gateway.unit import run
from models import MESSAGES, OUTBOXES, TIERS, Export, RefreshLock, Watermark
from models.base import EPOCH
from models.engine import Store
from models.exports import PENDING
from models.revision import newest
from resolvers.rollup import Keep, rebuild
from tests.gateway.test_cli import RECORDS, heliograph
from tests.house import ACME, House, event, message, open_house

SECRET = "k" * 32
GOOD = {
    "secret",
    "exports folder",
    "store",
    "schema",
    "file",
    "second lock",
    "clock",
    "counting",
    "backlog",
    "rollups",
    "exports",
}


async def found(house: House, samples: int = 0, **settings: Any) -> dict[str, Finding]:
    """What each check finds, by its name."""
    chosen = house.gateway.settings.model_copy(update=settings)
    patient = Patient(chosen, house.gateway.store, house.clock, samples, seed=1)
    return {one.check: one async for one in examine(patient)}


@asynccontextmanager
async def busy(store_url: str) -> AsyncGenerator[House]:
    """A house that has counted two messages, one of them opened the day after, and a campaign."""
    async with open_house(store_url, secret_key=SECRET) as house:
        campaign = {
            "type": "campaign",
            "organization": "acme",
            "id": "c",
            "created_at": "2026-05-03T23:00:00Z",
        }
        await house.take(
            {**ACME, "timezone": "Asia/Kathmandu"},
            message("a", "2026-05-03T10:00:00Z", sent_at="2026-05-03T10:01:00Z"),
            message("b", "2026-04-02T10:00:00Z"),
            event("a", "opened", "2026-05-04T19:00:00Z"),
            campaign,
        )
        yield house


async def changed(house: House, *statements: Any) -> None:
    """Do this to the store, behind our back."""

    async def job(db: Any) -> None:
        for statement in statements:
            await db.execute(statement)

    await run(house.store, job)


async def test_a_good_installation_is_well_in_everything(store_url: str) -> None:
    async with busy(store_url) as house:
        told = await found(house, samples=12)

    clock = told.pop("clock")  # that of the test stands still, the server's does not
    assert {name: one for name, one in told.items() if one.state is not State.OK} == {}
    assert clock.state is (State.OK if "sqlite" in store_url else State.FAILED), clock
    assert {*told, "clock"} == GOOD
    assert told["rollups"].saw.endswith("buckets of 12 samples (--seed 1) equal their raw rows")
    assert int(told["rollups"].saw.split()[0].replace(",", "")) > 50


async def test_one_number_too_many_in_any_tier_is_found(store_url: str) -> None:
    async with busy(store_url) as house:
        for tier in TIERS[MESSAGES]:
            sent = tier.table.c.sent
            await changed(house, sa.update(tier.table).values(sent=sent + 1))
            told = (await found(house, samples=4))["rollups"]
            await changed(house, sa.update(tier.table).values(sent=sent - 1))
            assert told.state is State.FAILED and "differ, of acme" in told.saw, tier.name
            assert told.remedy.startswith("Run 'heliograph rebuild acme'")
        assert (await found(house, samples=4))["rollups"].state is State.OK


async def test_a_bucket_that_is_gone_and_a_raw_row_that_has_changed_are_found(store_url: str) -> None:
    async with busy(store_url) as house:
        await changed(house, sa.delete(TIERS[MESSAGES][0].table))
        assert (await found(house, samples=4))["rollups"].state is State.FAILED
        await run(house.store, lambda db: house_rebuild(house, db))
        assert (await found(house, samples=4))["rollups"].state is State.OK
        await changed(house, sa.update(MESSAGES.table).values(created_at=house.now - timedelta(days=40)))
        assert (await found(house, samples=4))["rollups"].state is State.FAILED


async def test_days_that_have_lost_all_their_raw_rows_are_found(store_url: str) -> None:
    async with busy(store_url) as house:
        # 50 messages on a day in February, which no other row is of: none leads to that day any more
        many = (message(f"m{number}", "2026-02-01T10:00:00Z") for number in range(50))
        await house.take(*many)
        gone = MESSAGES.table.c.created_at < house.now - timedelta(days=60)
        await changed(house, sa.delete(MESSAGES.table).where(gone))
        one_of_many = (await found(house, samples=40))["rollups"]
        await changed(house, sa.delete(MESSAGES.table))
        none_left = (await found(house, samples=40))["rollups"]

    assert one_of_many.state is State.FAILED and "differ, of acme" in one_of_many.saw
    assert none_left.state is State.FAILED


async def house_rebuild(house: House, db: Any) -> None:
    """Count acme anew."""
    await rebuild(db, await house.organization("acme"), house.now, Keep(), (MESSAGES,))


async def test_what_waits_to_be_counted_is_no_difference_but_what_vanished_from_there_is(
    store_url: str,
) -> None:
    async with busy(store_url) as house:
        await house.take(message("c", "2026-05-03T10:07:00Z"), count=False)
        well = await found(house, samples=4)
        await changed(house, sa.delete(OUTBOXES[MESSAGES]))
        lost = await found(house, samples=4)

    # a message is one difference on each of the clocks CREATED and HAPPENED
    assert well["backlog"].saw == "2 differences wait to be counted, none for longer than 5 s"
    assert (well["rollups"].state, lost["rollups"].state) == (State.OK, State.FAILED)


async def test_counting_that_stands_still_is_a_warning_and_then_a_failure(store_url: str) -> None:
    async with busy(store_url) as house:
        house.now += timedelta(minutes=2)
        late = (await found(house))["counting"]
        house.now += timedelta(hours=5)
        still = (await found(house))["counting"]
        await changed(house, sa.delete(Watermark).where(Watermark.fact == "order"))
        never = (await found(house))["counting"]

    assert (late.state, late.saw) == (State.WARNING, "the slowest of 1 organizations is 2 min behind")
    assert (still.state, "5 h behind" in still.saw) == (State.FAILED, True)
    assert (never.state, never.saw) == (State.WARNING, "1 facts were never counted, of acme")


async def test_counting_that_is_ahead_of_the_clock_is_a_warning(store_url: str) -> None:
    async with busy(store_url) as house:
        await changed(house, sa.update(RefreshLock).values(counted_to=house.now + timedelta(hours=1)))
        told = (await found(house))["clock"]

    assert told.state is State.WARNING
    assert told.saw == "counting has come to 2026-05-06 01:00:00Z, which is still to come"


async def test_an_export_that_nobody_takes_up_is_a_warning(store_url: str) -> None:
    async with busy(store_url) as house:
        acme = await house.organization("acme")
        texts = dict.fromkeys(("params", "requested_by", "sha256", "file", "error", "holder"), "")
        numbers = dict.fromkeys(("rows", "bytes", "attempts"), 0)
        row = {
            "organization_id": acme.id,
            "id": "exp_a",
            "kind": "messages",
            "format": "csv",
            "status": PENDING,
        }
        await changed(
            house, sa.insert(Export).values(**row, **texts, **numbers, as_of=EPOCH, created_at=house.now)
        )
        young = (await found(house))["exports"]
        house.now += timedelta(minutes=11)
        old = (await found(house))["exports"]

    assert young.state is State.OK
    assert (old.state, old.saw) == (State.WARNING, "1 stuck for 10 min and more, the first exp_a")


async def test_a_schema_that_is_behind_or_ahead_ends_the_examination(store_url: str) -> None:
    async with open_house(store_url) as house:
        for revision, words in (("0001", "heliograph migrate"), ("9999", "release that made it")):
            await changed(house, sa.text(f"UPDATE alembic_version SET version_num = '{revision}'"))
            told = await found(house)
            assert (told["schema"].state, list(told)[-1]) == (State.FAILED, "schema")
            assert revision in told["schema"].saw and words in told["schema"].remedy
        await changed(house, sa.text(f"UPDATE alembic_version SET version_num = '{newest()}'"))


async def test_a_damaged_page_of_sqlite_is_found(sqlite_store_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_store_url.partition("///")[2])
    async with busy(sqlite_store_url):
        pass
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [[page]] = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'message_quarter'")
        [[size]] = db.execute("PRAGMA page_size")
    pages = bytearray(path.read_bytes())
    pages[(page - 1) * size + 100 : page * size] = b"\xff" * (size - 100)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(pages)

    store = Store(f"sqlite+aiosqlite:///{damaged}")
    settings = Settings(database_url=f"sqlite:///{damaged}", export_folder=str(tmp_path))
    try:
        told = {one.check: one async for one in examine(Patient(settings, store, lambda: EPOCH, 0, 1))}
    finally:
        await store.close()

    assert (told["store"].state, told["file"].state) == (State.OK, State.FAILED)
    assert "restore the last backup" in told["file"].remedy


def test_the_exit_code_says_how_it_came_out(
    store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EXPORT_FOLDER", str(tmp_path / "exports"))
    monkeypatch.setenv("SECRET_KEY", SECRET)
    heliograph("ingest", "-", url=store_url, given=RECORDS)

    well = heliograph("doctor", "--seed", "7", url=store_url)
    monkeypatch.delenv("SECRET_KEY")
    warned = heliograph("doctor", "--json", "--samples", "2", url=store_url)
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("EXPORT_FOLDER", str(tmp_path / "file"))
    failed = heliograph("doctor", "--json", url=store_url)
    monkeypatch.setenv("PORT", "none")
    unset = heliograph("doctor", url=store_url)

    assert (well.returncode, warned.returncode, failed.returncode, unset.returncode) == (0, 2, 1, 1)
    assert b"1 samples" not in well.stdout and b"(--seed 7) equal their raw rows" in well.stdout
    states = {one["check"]: one["state"] for one in json.loads(warned.stdout)["checks"]}
    assert {name for name, state in states.items() if state != "ok"} == {"secret"}
    told = {one["check"]: one for one in json.loads(failed.stdout)["checks"]}
    assert (told["exports folder"]["state"], "schema" in told) == ("failed", False)
    assert unset.stdout.startswith(b"failed   settings        PORT: ")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////tmp/no-such-folder-of-heliograph/a.db", "there is no file"),
        ("postgresql://nobody@127.0.0.1:1/none", "Connection refused"),
    ],
)
def test_a_store_that_is_not_there_is_said_and_not_made(url: str, said: str, tmp_path: Path) -> None:
    url = url.replace("/tmp/no-such-folder-of-heliograph", str(tmp_path / "none"))
    answer = heliograph("doctor", url=url)

    assert answer.returncode == 1
    [line] = [line for line in answer.stdout.decode().splitlines() if line.startswith("failed   store")]
    assert said in line
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"not a database, but long enough to be looked into" * 100)
    store = Store(f"sqlite+aiosqlite:///{path}")
    settings = Settings(database_url=f"sqlite:///{path}", export_folder=str(tmp_path))
    try:
        told = [one async for one in examine(Patient(settings, store, lambda: EPOCH, 0, 1))]
    finally:
        await store.close()

    assert (told[-1].check, told[-1].state, told[-1].saw) == ("store", State.FAILED, "file is not a database")
