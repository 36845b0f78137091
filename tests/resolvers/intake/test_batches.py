"""A batch costs as many statements as it has kinds of rows, however many rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa

from models import Organization
from models.engine import Store
from models.records import ContactRecord, Record
from tests.conftest import PostgresTemplate
from tests.worlds import NOW, enrolled, event, message, opened, taken, waiting


def told(number: int) -> list[Record]:
    """Messages, things that happened to them, and their contacts."""
    found: list[Record] = []
    for place in range(number):
        moment = NOW - timedelta(minutes=place)
        found += [
            message(f"m{place}", moment, contact_id=f"c{place}", delivered_at=moment),
            event(f"m{place}", "clicked", moment),
            ContactRecord(type="contact", id=f"c{place}", created_at=moment),
        ]
    return found


def happened_later(number: int) -> list[Record]:
    return [event(f"m{place}", "read", NOW) for place in range(number)]


async def statements(
    store: Store, organization: Organization, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """The statements that the driver was given for a batch."""
    asked: list[str] = []
    copy = asyncpg.Connection.copy_records_to_table

    def listen(_: Any, __: Any, text: str, *___: Any) -> None:
        asked.append(text)

    async def copied(self: Any, table: str, **told: Any) -> str:
        asked.append(f"COPY {table}")
        return await copy(self, table, **told)

    monkeypatch.setattr(asyncpg.Connection, "copy_records_to_table", copied)
    engine = store.writer.sync_engine
    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        assert await taken(store, organization, records)
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)
        monkeypatch.undo()
    return asked


async def test_the_statements_of_a_batch_do_not_grow_with_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = await enrolled(store), await enrolled(store)

    small, large = [
        await statements(store, one, told(number), monkeypatch) for one, number in ((few, 2), (many, 40))
    ]
    assert len(small) == len(large) < 30
    small, large = [
        await statements(store, one, happened_later(number), monkeypatch)
        for one, number in ((few, 2), (many, 40))
    ]
    assert len(small) == len(large) <= 13  # one says whose they are
    assert await waiting(store) > 40


async def test_postgresql_is_told_of_an_organization_that_has_grown(
    postgres_store: Store, postgres_template: PostgresTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = await enrolled(postgres_store)
    most: list[Record] = [message(f"m{number}", NOW) for number in range(4_095)]
    asked = await statements(postgres_store, organization, most, monkeypatch)
    assert not any("ANALYZE" in text for text in asked)

    learned = [
        text
        for number in range(2)
        for text in await statements(postgres_store, organization, [message(f"n{number}", NOW)], monkeypatch)
        if "ANALYZE" in text
    ]

    assert len(learned) == 1
    # statistics about tables with policies are not for those whom they hold
    admins = postgres_template.url_of_admin(str(postgres_store.url.database))
    async with opened(admins) as store, store.reading() as db:
        known = sa.text(
            "SELECT most_common_vals::text FROM pg_stats WHERE tablename = 'messages' AND attname = 'organization_id'"
        )
        assert (await db.execute(known)).scalar_one() == f"{{{organization.id}}}"
