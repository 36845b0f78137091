"""Refresh and rebuild: safe to repeat, safe against one another, and exact however they race."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.util import await_only

from gateway.intake import Intake
from gateway.unit import run, work
from models import MESSAGES, TIERS, Clock, Organization
from models.engine import Store
from models.records import Record
from resolvers.organizations import get
from resolvers.periods import Granularity, Window, minute
from resolvers.plan import plan
from resolvers.question import Home, Question
from resolvers.rollup import Keep, refresh
from resolvers.tables import answer
from resolvers.watermarks import progress
from tests.worlds import (
    EVER,
    NOW,
    at,
    counted,
    enrolled,
    event,
    message,
    recounted,
    taken,
    tiers,
    waiting,
    watermarks,
)

Total = dict[tuple[int, int], int]


async def logged(store: Store, organization: Organization, tier: str) -> Total:
    """Logged messages by (clock, slot), where there are any."""
    column = [s.name for s in MESSAGES.sums].index("logged")
    found: Total = {}
    for key, sums in (await tiers(store, organization))[f"message_{tier}"].items():
        if sums[column]:
            found[key[0], key[1]] = found.get((key[0], key[1]), 0) + sums[column]
    return found


async def test_refreshing_again_changes_nothing(store: Store) -> None:
    organization = await enrolled(store, "Asia/Kolkata")
    await taken(store, organization, [message("a", at("2026-05-05 10:00")), message("b", at("2026-04-01"))])

    # On each clock two messages in two buckets, one line in the outbox for each.
    first = await counted(store)
    numbers, marks = await tiers(store, organization), await watermarks(store, organization)
    second = await counted(store)

    assert (first, second) == (4, 0)
    assert await tiers(store, organization) == numbers
    assert await watermarks(store, organization) == marks


async def test_a_rebuild_equals_the_refresh_and_takes_in_what_waits(store: Store) -> None:
    organization, other = await enrolled(store, "Asia/Kolkata"), await enrolled(store)
    await taken(store, organization, [message("a", at("2026-05-05 10:00"), channel="sms")])
    await taken(store, other, [message("a", at("2026-05-05 10:00"))])
    await counted(store)
    await taken(store, organization, [message("b", at("2026-05-05 20:00")), event("a", "opened", NOW)])
    await taken(store, other, [message("b", at("2026-05-05 20:00"))])

    await recounted(store, organization)
    rebuilt = await tiers(store, organization)
    left = await waiting(store)
    await counted(store)

    assert left == 2, "the other organization's differences still wait"
    assert await tiers(store, organization) == rebuilt, "what waited is not counted twice"
    # 20:00 in UTC is 01:30 of the next day in Kolkata.
    days = await logged(store, organization, "day")
    day = (at("2026-05-05").date() - at("1970-01-01").date()).days
    assert {slot: n for (clock, slot), n in days.items() if clock == Clock.CREATED} == {day: 1, day + 1: 1}


async def test_a_rebuild_repairs_whatever_was_wrong(store: Store) -> None:
    organization = await enrolled(store)
    await taken(store, organization, [message("a", at("2026-05-05 10:00"))])
    await counted(store)
    numbers = await tiers(store, organization)

    async def spoil(db: Any) -> None:
        for tier in TIERS[MESSAGES]:
            await db.execute(sa.update(tier.table).values(logged=7))

    await run(store, spoil)
    assert await tiers(store, organization) != numbers
    await recounted(store, organization)

    assert await tiers(store, organization) == numbers


async def test_a_new_zone_moves_days_and_months_and_nothing_else(store: Store) -> None:
    organization = await enrolled(store, "UTC", "mover")
    intake = Intake(store, lambda: NOW, EVER)
    # 31 March 20:00 UTC is 1 April 01:30 in Kolkata; the message of the 5th waits uncounted.
    await taken(store, organization, [message("a", at("2026-03-31 20:00"))])
    await counted(store)
    await taken(store, organization, [message("b", at("2026-04-05 10:00"))])
    march, april = 2026 * 12 + 2, 2026 * 12 + 3
    quarters = await logged(store, organization, "quarter")
    assert await logged(store, organization, "month") == {
        (clock, march): 1 for clock in (Clock.CREATED, Clock.HAPPENED)
    }

    record = b'{"type": "organization", "id": "mover", "timezone": "Asia/Kolkata"}'
    report = await intake.take_any([(1, record)])
    await counted(store)

    assert report.accepted == 1
    assert await logged(store, organization, "month") == {
        (clock, april): 2 for clock in (Clock.CREATED, Clock.HAPPENED)
    }
    assert (await logged(store, organization, "quarter")).items() > quarters.items()
    window = Window(at("2026-03-31 18:30"), at("2026-04-30 18:30"))  # April in Kolkata
    question = Question(
        MESSAGES, organization.id, ("logged",), window, Granularity.MONTH, zone="Asia/Kolkata"
    )
    async with store.reading() as db:
        assert (await answer(db, question, Home("Asia/Kolkata", 0))).groups == {(): {"logged": [2]}}


async def test_a_batch_that_waited_for_a_new_zone_counts_its_days_there(store: Store) -> None:
    before = await enrolled(store, "UTC", "late")
    await Intake(store, lambda: NOW, EVER).take_any(
        [(1, b'{"type": "organization", "id": "late", "timezone": "Asia/Kolkata"}')]
    )

    # This caller still believes in UTC, where the message would belong to March.
    assert before.timezone == "UTC"
    await taken(store, before, [message("a", at("2026-03-31 20:00"))])
    await counted(store)

    assert {slot for _, slot in await logged(store, before, "month")} == {2026 * 12 + 3}


async def test_the_watermark_never_goes_back(store: Store) -> None:
    organization = await enrolled(store)
    keep = Keep(watermark_delay=timedelta(seconds=5))

    async def as_of(minutes: int) -> set[Any]:
        await counted(store, NOW + timedelta(minutes=minutes), keep)
        return {mark for mark, _ in (await watermarks(store, organization)).values()}

    assert await as_of(0) == {NOW - timedelta(seconds=5)}
    assert await as_of(2) == {NOW + timedelta(seconds=115)}
    assert await as_of(1) == {NOW + timedelta(seconds=115)}, "a clock that was set back"


async def test_only_who_has_differences_gets_a_new_revision(store: Store) -> None:
    mine, other = await enrolled(store), await enrolled(store)
    await taken(store, mine, [message("a", NOW), event("a", "opened", NOW)])
    await counted(store)
    await counted(store)
    await taken(store, mine, [message("a", NOW)])  # nothing new
    await counted(store)

    moved = {fact for fact, (_, revision) in (await watermarks(store, mine)).items() if revision}
    assert moved == {"message", "engagement"}
    assert {revision for _, revision in (await watermarks(store, mine)).values()} == {0, 1}
    assert {n for _, n in (await watermarks(store, other)).values()} == {0}


async def test_a_refresh_that_finds_nothing_writes_two_rows_however_many_organizations_there_are(
    store: Store,
) -> None:
    written: list[int] = []

    def listen(_: Any, cursor: Any, text: str, *___: Any) -> None:
        if text.startswith("UPDATE"):
            written.append(cursor.rowcount)

    for _ in range(4):
        await enrolled(store)
    await counted(store)  # the boundary of the minutes rises once
    engine = store.writer.sync_engine
    sa.event.listen(engine, "after_cursor_execute", listen)
    try:
        await counted(store, NOW + timedelta(minutes=1))
    finally:
        sa.event.remove(engine, "after_cursor_execute", listen)

    assert written == [1, 1], "who holds the lock, and up to when all is counted"


async def test_forgotten_minutes_are_answered_from_the_raw_rows(store: Store) -> None:
    organization = await enrolled(store)
    keep = Keep(minutes=timedelta(days=8))
    old, young = NOW - timedelta(days=8, minutes=1), NOW - timedelta(days=8)

    async def answers() -> list[tuple[str | None, list[int]]]:
        """Which tier answers the two minutes from the old and from the young one, and what."""
        async with store.reading() as db:
            home = Home("UTC", (await progress(db, organization.id)).minutes_from)
            found: list[tuple[str | None, list[int]]] = []
            for start in (old, young):
                window = Window(start, start + timedelta(minutes=2))
                question = Question(MESSAGES, organization.id, ("logged",), window, Granularity.MINUTE)
                chosen, table = plan(question, home), await answer(db, question, home)
                found.append((chosen.name if chosen else None, table.groups[()]["logged"]))
        return found

    await taken(store, organization, [message("a", old), message("b", young)])
    await counted(store, NOW - timedelta(days=1), keep)  # nine days back, both are kept
    assert await answers() == [("minute", [1, 1]), ("minute", [1, 0])]

    await taken(store, organization, [message("c", old), message("d", young)])
    await counted(store, NOW, keep)
    assert await answers() == [(None, [2, 2]), ("minute", [2, 0])]
    # A question that is still running may have planned with the minutes of before.
    assert {slot for _, slot in await logged(store, organization, "minute")} >= {minute(young)}

    await counted(store, NOW + timedelta(hours=2), keep)
    assert await answers() == [(None, [2, 2]), (None, [2, 0])]
    await counted(store, NOW + timedelta(hours=4), keep)
    assert await logged(store, organization, "minute") == {}, "what nobody can rely on any more is gone"


async def test_minutes_once_forgotten_are_not_trusted_again_when_more_are_to_be_kept(store: Store) -> None:
    organization = await enrolled(store)
    await taken(store, organization, [message("a", NOW - timedelta(days=9))])
    await counted(store, NOW, Keep(minutes=timedelta(days=8)))
    await counted(store, NOW + timedelta(hours=2), Keep(minutes=timedelta(days=80)))

    async with store.reading() as db:
        held = (await progress(db, organization.id)).minutes_from
    assert held == minute(NOW - timedelta(days=8))
    assert await logged(store, organization, "minute") == {}


def batches(writer: int) -> list[list[Record]]:
    """What one writer tells, batch by batch: its messages overlap with those of the others."""
    made: list[list[Record]] = []
    for number in range(8):
        key, start = f"m{(writer + number) % 6}", at("2026-05-05 10:00") + timedelta(minutes=7 * number)
        made.append(
            [
                message(key, start, channel="sms", segments=number),
                event(key, "opened", start + timedelta(minutes=writer), id=f"{writer}-{number}"),
                event(f"x{number}", "delivered", start),
            ]
        )
    return made


async def test_writers_and_refreshers_that_race_end_exact(store: Store) -> None:
    quiet, racing, second = [await enrolled(store, "Asia/Kolkata") for _ in range(3)]
    done = asyncio.Event()

    async def write(writer: int) -> None:
        for number, batch in enumerate(batches(writer)):
            await taken(store, racing, batch)
            await taken(store, second, batch)
            if number == 4 and writer == 0:
                await recounted(store, second)

    async def refreshing() -> None:
        while not done.is_set():
            await counted(store)
            await asyncio.sleep(0.001)

    refreshers = [asyncio.create_task(refreshing()) for _ in range(2)]
    await asyncio.gather(*(write(writer) for writer in range(4)))
    done.set()
    await asyncio.gather(*refreshers)
    await counted(store)

    await taken(
        store, quiet, [record for writer in range(4) for batch in batches(writer) for record in batch]
    )
    await counted(store)
    assert await waiting(store) == 0
    expected = await tiers(store, quiet)
    assert await tiers(store, racing) == expected
    assert await tiers(store, second) == expected


@contextmanager
def just_before(store: Store, beginning: str, act: Callable[[], Any]) -> Generator[None]:
    """Do something once, on other connections, just before the writer executes such a statement."""
    engine, waits = store.writer.sync_engine, [True]

    def listen(_: Any, __: Any, statement: str, *___: Any) -> None:
        if waits[0] and statement.startswith(beginning):
            waits[0] = False
            await_only(act())

    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)
    assert not waits[0], "the moment to act never came"


@pytest.mark.parametrize("moment", ["DELETE FROM message_outbox", "INSERT INTO message_day"])
@pytest.mark.parametrize("snapshot", [True, False])
async def test_a_batch_that_comes_between_two_statements_is_exact_only_in_a_snapshot(
    postgres_store: Store, snapshot: bool, moment: str
) -> None:
    store = postgres_store
    organization = await enrolled(store)
    await taken(store, organization, [message("a", at("2026-05-05 10:00"))])

    with just_before(
        store, moment, lambda: taken(store, organization, [message("b", at("2026-05-05 11:00"))])
    ):
        async with work(store, snapshot=snapshot) as db:
            await refresh(db, NOW, EVER)
    await counted(store)
    numbers = await tiers(store, organization)
    await recounted(store, organization)

    # READ COMMITTED counts "b" in some tiers or in none and deletes its difference: this is the control.
    assert (numbers == await tiers(store, organization)) == snapshot


async def test_a_second_refresh_waits_its_turn_and_counts_what_is_left(postgres_store: Store) -> None:
    store = postgres_store
    organization = await enrolled(store)
    await taken(store, organization, [message("a", at("2026-05-05 10:00"))])
    other: list[asyncio.Task[int]] = []

    async def start_another() -> None:
        await taken(store, organization, [message("b", at("2026-05-05 11:00"))])
        other.append(asyncio.create_task(counted(store)))
        await asyncio.sleep(0.1)
        assert not other[0].done()

    with just_before(store, "DELETE FROM message_outbox", start_another):
        first = await counted(store)
    second = await other[0]

    assert (first, second) == (2, 2)  # on each clock one difference
    numbers = await tiers(store, organization)
    await recounted(store, organization)
    assert await tiers(store, organization) == numbers


async def test_refreshes_that_queue_need_no_second_attempt(postgres_store: Store) -> None:
    store = postgres_store
    organization = await enrolled(store)
    await taken(store, organization, [message("a", at("2026-05-05 10:00"))])

    async def once() -> int:
        async with work(store, snapshot=True) as db:
            return await refresh(db, NOW, EVER)

    assert sorted(await asyncio.gather(*(once() for _ in range(4)))) == [0, 0, 0, 2]


async def test_an_ingest_that_waits_for_a_rebuild_is_counted_once(postgres_store: Store) -> None:
    store = postgres_store
    organization = await enrolled(store)
    await taken(store, organization, [message("a", at("2026-05-05 10:00"))])
    other: list[asyncio.Task[int]] = []

    async def tell() -> None:
        other.append(asyncio.create_task(taken(store, organization, [message("b", at("2026-05-05 11:00"))])))
        await asyncio.sleep(0.1)
        assert not other[0].done(), "the rebuild holds the organization"

    with just_before(store, "DELETE FROM message_month", tell):
        await recounted(store, organization)
    await other[0]
    await counted(store)

    numbers = await tiers(store, organization)
    assert sum((await logged(store, organization, "month")).values()) == 2 * 2
    await recounted(store, organization)
    assert await tiers(store, organization) == numbers
    async with store.reading() as db:
        assert (await get(db, organization.id)).timezone == "UTC"
