"""A line to PostgreSQL whose other end is gone is found out, on every connection that a store makes."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
import uvloop

from drills.line import line
from gateway.news import follow
from models.alive import ENDED_WITHIN_S, OPTIONS, SETTINGS, ask_at_times
from models.direct import PostgresDirect
from models.engine import is_outage
from tests.worlds import opened

ONE: Any = sa.select(sa.literal(1).label("one"))
FIGURES = [getattr(socket, name) for name in OPTIONS if hasattr(socket, name)]
ROOT = Path(__file__).parents[2]


def asked(port: int) -> list[tuple[int, ...]]:
    """Of each line of ours to that port whether its other end is asked, and by which figures."""
    found = []
    for one in psutil.Process().net_connections("tcp4"):
        if one.raddr and one.raddr.port == port:
            with socket.socket(fileno=os.dup(one.fd)) as line:
                is_asked = line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
                found.append((is_asked, *(line.getsockopt(socket.IPPROTO_TCP, name) for name in FIGURES)))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other figures")
async def test_the_other_end_of_every_line_is_asked_at_times(postgres_store_url: str) -> None:
    async with line(postgres_store_url) as through, opened(through.url) as store:
        port, stop = sa.make_url(through.url).port or 0, asyncio.Event()
        following = asyncio.create_task(follow(store, stop))
        async with store.reading() as one, store.writing() as two, store.streaming() as three:
            for db in (one, two, three):
                await db.execute(ONE)
            await store.direct.rows(ONE, {})
            while store.version.now() is None:  # noqa: ASYNC110  it has not heard itself
                await asyncio.sleep(0.01)
            found = asked(port)
        stop.set()
        await following

    # reader, writer, streamer, the direct one, the listener; SO_KEEPALIVE is on, then idle 5 s, again each 5 s,
    # three times, 60,000 ms: five and sixty seconds after the last word it is over
    assert len(found) >= 5  # the reader calls the listener
    assert set(found) == {(1, 5, 5, 3, 60_000)}
    assert ENDED_WITHIN_S == 65


async def test_postgresql_is_asked_to_do_the_same(postgres_store_url: str) -> None:
    wanted = sa.text("SELECT name, source FROM pg_settings WHERE name LIKE 'tcp\\_%'")
    async with opened(postgres_store_url) as store:
        for db in (store.reading(), store.writing(), store.streaming()):
            async with db:
                found = {row.name: row.source for row in await db.execute(wanted)}
                assert {name for name, source in found.items() if source == "client"} == set(SETTINGS)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_line_that_is_lost_as_soon_as_it_is_there_is_an_outage(
    postgres_store_url: str, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def lose() -> None:
        async with line(postgres_store_url) as through, opened(through.url) as store:
            assert isinstance(store.direct, PostgresDirect)
            connection = await store.direct._connect()
            connection.terminate()
            await asyncio.sleep(0.05)
            with pytest.raises(OSError) as told:
                ask_at_times(connection)
            assert is_outage(told.value)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(lose())


def test_nobody_else_makes_engines() -> None:
    makers = [
        str(path.relative_to(ROOT))
        for floor in ("models", "resolvers", "schema", "gateway")
        for path in (ROOT / floor).rglob("*.py")
        if "create_async_engine" in path.read_text(encoding="utf-8")
    ]

    assert makers == ["models/alive.py"]
