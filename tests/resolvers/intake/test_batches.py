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
from tests.worlds import NOW, enrolled, event, message, taken, waiting


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
) -> int:
    """How many statements the driver was given for a batch."""
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
    return len(asked)


async def test_the_statements_of_a_batch_do_not_grow_with_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = await enrolled(store), await enrolled(store)

    assert await statements(store, few, told(2), monkeypatch) == await statements(
        store, many, told(300), monkeypatch
    )
    news = [
        await statements(store, one, happened_later(n), monkeypatch) for one, n in ((few, 2), (many, 300))
    ]
    assert news[0] == news[1] <= 10
    assert await waiting(store) > 300
