"""The world that is copied into an SQLite file."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from benchmarks.sqlite import copy
from models import Instance, Message
from tests.worlds import at, counted, enrolled, message, opened, taken, tiers, watermarks


async def test_a_copy_has_the_numbers_and_the_secrets_and_no_raw_messages(
    store_url: str, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/copy.db"
    async with opened(store_url) as store:
        organization = await enrolled(store)
        sent = {"sent_at": at("2026-05-01 10:00"), "channel": "sms"}
        await taken(store, organization, [message(id, at("2026-05-01 10:00"), **sent) for id in "ab"])
        await counted(store)
        before = await tiers(store, organization), await watermarks(store, organization)
        async with store.reading() as db:
            secret = (await db.execute(sa.select(Instance.__table__))).one()

    await copy(store_url, url, lambda *_: None)

    async with opened(url) as store:
        assert (await tiers(store, organization), await watermarks(store, organization)) == before
        assert before[0]["message_day"]
        async with store.reading() as db:
            assert (await db.execute(sa.select(Instance.__table__))).one() == secret
            assert await db.scalar(sa.select(sa.func.count()).select_from(Message)) == 0
