"""The first count after an upgrade: whatever has no watermark is counted anew, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import sqlalchemy as sa
from structlog.testing import capture_logs

from gateway.unit import run
from gateway.worker import Worker
from models import CREDITS, FACTS, MESSAGES, TIERS, Fact, Organization, Watermark
from models.base import EPOCH
from models.engine import Store
from resolvers.rollup import never_counted
from resolvers.watermarks import progress
from tests.worlds import (
    EVER,
    NOW,
    PATIENCE_S,
    at,
    counted,
    enrolled,
    entry,
    event,
    message,
    taken,
    tiers,
    watermarks,
)


def a_worker(store: Store) -> Worker:
    """One that has just been started."""
    return Worker(store, lambda: NOW, EVER, 1)


async def told(store: Store) -> Organization:
    """An organization with something of several facts, counted."""
    organization = await enrolled(store, "Asia/Kolkata")
    sent = message("a", at("2026-05-05 10:00"), channel="sms", sent_at=at("2026-05-05 10:01"), characters=481)
    await taken(store, organization, [sent, event("a", "opened", NOW), entry("e", "grant", 9, NOW)])
    await counted(store, NOW)
    return organization


async def lost(store: Store, organization: Organization, *facts: Fact) -> None:
    """What a migration does to facts that it changes."""

    async def job(db: Any) -> None:
        for fact in facts:
            for tier in TIERS[fact]:
                own = tier.table.c.organization_id == organization.id
                await db.execute(sa.delete(tier.table).where(own))
            await db.execute(
                sa.delete(Watermark).where(
                    Watermark.fact == fact.name, Watermark.organization_id == organization.id
                )
            )

    await run(store, job)


async def zoned(store: Store, organization: Organization, zone: str) -> None:
    """The organization in this zone, without counting anew and without asking whether there is one."""
    change = sa.update(Organization).where(Organization.id == organization.id).values(timezone=zone)
    await run(store, lambda db: db.execute(change))


async def until_counted(store: Store, organization: Organization, worker: Worker) -> None:
    """Stop the worker as soon as every fact has a watermark."""
    while (await watermarks(store, organization)).keys() != {fact.name for fact in FACTS}:  # noqa: ASYNC110  nobody tells of it
        await asyncio.sleep(0.001)
    worker.stop()


async def test_a_fact_without_a_watermark_is_counted_anew_by_the_first_refresh(store: Store) -> None:
    organization = await told(store)
    numbers, marks = await tiers(store, organization), await watermarks(store, organization)
    await lost(store, organization, MESSAGES, CREDITS)
    await taken(store, organization, [message("b", at("2026-05-05 11:00"))])  # came in before the worker ran

    async with store.reading() as db:
        before = (await progress(db, organization.id)).marks["message"]
        assert await never_counted(db) == [(organization.id, MESSAGES), (organization.id, CREDITS)]
    await a_worker(store).refresh()

    assert (before.as_of, before.revision) == (EPOCH, 0)
    found = await tiers(store, organization)
    assert found["credit_day"] == numbers["credit_day"]
    assert found["message_slim_quarter"].items() > numbers["message_slim_quarter"].items()
    await lost(store, organization, MESSAGES)
    await a_worker(store).refresh()
    assert await tiers(store, organization) == found, "however often it is lost"
    after = await watermarks(store, organization)
    assert {fact: as_of for fact, (as_of, _) in after.items()} == {
        fact: as_of for fact, (as_of, _) in marks.items()
    }
    assert after["message"][1] > 0


async def test_one_that_cannot_be_counted_does_not_stop_the_others(store: Store) -> None:
    broken, sound = await told(store), await told(store)
    numbers = {one.id: await tiers(store, one) for one in (broken, sound)}
    for one in (broken, sound):
        await lost(store, one, MESSAGES, CREDITS)
    await zoned(store, broken, "Atlantis/Capital")  # as when a newer machine has enrolled it

    with capture_logs() as logs:
        await a_worker(store).refresh()

    failures = [(log["organization_id"], log["fact"]) for log in logs if log["log_level"] == "error"]
    assert sorted(failures) == [(broken.id, "credit"), (broken.id, "message")]
    assert await tiers(store, sound) == numbers[sound.id]
    assert {"message", "credit"} <= (await watermarks(store, sound)).keys()
    async with store.reading() as db:
        assert await never_counted(db) == [(broken.id, MESSAGES), (broken.id, CREDITS)]

    await zoned(store, broken, "Asia/Kolkata")
    await a_worker(store).refresh()  # the next start tries again
    assert await tiers(store, broken) == numbers[broken.id]


async def test_a_worker_that_runs_counts_one_fact_after_another_until_none_is_left(store: Store) -> None:
    organization = await told(store)
    numbers = await tiers(store, organization)
    await lost(store, organization, MESSAGES, CREDITS)
    worker = Worker(store, lambda: NOW, EVER, 0.001)

    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as both:
        both.create_task(worker.run())
        both.create_task(until_counted(store, organization, worker))

    assert await tiers(store, organization) == numbers
    async with store.reading() as db:
        assert await never_counted(db) == []


async def test_who_has_every_watermark_is_left_alone(store: Store) -> None:
    behind, complete = await told(store), await told(store)
    await lost(store, behind, CREDITS)
    await counted(store)
    marks = await watermarks(store, complete)

    worker = a_worker(store)
    await worker.refresh()

    assert await watermarks(store, complete) == marks
    async with store.reading() as db:
        assert await never_counted(db) == []
    await lost(store, complete, CREDITS)
    await worker.refresh()  # it looks only once: nobody migrates under a worker that runs
    assert "credit" not in await watermarks(store, complete)
