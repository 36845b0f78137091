"""Backups: everything comes back as it was, in either kind of store, or nothing changes."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from alembic import command

from gateway.backup import back_up, restore
from gateway.unit import run
from models import CAMPAIGNS, CREDITS, MESSAGES, Organization
from models.base import Base
from models.engine import Store
from models.errors import InvalidInput, NotFound
from models.revision import newest, revision_of
from models.upgrades import alembic_config
from resolvers import archive
from resolvers.archive import Misfit
from resolvers.organizations import every
from resolvers.rollup import rebuild
from tests.gateway.test_cli import RECORDS, heliograph
from tests.house import ACME, NOW, House, message, open_house
from tests.small_day import a_small_day
from tests.worlds import EVER, PATIENCE_S, counted, held, opened, tiers

SUMS = '{ messageBuckets(window: {days: {first: "2026-05-01", last: "2026-05-05"}}) { total buckets { value } } }'


def no_bar(_: int, __: int) -> None:
    """Nobody looks."""


async def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for when keys were last used, which is noted at any time."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with store.of_everyone("a test").reading() as db:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name != "last_used_at"]
            found[table.name] = sorted(map(tuple, await db.execute(sa.select(*columns))), key=repr)
    return found


async def counts_right(store: Store, organization: Organization) -> None:
    """The rollups are what the raw rows count for."""
    numbers = await tiers(store, organization)
    some = (MESSAGES, CAMPAIGNS, CREDITS)
    await run(store, lambda db: rebuild(db, organization, NOW, EVER, some), snapshot=True)
    assert await tiers(store, organization) == numbers


async def filled(house: House) -> None:
    """Records of every kind, an export and a key, so that hardly a table is empty."""
    await a_small_day(house)
    key = await house.key("acme")
    await house.ask(key, "mutation { createExport(input: {source: {messages: {}}, format: CSV}) { status } }")


async def test_what_was_there_is_there_again_and_goes_on_as_before(store_url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.gz"
    async with open_house(store_url) as house:
        await filled(house)
        key, store = await house.key("acme"), house.store
        answer, rows = await house.ask(key, SUMS), await contents(store)

        header = await back_up(store, file, NOW, no_bar)
        await house.take(message("z", "2026-05-04T10:00:00Z"), {**ACME, "id": "late"})
        assert await house.ask(key, SUMS) != answer
        version = store.version.now()
        await restore(store_url, file, True, no_bar)
        async with asyncio.timeout(PATIENCE_S):
            while store.version.now() == version:  # noqa: ASYNC110  it hears of the commit
                await asyncio.sleep(0.002)

        assert await contents(store) == rows
        assert await house.ask(key, SUMS) == answer, "an answer that was kept is no longer true"
        await house.take({**ACME, "id": "next"})
        async with store.reading() as db:
            ids = {one.slug: one.id for one in await every(db)}
    full = [name for name, found in rows.items() if found]
    assert header.total == sum(map(len, rows.values())) and len(full) > 60
    # the number of the organization that came and went is free again
    assert ids == {"acme": 1, "next": 2}


@pytest.mark.parametrize("way", ["sqlite to postgres", "postgres to sqlite"])
async def test_a_backup_of_one_kind_of_store_becomes_the_other(
    way: str, sqlite_store_url: str, postgres_store_url: str, tmp_path: Path
) -> None:
    urls = {"sqlite": f"sqlite+aiosqlite:///{tmp_path / 'new' / 'b.db'}", "postgres": postgres_store_url}
    first = sqlite_store_url if way.startswith("sqlite") else postgres_store_url
    second = urls[way.rpartition(" ")[2]]
    async with open_house(first) as house:
        await filled(house)
        acme = await house.organization("acme")
        rows = await contents(house.store)
        await back_up(house.gateway.store, tmp_path / "backup.gz", NOW, no_bar)

    await restore(second, tmp_path / "backup.gz", False, no_bar)

    async with opened(second) as store:
        assert await contents(store) == rows
        numbers = await tiers(store, acme)
        assert sum(map(bool, numbers.values())) > 40
        await counts_right(store, acme)


async def test_a_backup_of_an_earlier_release_is_restored_and_upgraded(
    sqlite_store_url: str, tmp_path: Path
) -> None:
    async with open_house(sqlite_store_url) as house:
        await a_small_day(house)
        acme, store = await house.organization("acme"), house.store
        rows, numbers = await held(store, acme), await tiers(store, acme)
    await asyncio.to_thread(command.downgrade, alembic_config(sqlite_store_url), "0008")
    async with opened(sqlite_store_url) as store:
        header = await back_up(store, tmp_path / "backup.gz", NOW, no_bar)
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"

    await restore(url, tmp_path / "backup.gz", False, no_bar)
    with pytest.raises(InvalidInput, match="restore it into a new, empty store"):
        await restore(url, tmp_path / "backup.gz", True, no_bar)

    assert (header.revision, await revision_of(url)) == ("0008", newest())
    async with opened(url) as store:
        assert await held(store, acme) == rows
        assert await tiers(store, acme) == numbers


async def test_what_is_written_meanwhile_is_in_the_backup_whole_or_not_at_all(
    store_url: str, tmp_path: Path
) -> None:
    async with open_house(store_url) as house:
        await house.take(ACME, *(message(f"a{n}", "2026-05-04T10:00:00Z") for n in range(400)))
        busy = asyncio.create_task(written(house))
        await asyncio.sleep(0)
        header = await back_up(house.gateway.store, tmp_path / "backup.gz", NOW, no_bar)
        await busy
        acme = await house.organization("acme")
    await restore(store_url, tmp_path / "backup.gz", True, no_bar)

    async with opened(store_url) as store:
        await counted(store, house.now)
        await counts_right(store, acme)
    assert 400 <= header.rows["messages"] < 430


async def written(house: House) -> None:
    """Message after message, counted now and then."""
    for number in range(30):
        await house.take(message(f"b{number}", "2026-05-04T11:00:00Z"), count=number % 7 == 0)


async def test_a_file_that_is_no_whole_backup_changes_nothing(store_url: str, tmp_path: Path) -> None:
    good = tmp_path / "good.gz"
    async with open_house(store_url) as house:
        await house.take(ACME, *(message(f"a{n}", "2026-05-04T10:00:00Z") for n in range(20)))
        store = house.store
        await back_up(store, good, NOW, no_bar)
        rows = await contents(store)
        lines = gzip.decompress(good.read_bytes()).splitlines()
        header = orjson.loads(lines[0])
        wrong = {
            "was cut off": good.read_bytes()[:-400],
            "is damaged": good.read_bytes()[:300] + bytes(40) + good.read_bytes()[340:],
            "it is no backup": b"id,name\n1,a\n",
            "is no backup of Heliograph": gzip.compress(b'{"name": "a"}\n'),
            "that this release can read": gzip.compress(orjson.dumps({**header, "format": 2})),
            "A newer release": gzip.compress(orjson.dumps({**header, "revision": "9999"})),
            "was cut off or": gzip.compress(b"\n".join(lines[:-1])),
            "rows where it names": gzip.compress(b"\n".join([*lines[:-2], lines[-1]])),
            "goes on after its end": gzip.compress(b"\n".join([*lines, lines[1]])),
        }
        for words, content in wrong.items():
            (tmp_path / "wrong.gz").write_bytes(content)
            with pytest.raises(InvalidInput, match=words):
                await restore(store_url, tmp_path / "wrong.gz", True, no_bar)
        with pytest.raises(NotFound, match="There is no file"):
            await restore(store_url, tmp_path / "none.gz", True, no_bar)
        with pytest.raises(InvalidInput, match="add --replace"):
            await restore(store_url, good, False, no_bar)
        assert await contents(store) == rows


async def unpacked(house: House, file: Path) -> list[Any]:
    """The lines of a backup of one message."""
    await house.take(ACME, message("a", "2026-05-04T10:00:00Z"))
    await back_up(house.gateway.store, file, NOW, no_bar)
    return [orjson.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]


def packed(lines: list[Any]) -> bytes:
    """What a file of these lines is."""
    return gzip.compress(b"\n".join(map(orjson.dumps, lines)))


async def test_a_well_packed_file_of_other_content_is_said_and_changes_nothing(
    store_url: str, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.gz"
    async with open_house(store_url) as house:
        header, *lines = await unpacked(house, tmp_path / "good.gz")
        rows = await contents(house.store)
        [place] = [at for at, line in enumerate(lines) if line.get("table") == "messages"]
        told = lines[place]
        wrong: list[Any] = [
            5,
            [],
            {},
            {**told, "table": "nothing"},
            {**told, "columns": told["columns"][1:]},
            {**told, "columns": ["id"], "rows": [["a"]]},
            {**told, "columns": 5},
            {**told, "rows": [5]},
            {**told, "rows": [[{} for _ in told["columns"]]]},
            {**told, "rows": [[None for _ in told["columns"]]]},
            {**told, "rows": [*told["rows"], *told["rows"]]},
        ]
        headers = ({"revision": 9}, {"revision": "0000"}, {"rows": 5}, {"rows": {"messages": "a"}})
        files = [[header, *lines[:place], line, *lines[place + 1 :]] for line in wrong]
        for content in [*files, *([{**header, **one}, *lines] for one in headers)]:
            bad.write_bytes(packed(content))
            with pytest.raises(InvalidInput, match=r"bad\.gz") as said:
                await restore(store_url, bad, True, no_bar)
            assert "INSERT" not in said.value.message
        assert await contents(house.store) == rows


async def test_a_value_of_another_kind_than_its_column_is_named_and_changes_nothing(
    store_url: str, tmp_path: Path
) -> None:
    """SQLite itself would take any."""
    bad = tmp_path / "bad.gz"
    async with open_house(store_url) as house:
        lines = await unpacked(house, tmp_path / "good.gz")
        rows = await contents(house.store)
        [told] = [line for line in lines if line.get("table") == "messages"]
        told["rows"][0][told["columns"].index("created_at")] = "yesterday"
        bad.write_bytes(packed(lines))

        with pytest.raises(
            InvalidInput, match=r"bad\.gz: messages\.created_at holds something else than whole"
        ):
            await restore(store_url, bad, True, no_bar)
        assert await contents(house.store) == rows


@pytest.mark.parametrize(
    ("column", "sound", "wrong"),
    [
        ("messages.created_at", [1_777_888_999_000_000, None], ["yesterday", 1.5, True]),
        ("messages.id", ["a", "", None], [7, ["a"], {"id": "a"}]),
        ("contacts.is_opted_in", [True, False, 0, 1, None], [2, "no", 0.0]),
        ("subscriptions.paid_through", ["2026-05-06", None], ["soon", "2026-02-30", "20260506", 20260506]),
    ],
)
async def test_a_column_takes_the_values_that_it_could_have_had(
    store_url: str, column: str, sound: list[Any], wrong: list[Any]
) -> None:
    table, _, name = column.partition(".")
    async with opened(store_url) as store, store.reading() as db:
        held = (await archive.tables(db))[table]

    held.check(name, sound)
    for value in wrong:
        with pytest.raises(Misfit, match=rf"^{table}\.{name} holds "):
            held.check(name, [*sound, value])


async def test_two_backups_to_one_name_do_not_meet_and_the_first_one_stays(
    sqlite_store_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.gz"
    (tmp_path / "a.gz.part").write_text("somebody else's")
    modes: list[int] = []

    async with open_house(sqlite_store_url) as house:
        await house.take(ACME)
        store = house.gateway.store

        def first(_: int, __: int) -> None:
            modes.extend(one.stat().st_mode & 0o777 for one in tmp_path.glob("a.gz.*.part"))
            file.touch()

        with pytest.raises(InvalidInput, match="already"):
            await back_up(store, file, NOW, first)

    assert set(modes) == {0o600}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.gz", "a.gz.part"]
    assert (file.read_bytes(), (tmp_path / "a.gz.part").read_text()) == (b"", "somebody else's")


async def test_a_store_that_goes_away_is_no_file_that_cannot_be_written(
    postgres_store_url: str, tmp_path: Path
) -> None:
    def away(_: int, __: int) -> None:
        raise ConnectionResetError(104, "Connection reset by peer")  # as asyncpg tells of it

    async with open_house(postgres_store_url) as house:
        await house.take(ACME)
        with pytest.raises(ConnectionResetError):
            await back_up(house.gateway.store, tmp_path / "a.gz", NOW, away)
    assert list(tmp_path.iterdir()) == []


async def test_a_backup_that_fails_leaves_no_file_and_none_is_written_over(
    store_url: str, tmp_path: Path
) -> None:
    def stopped(_: int, __: int) -> None:
        raise KeyboardInterrupt

    async with open_house(store_url) as house:
        await house.take(ACME)
        with pytest.raises(KeyboardInterrupt):
            await back_up(house.gateway.store, tmp_path / "a.gz", NOW, stopped)
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(InvalidInput, match="cannot be written: No such file or directory"):
            await back_up(house.gateway.store, tmp_path / "none" / "a.gz", NOW, no_bar)
        await back_up(house.gateway.store, tmp_path / "a.gz", NOW, no_bar)
        with pytest.raises(InvalidInput, match="already"):
            await back_up(house.gateway.store, tmp_path / "a.gz", NOW, no_bar)

    assert (tmp_path / "a.gz").stat().st_mode & 0o777 == 0o600


def test_an_operator_moves_from_sqlite_to_another_file_with_two_commands(
    sqlite_store_url: str, tmp_path: Path
) -> None:
    file, other = str(tmp_path / "backup.gz"), f"sqlite:///{tmp_path / 'other.db'}"
    heliograph("ingest", "-", url=sqlite_store_url, given=RECORDS)

    told = heliograph("backup", file, url=sqlite_store_url)
    back = heliograph("restore", file, url=other)
    again = heliograph("restore", file, url=other)

    assert (told.returncode, back.returncode, again.returncode) == (0, 0, 2)
    assert f"rows of schema {newest()}, {Path(file).stat().st_size:,} bytes.".encode() in told.stdout
    assert b"rows are back, as they were at " in back.stdout
    assert heliograph("rebuild", "acme", url=other).returncode == 0
