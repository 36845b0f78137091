"""The second lock: what PostgreSQL shows and takes, whatever a statement forgets to say."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from gateway.unit import run
from models import ApiKey, Message, OrganizationAlias
from models.base import TENANT_KEY, Base
from models.engine import Store, rows
from models.lock import TENANTS, holds
from tests.conftest import PostgresTemplate
from tests.worlds import NOW, enrolled, message, opened, taken

IDS = sa.select(Message.id).order_by(Message.id)
POLICIES = "SELECT tablename FROM pg_policies WHERE policyname = 'of_organization'"


async def two_tenants(everyones: Store) -> tuple[Store, Store]:
    """The store of two organizations with two messages each, `a` and `b` of the one, `c` and `d` of the other."""
    lent = []
    for ids in ("ab", "cd"):
        organization = await enrolled(everyones)
        await taken(everyones, organization, [message(id, NOW) for id in ids])
        lent.append(everyones.of(organization.id))
    return lent[0], lent[1]


async def test_every_table_of_tenants_has_a_policy_that_holds_its_owner(postgres_store_url: str) -> None:
    async with opened(postgres_store_url) as store, store.reading() as db:
        locked = {row.relname for row in await db.exec_driver_sql(TENANTS) if row.is_locked}
        with_policy = set((await db.exec_driver_sql(POLICIES)).scalars())

    tenants = {name for name, table in Base.metadata.tables.items() if TENANT_KEY in table.c}
    assert locked == with_policy == tenants
    assert {ApiKey.__tablename__, OrganizationAlias.__tablename__} < tenants


async def test_a_statement_that_forgets_whose_rows_it_means_finds_those_of_who_asks(
    postgres_store_url: str,
) -> None:
    async with opened(postgres_store_url, pool_size=1) as everyones:
        one, other = await two_tenants(everyones)
        strangers = Store(postgres_store_url, pool_size=1)
        for store, expected in ((one, "ab"), (other, "cd"), (strangers, ""), (everyones, "abcd")):
            straight = [row[0] for row in await rows(store, IDS, {})]
            async with store.reading() as db:
                read = list((await db.execute(IDS)).scalars())
            async with store.streaming() as db:
                streamed = list((await db.execute(IDS)).scalars())
            written = await run(store, lambda db: db.execute(sa.update(Message).values(channel="sms")))

            found = "".join(straight), "".join(read), "".join(streamed), written.rowcount
            assert found == (expected, expected, expected, len(expected))
        await strangers.close()


async def test_nobody_writes_a_row_of_another(postgres_store_url: str) -> None:
    async with opened(postgres_store_url) as everyones:
        one, other = await two_tenants(everyones)
        async with other.reading() as db:
            theirs = dict((await db.execute(sa.select(Message.__table__).limit(1))).mappings().one())
        moved = sa.update(Message).values(organization_id=theirs[TENANT_KEY])

        for job in (moved, sa.insert(Message).values({**theirs, "id": "e"})):
            with pytest.raises(sa.exc.DBAPIError, match="row-level security"):
                await run(one, lambda db, job=job: db.execute(job))


async def test_a_transaction_leaves_nothing_behind_on_its_connection(postgres_store_url: str) -> None:
    async with opened(postgres_store_url, pool_size=1) as everyones:
        one, _ = await two_tenants(everyones)
        lent: tuple[tuple[Any, Any], ...] = (
            (one.reading, one.reader),
            (one.streaming, one.streamer),
            (one.writing, one.writer),
        )
        for lend, pool in lent:
            async with lend() as db:
                assert "".join((await db.execute(IDS)).scalars()) == "ab"
            async with pool.connect() as db:  # the same connection: there is only one
                assert (await db.execute(IDS)).all() == []
        assert len(await rows(one, IDS, {})) == 2
        assert await one.direct.rows(IDS, {}) == []


async def test_it_is_told_whether_a_role_is_held(store_url: str, postgres_template: PostgresTemplate) -> None:
    async with opened(store_url) as store, store.reading() as db:
        assert await holds(db) is (None if store.is_sqlite else True)
        name = store.url.database
    if not store.is_sqlite:
        async with opened(postgres_template.url_of_admin(str(name))) as store, store.reading() as db:
            assert await holds(db) is False


async def test_a_table_that_was_made_without_a_policy_is_told(postgres_store_url: str) -> None:
    async with opened(postgres_store_url) as store:
        await run(store, lambda db: db.exec_driver_sql("CREATE TABLE new_kind (organization_id bigint)"))
        async with store.reading() as db:
            assert await holds(db) is False
