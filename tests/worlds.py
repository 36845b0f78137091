"""Small worlds for tests with a store: an organization, records told to it, and what was made of them."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings

from gateway.unit import run
from models import (
    FACTS,
    OUTBOXES,
    TIERS,
    BillingAccount,
    Campaign,
    CampaignAudience,
    Contact,
    ContactEvent,
    ContactList,
    CreditEntry,
    CreditProduct,
    Domain,
    InboxEvent,
    InboxTag,
    InboxThread,
    IpAddress,
    IpCheck,
    Link,
    Mailbox,
    MailboxDay,
    Message,
    MessageEvent,
    Order,
    Organization,
    RefreshLock,
    Segment,
    Subscription,
    User,
    Watermark,
    WebhookDelivery,
    Workflow,
    WorkflowEntry,
)
from models.base import TENANT_KEY
from models.direct import Direct
from models.engine import Store
from models.records import CreditEntryRecord, EventRecord, MessageRecord, OrganizationRecord, Record
from models.version import PostgresVersion
from resolvers.intake.absorb import absorb
from resolvers.organizations import Enrolled, enroll
from resolvers.rollup import Keep, rebuild, refresh

NOW = datetime(2026, 5, 5, 12, tzinfo=UTC)
PATIENCE_S = 60.0  # for what must happen, and on a busy machine does so late
EVER = Keep(minutes=timedelta(days=40_000))  # no minute is ever forgotten
_KINDS = (
    *(Message, MessageEvent, Campaign, Contact, WebhookDelivery),
    *(BillingAccount, Subscription, CreditProduct, CreditEntry),
    *(Domain, Mailbox, IpAddress, IpCheck, MailboxDay),
    *(ContactEvent, ContactList, Segment, CampaignAudience, Link, Order, User),
    *(Workflow, WorkflowEntry, InboxThread, InboxTag, InboxEvent),
)
RAW: tuple[Any, ...] = tuple(kind.__table__ for kind in _KINDS)
_NUMBERS = count(1)
TESTS = "tests see everything"

Rows = dict[tuple[Any, ...], tuple[int, ...]]


def at(text: str) -> datetime:
    """A moment: at("2026-05-05 10:30") is UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def message(id: str, created_at: datetime, **told: Any) -> MessageRecord:
    """A message record."""
    return MessageRecord(type="message", id=id, created_at=created_at, **told)


def event(message_id: str, kind: Any, moment: datetime, **told: Any) -> EventRecord:
    """An event record."""
    return EventRecord(type="event", message_id=message_id, event=kind, at=moment, **told)


def entry(id: str, kind: Any, credits: int, moment: datetime, **told: Any) -> CreditEntryRecord:
    """A record of the credit ledger."""
    return CreditEntryRecord(type="credit_entry", id=id, kind=kind, credits=credits, at=moment, **told)


def bounded(examples: int) -> settings:
    """So many examples; they may share the store of the test.

    EXAMPLES=20 in the environment searches twenty times as long.
    """
    return settings(
        max_examples=examples * int(os.environ.get("EXAMPLES", "1")),
        phases=(
            Phase.explicit,
            Phase.generate,
        ),  # shrinking a world takes minutes; --hypothesis-seed repeats it
        suppress_health_check=(
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ),
    )


@asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncGenerator[Store]:
    """A store of the test's own, closed whatever happens."""
    store = Store(url, **settings)
    try:
        yield store.of_everyone(TESTS)
    finally:
        await store.close()


async def told_of_commits(store: Store) -> None:
    """Once the store has heard of every commit so far: what is known of it then is not forgotten again."""
    if isinstance(store.version, PostgresVersion):
        for _ in range(2):  # the first may hear what the listener said to itself before the commits
            await store.version.call()


@contextmanager
def direct_reads(store: Store, note: Callable[[Any], None]) -> Generator[None]:
    """Whatever is asked of the driver itself is noted meanwhile."""
    rows = store.direct.rows

    async def noted(statement: Any, *given: Any) -> Any:
        note(statement)
        return await rows(statement, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.direct, "rows", noted)
        yield


def reads_fail(patch: pytest.MonkeyPatch, error: Exception) -> None:
    """Whatever is read of any store fails from now on, straight from the driver or not."""

    def reading(_: Store) -> Any:
        raise error

    async def rows(*_: Any) -> Any:
        raise error

    patch.setattr(Store, "reading", reading)
    patch.setattr(Direct, "rows", rows)


async def enrolled(
    store: Store, timezone: str = "UTC", slug: str | None = None, now: datetime = NOW
) -> Organization:
    """A new organization, or the one of this slug with its new zone. Its rollups are left as they are."""
    slug = slug or f"organization-{next(_NUMBERS)}"
    record = OrganizationRecord(type="organization", id=slug, timezone=timezone)

    async def job(db: Any) -> Enrolled:
        return await enroll(db, record, now)

    return (await run(store, job, snapshot=True)).organization


async def taken(store: Store, organization: Organization, records: Iterable[Record]) -> int:
    """Take one batch of records in; says how many rows changed."""
    batch = list(records)
    return (await run(store, lambda db: absorb(db, organization, batch))).changed


async def counted(store: Store, now: datetime = NOW, keep: Keep = EVER) -> int:
    """Refresh the rollups; says how many differences there were."""
    return await run(store, lambda db: refresh(db, now, keep), snapshot=True)


async def recounted(store: Store, organization: Organization, now: datetime = NOW, keep: Keep = EVER) -> None:
    """Rebuild the rollups of an organization from its raw rows."""
    await run(store, lambda db: rebuild(db, organization, now, keep), snapshot=True)


async def held(store: Store, organization: Organization) -> dict[str, list[tuple[Any, ...]]]:
    """Every raw row of an organization by table, without the organization's number."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with store.reading() as db:
        for table in RAW:
            columns = [column for column in table.columns if column.name != TENANT_KEY]
            select = sa.select(*columns).where(table.c[TENANT_KEY] == organization.id).order_by(table.c.id)
            found[table.name] = [tuple(row) for row in await db.execute(select)]
    return found


async def tiers(store: Store, organization: Organization) -> dict[str, Rows]:
    """Every row of every tier that counts anything: by (clock, slot, dimensions …), the sums."""
    found: dict[str, Rows] = {}
    async with store.reading() as db:
        for tier in (tier for fact in FACTS for tier in TIERS[fact]):
            table, names = tier.table, [s.name for s in tier.fact.sums]
            keys = [column for column in table.primary_key if column.name != TENANT_KEY]
            select = sa.select(*keys, *(table.c[name] for name in names))
            rows = await db.execute(select.where(table.c[TENANT_KEY] == organization.id))
            found[table.name] = {
                tuple(row[: len(keys)]): tuple(row[len(keys) :]) for row in rows if any(row[len(keys) :])
            }
    return found


async def waiting(store: Store) -> int:
    """Differences of all organizations that no refresh has added up yet."""
    async with store.reading() as db:
        counts = [
            (await db.execute(sa.select(sa.func.count()).select_from(OUTBOXES[fact]))).scalar_one()
            for fact in FACTS
        ]
    return sum(counts)


async def watermarks(store: Store, organization: Organization) -> dict[str, tuple[datetime, int]]:
    """(as_of, revision) of each fact."""
    counted_to = sa.select(RefreshLock.counted_to).scalar_subquery()
    select = sa.select(Watermark.fact, counted_to.label("as_of"), Watermark.revision)
    async with store.reading() as db:
        rows = await db.execute(select.where(Watermark.organization_id == organization.id))
        return {row.fact: (row.as_of, row.revision) for row in rows}
