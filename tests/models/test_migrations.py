"""Upgrades of a store that holds data: nothing told is lost, and the numbers are counted again."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from alembic import command

from gateway.unit import run
from gateway.worker import Worker
from models import FACTS, Contact, Horizon, MessageEvent
from models.errors import HistoryWouldGo
from models.migrations.history import check_facts
from models.records import ContactRecord, Record
from models.revision import is_current
from models.upgrades import MIGRATIONS, alembic_config, migrate
from tests.worlds import (
    EVER,
    NOW,
    at,
    counted,
    enrolled,
    event,
    held,
    message,
    opened,
    taken,
    tiers,
    watermarks,
)

# What the release before had: three facts, of which it had counted everything there was.
AS_IT_WAS = (
    "INSERT INTO watermarks (organization_id, fact, as_of, revision) "
    "SELECT id, 'message', created_at, 3 FROM organizations"
)
BEFORE_BILLING, BEFORE_OPT_INS = "0001", "0004"


async def downgrade(url: str, revision: str) -> None:
    """Back to an earlier schema."""
    await asyncio.to_thread(command.downgrade, alembic_config(url), revision)


async def test_a_store_with_data_keeps_its_rows_and_counts_them_anew(store_url: str) -> None:
    async with opened(store_url) as store:
        organization = await enrolled(store, "Asia/Kolkata")
        sent = message("a", at("2026-05-05 10:00"), channel="sms", sent_at=at("2026-05-05 10:01"))
        await taken(store, organization, [sent, message("b", NOW), event("a", "opened", NOW)])
        await counted(store)
        rows, numbers = await held(store, organization), await tiers(store, organization)

    await downgrade(store_url, BEFORE_BILLING)
    async with opened(store_url) as store:
        await run(store, lambda db: db.exec_driver_sql(AS_IT_WAS))
    assert not await is_current(store_url)
    await migrate(store_url)

    async with opened(store_url) as store:
        assert await held(store, organization) == rows
        assert (await tiers(store, organization))["message_day"] == {}
        assert "message" not in await watermarks(store, organization)
        await Worker(store, lambda: NOW, EVER, 1).refresh()
        assert await tiers(store, organization) == numbers
        assert set(await watermarks(store, organization)) == {fact.name for fact in FACTS}


async def test_every_migration_can_be_taken_back_and_made_again(store_url: str) -> None:
    await downgrade(store_url, "base")
    assert not await is_current(store_url)
    await migrate(store_url)

    assert await is_current(store_url)
    await asyncio.to_thread(command.check, alembic_config(store_url))
    async with opened(store_url) as store, store.reading() as db:
        assert (await db.execute(sa.text("SELECT count(*) FROM messages"))).scalar_one() == 0


async def test_contacts_and_events_of_before_are_told_what_they_became_and_whose_they_are(
    store_url: str,
) -> None:
    async with opened(store_url) as store:
        organization, other = await enrolled(store), await enrolled(store)
        records: list[Record] = [
            ContactRecord(type="contact", id="in", created_at=NOW, is_opted_in=True, source="form"),
            ContactRecord(type="contact", id="out", created_at=NOW, is_opted_in=False),
            message("a", NOW, contact_id="in", source="workflow", source_id="w", campaign_id="spring"),
            message("b", NOW),
            event("a", "clicked", NOW, id="1"),
            event("a", "opened", NOW, id="2"),
            event("b", "opened", NOW, id="3"),
        ]
        await taken(store, organization, records)
        # of the other, a message of the same name is another's
        await taken(store, other, [message("a", NOW, contact_id="x"), event("a", "clicked", NOW, id="1")])
        await counted(store)
        rows, numbers = await held(store, organization), await tiers(store, organization)
        others = await held(store, other)

    await downgrade(store_url, BEFORE_OPT_INS)
    await migrate(store_url)

    async with opened(store_url) as store:
        statuses = sa.select(Contact.id, Contact.opt_in_status, Contact.custom).order_by(Contact.id)
        copies = sa.select(MessageEvent.message_id, MessageEvent.contact_id, MessageEvent.source_id)
        theirs = MessageEvent.organization_id == organization.id
        async with store.reading() as db:
            assert [tuple(row) for row in await db.execute(statuses)] == [
                ("in", "subscribed", "{}"),
                ("out", "unsubscribed", "{}"),
            ]
            found = {tuple(row) for row in await db.execute(copies.where(theirs))}
            assert found == {("a", "in", "w"), ("b", "", "")}
            assert {tuple(row) for row in await db.execute(copies.where(~theirs))} == {("a", "x", "")}
        assert await held(store, organization) == rows
        assert await held(store, other) == others
        assert await taken(store, organization, records) == 0, "what is told again is what is there"
        assert not {"contact", "order", "opt_in"} & set(await watermarks(store, organization))
        await Worker(store, lambda: NOW, EVER, 1).refresh()
        assert await tiers(store, organization) == numbers


async def test_an_upgrade_that_would_lose_what_retention_took_is_refused(store_url: str) -> None:
    async with opened(store_url) as store:
        async with store.writing() as db:
            await db.run_sync(lambda sync: check_facts(sync, {"message"}))
        organization = await enrolled(store)
        row = {"organization_id": organization.id, "detailed_from": 1440, "daily_from": 0, "raised_at": NOW}
        await run(store, lambda db: db.execute(sa.insert(Horizon).values(row)))

        async with store.writing() as db:
            await db.run_sync(lambda sync: check_facts(sync, set()))
            with pytest.raises(HistoryWouldGo, match=r"counts anew \(message\).* of 1 organizations"):
                await db.run_sync(lambda sync: check_facts(sync, {"message"}))


def test_a_migration_that_drops_tiers_says_of_which_facts() -> None:
    folder = MIGRATIONS / "versions"
    recounting = [
        path for path in folder.glob("*.py") if "rollups.drop(" in path.read_text().split("def downgrade")[0]
    ]

    # before 0006 there was no retention
    assert [
        path.name for path in recounting if path.name > "0006" and "RECOUNTS = " not in path.read_text()
    ] == []
    assert recounting
