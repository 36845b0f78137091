"""What is logged of an answer that did not come."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.gateway.rest.penguin import OVERVIEW, opened
from tests.house import open_house

CANCEL = (
    "SELECT pg_cancel_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE NOT granted"
)


async def test_what_is_cancelled_before_the_door_is_logged_as_out_of_time(postgres_store_url: str) -> None:
    async with open_house(postgres_store_url) as house, house.store.writer.connect() as db:
        penguin = await opened(house)
        await db.execute(sa.text("LOCK TABLE request_logs IN ACCESS EXCLUSIVE MODE"))
        with capture_logs() as logged:
            asking = asyncio.create_task(penguin.ask(OVERVIEW))  # which is counted first
            while not asking.done():
                await db.execute(sa.text(f"{CANCEL} AND datname = current_database()"))
            response = await asking

    assert response.status_code == 503
    assert [one["event"] for one in logged if one["log_level"] != "info"] == ["out of time"]
