"""Rows in bulk: what the driver says of them is told as of any other statement."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from drills.line import line
from gateway.unit import run, work
from models import Subscription
from models.engine import Store
from resolvers.bulk import append, update
from tests.worlds import NOW, PATIENCE_S, enrolled, opened

TABLE: Any = Subscription.__table__
WORDS = ("plan_type", "billing_interval", "status", "provider")


def row(organization: int, key: str) -> dict[str, Any]:
    """A row with a moment, a date and what is null."""
    nothing = dict.fromkeys(("current_period_end", "next_billing_date"))
    told = {"organization_id": organization, "id": key, "paid_through": date(2026, 5, 5), "updated_at": NOW}
    return {**dict.fromkeys(WORDS, ""), **nothing, **told}


def values(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(one[column.name] for column in TABLE.columns) for one in rows]


async def kept(store: Store) -> list[dict[str, Any]]:
    async with store.reading() as db:
        found = await db.execute(sa.select(TABLE).order_by(TABLE.c.organization_id, TABLE.c.id))
        return [dict(one) for one in found.mappings()]


async def test_rows_are_added_and_some_columns_of_an_organizations_own_are_changed(store: Store) -> None:
    mine, other = (await enrolled(store)).id, (await enrolled(store)).id
    rows = [row(mine, "a"), row(mine, "b"), row(other, "a")]
    news = {**row(mine, "a"), "status": "past_due", "paid_through": None, "provider": "not told"}

    await run(store, lambda db: append(db, TABLE, values(rows)))

    async def twice(db: Any) -> None:
        for _ in range(2):
            await update(db, TABLE, ["status", "paid_through"], [news])

    await run(store, twice)

    assert await kept(store) == [{**rows[0], "status": "past_due", "paid_through": None}, *rows[1:]]


async def test_a_row_that_is_there_already_is_told_as_the_errors_of_other_statements_are(
    store: Store,
) -> None:
    mine = (await enrolled(store)).id
    await run(store, lambda db: append(db, TABLE, values([row(mine, "a")])))

    async def again(db: Any) -> None:
        attempts.append(1)
        await append(db, TABLE, values([row(mine, "b"), row(mine, "a")]))

    attempts: list[int] = []
    with pytest.raises(sa.exc.DBAPIError):
        await run(store, again)

    assert len(await kept(store)) == 1, "nothing of a batch that fails"
    assert len(attempts) == (1 if store.is_sqlite else 8), "who made it first may be found the next time"


async def test_who_gives_up_rows_does_not_wait_for_a_dead_line(postgres_store_url: str) -> None:
    async with line(postgres_store_url) as through, opened(through.url) as store:
        organization = (await enrolled(store)).id
        with ExitStack() as until_over:
            async with asyncio.timeout(PATIENCE_S):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(2), work(store) as db:
                        await db.execute(sa.select(1))
                        until_over.enter_context(through.dead())
                        await append(db, TABLE, values([row(organization, "a")]))

        assert await kept(store) == []
