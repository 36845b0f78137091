"""Workers and their leases: who makes an export, who does not, and what is left when one dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.exports.attempt import Attempt
from gateway.exports.folder import Folder
from gateway.exports.runner import Exporter, Terms
from gateway.unit import run
from models import Export
from models.errors import TooManyGroups
from resolvers.exports import leases
from resolvers.exports.registry import SOURCES
from tests.gateway.exports.asking import looked, made, requested
from tests.house import NOW, House
from tests.worlds import PATIENCE_S

LEASE = timedelta(seconds=30)
EMPTY = (None,) * len(SOURCES["campaigns"].columns(None))
Rows = Callable[..., AsyncIterator[list[Any]]]


def runner(house: House, lease: timedelta = LEASE) -> Exporter:
    """Another worker over the same store and folder."""
    return Exporter(house.gateway.store, Folder(house.folder), house.clock, Terms(lease))


def replaced(monkeypatch: pytest.MonkeyPatch, rows: Rows) -> None:
    """Let the list of campaigns give these rows."""
    monkeypatch.setitem(SOURCES, "campaigns", replace(SOURCES["campaigns"], rows=rows))


async def claimed(house: House) -> Export:
    """The export that waits, claimed by hand."""
    store, now = house.store, house.now
    async with store.reading() as db:
        [key] = await leases.waiting(db, now)
    export = await run(store, lambda db: leases.claim(db, key, "by hand", now, now + LEASE))
    assert export is not None
    return export


async def row(house: House, id: str) -> Export:
    """The row of an export."""
    async with house.store.reading() as db:
        found = await db.execute(sa.select(Export.__table__).where(Export.id == id))
        return Export(**found.mappings().one())


def files(house: House) -> list[str]:
    """What lies in the folder."""
    return sorted(path.name for path in house.folder.iterdir()) if house.folder.exists() else []


async def test_two_runners_never_share_an_export(stocked: House, key: str) -> None:
    asked = [await requested(stocked, key, messages={}) for _ in range(8)]
    runners = [runner(stocked) for _ in range(4)]

    async def until_nothing_waits(one: Exporter) -> int:
        done = 0
        while await one.make_one():
            done += 1
        return done

    done = await asyncio.gather(*map(until_nothing_waits, runners))

    assert sum(done) == 8
    for one in asked:
        found = await row(stocked, one["externalId"])
        assert (found.status, found.attempts, found.rows) == ("completed", 1, 3)
        assert found.file == f"{found.id}-1.csv"
    assert files(stocked) == sorted(f"{one['externalId']}-1.csv" for one in asked)


async def test_the_oldest_is_made_first(stocked: House, key: str) -> None:
    first = await requested(stocked, key, messages={})
    stocked.now += timedelta(seconds=1)
    second = await requested(stocked, key, messages={})

    assert await stocked.gateway.exporter.make_one()

    assert (await looked(stocked, key, first["id"]))["status"] == "COMPLETED"
    assert (await looked(stocked, key, second["id"]))["status"] == "PENDING"


async def test_a_claimed_export_is_left_alone_until_its_lease_is_over(stocked: House, key: str) -> None:
    asked = await requested(stocked, key, messages={})
    await claimed(stocked)

    stocked.now = NOW + LEASE - timedelta(microseconds=1)
    assert not await stocked.gateway.exporter.make_one()
    assert (await looked(stocked, key, asked["id"]))["status"] == "PROCESSING"

    stocked.now = NOW + LEASE
    assert await stocked.gateway.exporter.make_one()
    found = await row(stocked, asked["externalId"])
    assert (found.status, found.attempts, found.file) == ("completed", 2, f"{found.id}-2.csv")


async def test_a_heartbeat_holds_the_lease_and_tells_how_far_it_is(
    stocked: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await requested(stocked, key, campaigns={})
    monkeypatch.setattr("gateway.exports.attempt.BEATS_EVERY", timedelta(milliseconds=10))
    other = runner(stocked)
    seen: list[Any] = []

    async def slow(*__: Any) -> AsyncIterator[list[Any]]:
        yield [EMPTY] * 5
        for _ in range(3):
            stocked.now += LEASE / 2  # longer than the lease in all
            await asyncio.sleep(0.15)
            seen.append((await row(stocked, asked["externalId"])).rows)
            assert not await other.make_one()

    replaced(monkeypatch, slow)

    assert await stocked.gateway.exporter.make_one()

    assert seen == [5, 5, 5]
    assert (await looked(stocked, key, asked["id"]))["status"] == "COMPLETED"


async def test_who_lost_the_lease_stops_and_leaves_the_file_of_the_other(
    stocked: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await requested(stocked, key, campaigns={})
    monkeypatch.setattr("gateway.exports.attempt.BEATS_EVERY", timedelta(milliseconds=10))
    other, quick = runner(stocked), SOURCES["campaigns"].rows
    is_awake, was_stopped = asyncio.Event(), False

    hold = Attempt.hold

    async def asleep(attempt: Attempt) -> None:
        await is_awake.wait()
        await hold(attempt)

    async def paused(*_: Any) -> AsyncIterator[list[Any]]:
        nonlocal was_stopped
        replaced(monkeypatch, quick)
        stocked.now += LEASE
        assert await other.make_one()
        is_awake.set()
        yield []
        try:
            await asyncio.sleep(20)
        finally:
            was_stopped = True

    replaced(monkeypatch, paused)
    monkeypatch.setattr(Attempt, "hold", asleep)

    assert await stocked.gateway.exporter.make_one()

    found = await row(stocked, asked["externalId"])
    assert was_stopped
    assert (found.status, found.attempts) == ("completed", 2)
    assert files(stocked) == [f"{found.id}-2.csv"]


async def test_who_lost_the_lease_at_the_very_end_publishes_nothing(
    stocked: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await requested(stocked, key, campaigns={})
    other, quick = runner(stocked), SOURCES["campaigns"].rows

    async def late(*given: Any) -> AsyncIterator[list[Any]]:
        replaced(monkeypatch, quick)
        async for rows in quick(*given):
            yield rows
        stocked.now += LEASE
        assert await other.make_one()

    replaced(monkeypatch, late)

    assert await stocked.gateway.exporter.make_one()

    found = await row(stocked, asked["externalId"])
    assert (found.status, found.attempts, found.file) == ("completed", 2, f"{found.id}-2.csv")
    assert files(stocked) == [found.file]


@pytest.mark.parametrize("change", ["extend", "complete", "fail", "give_back", "put_off"])
async def test_a_holder_of_before_changes_nothing(stocked: House, key: str, change: str) -> None:
    await requested(stocked, key, messages={})
    export = await claimed(stocked)
    stocked.now += LEASE
    await claimed(stocked)
    before = vars(await row(stocked, export.id)) | {"_sa_instance_state": None}
    store, now = stocked.store, stocked.now
    made = leases.Made("file", 1, 1, "sha")
    export.holder = "somebody else"

    changes: dict[str, Callable[[Any], Any]] = {
        "extend": lambda db: leases.extend(db, export, now, 1),
        "complete": lambda db: leases.complete(db, export, made, now, now),
        "fail": lambda db: leases.fail(db, export, "no", now),
        "give_back": lambda db: leases.give_back(db, export),
        "put_off": lambda db: leases.put_off(db, export, now),
    }

    assert await run(store, changes[change]) is False
    assert vars(await row(stocked, export.id)) | {"_sa_instance_state": None} == before


async def test_a_graceful_stop_lets_the_export_wait_again(
    stocked: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await requested(stocked, key, campaigns={})
    exporter, has_begun = stocked.gateway.exporter, asyncio.Event()
    quick = SOURCES["campaigns"].rows

    async def endless(*_: Any) -> AsyncIterator[list[Any]]:
        yield [EMPTY]
        has_begun.set()
        await asyncio.sleep(20)

    replaced(monkeypatch, endless)
    running = asyncio.create_task(exporter.run())
    await asyncio.wait_for(has_begun.wait(), PATIENCE_S)

    exporter.stop()
    await asyncio.wait_for(running, PATIENCE_S)

    found = await row(stocked, asked["externalId"])
    assert (found.status, found.attempts, found.holder, found.rows) == ("pending", 0, "", 0)
    assert files(stocked) == []
    replaced(monkeypatch, quick)
    assert await runner(stocked).make_one()
    assert (await looked(stocked, key, asked["id"]))["status"] == "COMPLETED"


async def test_what_the_caller_caused_fails_at_once_with_its_sentence(
    stocked: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_many(*_: Any) -> AsyncIterator[list[Any]]:
        raise TooManyGroups()
        yield []

    replaced(monkeypatch, too_many)

    export = await made(stocked, key, campaigns={})

    assert (export["status"], export["error"]) == ("FAILED", TooManyGroups().message)
    assert export["downloadUrl"] is None
    assert export["estimatedCompletion"] is None
    assert files(stocked) == []


async def test_an_error_of_ours_is_tried_three_times_and_leaks_nothing(
    stocked: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> AsyncIterator[list[Any]]:
        yield []
        raise RuntimeError("postgresql://heliograph:hunter2@db/heliograph refused SELECT * FROM messages")

    replaced(monkeypatch, broken)
    asked = await requested(stocked, key, campaigns={})

    for attempt in (1, 2, 3):
        assert await stocked.gateway.exporter.make_one()
        assert not await stocked.gateway.exporter.make_one()  # only after a while
        assert (await row(stocked, asked["externalId"])).attempts == attempt
        stocked.now += timedelta(seconds=5)

    export = await looked(stocked, key, asked["id"])
    assert (export["status"], export["error"]) == ("FAILED", leases.GIVEN_UP)
    assert files(stocked) == []


async def test_an_export_that_kills_its_workers_is_given_up(stocked: House, key: str) -> None:
    asked = await requested(stocked, key, messages={})
    for attempt in (1, 2, 3):
        assert (await claimed(stocked)).attempts == attempt
        Folder(stocked.folder).draft(f"{asked['externalId']}-{attempt}.csv").write_text("half")
        stocked.now += LEASE

    assert not await stocked.gateway.exporter.make_one()
    assert await stocked.gateway.exporter.tidy()

    export = await looked(stocked, key, asked["id"])
    assert (export["status"], export["error"]) == ("FAILED", leases.GIVEN_UP)
    assert files(stocked) == []


async def test_old_files_are_removed_and_the_export_is_expired(stocked: House, key: str) -> None:
    export = await made(stocked, key, messages={})
    exporter = stocked.gateway.exporter

    stocked.now = NOW + timedelta(hours=1) - timedelta(microseconds=1)
    assert not await exporter.tidy()
    assert len(files(stocked)) == 1

    stocked.now = NOW + timedelta(hours=1)
    assert await exporter.tidy()
    assert files(stocked) == []
    assert (await looked(stocked, key, export["id"]))["status"] == "EXPIRED"
    assert not await exporter.tidy()


async def test_counting_does_not_wait_for_exports(
    stocked: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await requested(stocked, key, campaigns={})
    has_begun = asyncio.Event()

    async def endless(*_: Any) -> AsyncIterator[list[Any]]:
        has_begun.set()
        await asyncio.sleep(20)
        yield []

    replaced(monkeypatch, endless)
    worker = stocked.gateway.worker
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(has_begun.wait(), PATIENCE_S)

    stocked.now += timedelta(minutes=1)
    for _ in range(100):
        await asyncio.sleep(0.05)
        freshness = (await stocked.ask(key, "{ freshness { fact asOf } }"))["freshness"][0]
        if freshness["asOf"] == "2026-05-06T00:00:55Z":
            break
    worker.stop()
    await asyncio.wait_for(running, PATIENCE_S)

    assert freshness["asOf"] == "2026-05-06T00:00:55Z"


async def test_an_outage_does_not_end_an_attempt_before_its_lease_does(
    stocked: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await requested(stocked, key, campaigns={})
    export = await claimed(stocked)
    attempt = Attempt(export, stocked.gateway.store, Folder(stocked.folder), stocked.clock, LEASE)
    monkeypatch.setattr("gateway.exports.attempt.BEATS_EVERY", timedelta(milliseconds=1))
    beats = 0

    async def away(*_: Any, **__: Any) -> bool:
        nonlocal beats
        beats += 1
        if beats == 5:
            stocked.now += LEASE
        raise OSError("the store is away")

    monkeypatch.setattr("gateway.exports.attempt.extend", away)

    with pytest.raises(OSError, match="away"):
        await asyncio.wait_for(attempt.hold(), PATIENCE_S)
    assert beats == 5
