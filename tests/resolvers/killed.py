"""A process that forks children which are killed while they take records in and count them.

    python -m tests.resolvers.killed URL FIRST STRIDE whole|broken

Each child works on an organization of its own and dies (SIGKILL) at a step of its own, from FIRST on each
STRIDE-th: before a statement, after it, before a commit, after it. Then everything is sent again to
everyone. Prints how many steps there are.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

import sqlalchemy as sa

from models import Organization
from models.engine import Store
from models.records import CampaignRecord, ContactRecord, Record, WebhookDeliveryRecord
from resolvers.intake.absorb import absorb
from tests.worlds import TESTS, at, counted, enrolled, event, message, taken

NOON = at("2026-05-05 12:00")
FIRST: list[Record] = [
    message("a", NOON, channel="sms", sent_at=NOON, segments=2),
    event("b", "opened", at("2026-05-05 12:20")),
    event("b", "clicked", at("2026-05-05 12:25"), link="https://x.example"),
    WebhookDeliveryRecord(
        type="webhook_delivery", id="w", endpoint_id="crm", kind="message.sent", outcome="retry", at=NOON
    ),
    CampaignRecord(type="campaign", id="spring", created_at=NOON, status="sending"),
    ContactRecord(type="contact", id="1", created_at=NOON),
]
SECOND: list[Record] = [
    event("a", "failed", at("2026-05-05 12:10"), error_code="30003"),
    message("b", at("2026-05-04 23:50"), channel="email", campaign_id="spring"),
]
Take = Callable[[Store, Organization, list[Record]], Any]


class Halves:
    """A connection that commits whenever rows are written: rows and differences part."""

    def __init__(self, db: Any) -> None:
        self._db = db

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    async def exec_driver_sql(self, *told: Any) -> Any:
        done = await self._db.exec_driver_sql(*told)
        await self._db.commit()
        await self._db.begin()
        return done


async def taken_in_halves(store: Store, organization: Organization, records: list[Record]) -> None:
    """What a careless unit of work would do."""
    async with store.writer.connect() as db:
        await db.begin()
        await absorb(Halves(db), organization, records)  # ty: ignore[invalid-argument-type]
        await db.commit()


async def told(store: Store, organization: Organization, take: Take) -> None:
    """The whole of it: two batches, then a count."""
    await take(store, organization, FIRST)
    await take(store, organization, SECOND)
    await counted(store)


async def main(store: Store, work: Any) -> Any:
    """Do some work and leave no connection behind, so that it is safe to fork."""
    try:
        return await work
    finally:
        await store.close()


def at_every_step(store: Store, act: Callable[[int], None]) -> None:
    """Call with the number of each step."""
    engine, numbers = store.writer.sync_engine, count(1)

    def step(*_: Any) -> None:
        act(next(numbers))

    for name in ("before_cursor_execute", "after_cursor_execute", "commit", "checkin"):
        sa.event.listen(engine, name, step)


def forked(work: Callable[[], None]) -> int:
    """Do it in a child; how the child ended: 0, or minus the signal that killed it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work()
    except BaseException as error:  # noqa: BLE001  a fork must not run on as its parent
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def die(number: int) -> Callable[[int], None]:
    """Be killed at that step."""

    def act(step: int) -> None:
        if step == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


async def prepared(store: Store, take: Take, number: int) -> list[Organization]:
    """`number` organizations; the first has been told everything, without anyone being killed."""
    organizations = [await enrolled(store, "Asia/Kolkata", f"killed-{i}") for i in range(number)]
    await told(store, organizations[0], take)
    return organizations


async def told_again(store: Store, organizations: list[Organization]) -> None:
    """Everything once more to everyone, as a client does that never got its answer."""
    for organization in organizations:
        await taken(store, organization, FIRST + SECOND)
    await counted(store)


def run(url: str, begin: int, stride: int, take: Take) -> int:
    """Kill a child at each `stride`-th step; says how many steps there are."""
    store = Store(url).of_everyone(TESTS)
    first = asyncio.run(main(store, prepared(store, take, 2)))
    steps = counted_steps(store, first[1], take)
    chosen = range(begin, steps + 1, stride)
    organizations = asyncio.run(main(store, prepared(store, take, 1 + len(chosen))))
    for organization, number in zip(organizations[1:], chosen, strict=True):

        def work(organization: Organization = organization, number: int = number) -> None:
            at_every_step(store, die(number))
            asyncio.run(told(store, organization, take))

        if (ended := forked(work)) != -signal.SIGKILL:
            raise SystemExit(f"the child that should die at step {number} of {steps} ended with {ended}")
    asyncio.run(main(store, told_again(store, organizations)))
    return steps


def counted_steps(store: Store, organization: Organization, take: Take) -> int:
    """How many steps there are when nobody is killed."""
    read, write = os.pipe()

    def work() -> None:
        seen: list[int] = []
        at_every_step(store, seen.append)
        asyncio.run(told(store, organization, take))
        os.write(write, str(len(seen)).encode())

    if forked(work):
        raise SystemExit("nobody was killed and yet the work was not done")
    return int(os.read(read, 20))


if __name__ == "__main__":
    _, where, begin, every, how = sys.argv
    sys.stdout.write(str(run(where, int(begin), int(every), taken_in_halves if how == "broken" else taken)))
