"""One time for all that a request waits for, and what is told when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from drills.line import line
from gateway.within import within
from models import MESSAGES, TIERS
from models.engine import Store
from models.errors import TookTooLong, Unavailable
from tests import house as houses
from tests.gateway.test_hanging_up import serving
from tests.house import ACME, House, bearer, message, open_house
from tests.worlds import PATIENCE_S, opened

FILE = Store("sqlite+aiosqlite:///")  # which answers, whatever is asked
ASKED = '{ messageBuckets(window: {days: {first: "2026-05-01", last: "2026-05-05"}}) { total } }'
VENDORS = "/v1/metrics/messages?metric=sent&granularity=day"
NUMBERS = ", ".join(tier.table.name for tier in TIERS[MESSAGES])
NAP: Any = sa.select(sa.func.pg_sleep(sa.literal_column("0.05")).label("slept"))


async def at_once() -> int:
    return 1


async def after(seconds: float) -> int:
    await asyncio.sleep(seconds)
    return 2


async def test_work_that_need_not_wait_is_over_however_little_time_there_is() -> None:
    assert await within(0.0, at_once(), FILE) == 1


async def test_work_that_comes_in_time_is_awaited() -> None:
    assert await within(5.0, after(0.001), FILE) == 2
    assert await within(None, after(0.001), FILE) == 2


async def test_work_that_takes_longer_is_given_up() -> None:
    with pytest.raises(TookTooLong, match="ask for less at once"):
        await within(0.01, after(60), FILE)


async def test_only_the_outermost_counts() -> None:
    assert await within(5.0, within(0.001, after(0.02), FILE), FILE) == 2

    with pytest.raises(TookTooLong):
        await within(0.01, within(60, after(60), FILE), FILE)
    with pytest.raises(TookTooLong):  # the one before counts no more
        await within(0.01, after(60), FILE)


async def test_each_request_of_a_connection_has_a_time_of_its_own() -> None:
    """Who makes room for more of a body leaves what it knows with the connection, on asyncio's own loop."""
    told: list[str] = []

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        async def work() -> None:
            is_more = True
            while is_more:
                await asyncio.sleep(0.01)  # meanwhile the body waits
                is_more = (await receive()).get("more_body", False)
            await asyncio.sleep(60 if told else 0)

        try:
            await within(1.0, work(), FILE)
            told.append("in time")
        except TookTooLong:
            told.append("too late")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async with serving(app) as port, asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for size in (200_000, 1):  # the first is more than a connection holds
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
            await reader.readuntil(b"\r\n\r\n")
        writer.close()

    assert told == ["in time", "too late"]


async def test_what_runs_out_of_a_time_of_its_own_is_told_as_it_is() -> None:
    async def impatient() -> None:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        await within(5.0, impatient(), FILE)


async def test_what_the_work_raises_is_raised() -> None:
    async def refuse() -> None:
        raise LookupError("nothing here")

    with pytest.raises(LookupError):
        await within(5.0, refuse(), FILE)


@dataclass
class Asker:
    """Asks a gateway that has little patience."""

    house: House
    key: str

    async def __call__(self) -> list[str | None]:
        """What GraphQL and a vendor say is wrong, asked at the same time."""
        graphql, vendor = await asyncio.gather(
            self.house.post(self.key, ASKED), self.house.client.get(VENDORS, headers=bearer(self.key))
        )
        error = graphql.json().get("errors", [{"extensions": {"code": None}}])[0]["extensions"]
        return [error["code"], vendor.json().get("error", {"code": None})["code"]]


@asynccontextmanager
async def asking(url: str, patch: pytest.MonkeyPatch, statement_timeout_s: float) -> AsyncGenerator[Asker]:
    """Two seconds for a request, no answer is kept, and all has been asked before."""
    patch.setitem(houses.STORES, url, Store(url, statement_timeout_s=statement_timeout_s))
    async with open_house(url, request_timeout_seconds=2, answer_cache_mb=0) as house:
        await house.take(ACME, message("a", "2026-05-05T10:00:00Z"))
        ask = Asker(house, await house.key("acme"))
        assert await ask() == [None, None]
        yield ask


@pytest.mark.parametrize("statement_timeout_s", [0.2, 5.0])
async def test_a_question_that_is_too_much_for_a_sound_store_is_told_to_ask_for_less(
    postgres_store_url: str, monkeypatch: pytest.MonkeyPatch, statement_timeout_s: float
) -> None:
    async with (
        asking(postgres_store_url, monkeypatch, statement_timeout_s=statement_timeout_s) as ask,
        opened(postgres_store_url) as other,
        other.writer.connect() as db,
    ):
        await db.execute(sa.text(f"LOCK TABLE {NUMBERS} IN ACCESS EXCLUSIVE MODE"))

        with capture_logs() as logged:
            assert await ask() == ["TOOK_TOO_LONG"] * 2
        assert {one["event"] for one in logged if one["log_level"] != "info"} == {"out of time"}


async def test_many_statements_that_are_each_in_time_are_too_much_together(postgres_store_url: str) -> None:
    async with opened(postgres_store_url, statement_timeout_s=0.2) as store:

        async def often() -> None:
            while True:
                await store.direct.rows(NAP, {})

        with pytest.raises(TookTooLong):
            await within(2, often(), store)


async def test_who_waits_for_something_else_is_not_told_that_the_store_does_not_answer(
    postgres_store_url: str,
) -> None:
    async with opened(postgres_store_url, statement_timeout_s=0.2) as store:
        with pytest.raises(TookTooLong):
            await within(2, after(60), store)


@pytest.mark.parametrize("statement_timeout_s", [0.2, 5.0])
async def test_a_store_that_falls_silent_in_the_middle_does_not_answer(
    postgres_store_url: str, statement_timeout_s: float
) -> None:
    async with (
        line(postgres_store_url) as through,
        opened(through.url, statement_timeout_s=statement_timeout_s) as store,
    ):

        async def ask_twice() -> None:
            await store.direct.rows(NAP, {})
            with through.dead():
                await store.direct.rows(NAP, {})

        with pytest.raises(Unavailable) as told:
            await within(0.7, ask_twice(), store)

    assert type(told.value) is Unavailable


async def test_of_a_store_that_is_silent_it_is_told_that_it_does_not_answer(
    postgres_store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        line(postgres_store_url) as through,
        asking(through.url, monkeypatch, statement_timeout_s=0.2) as ask,
    ):
        with through.dead():
            silent = await ask()

        assert silent == ["UNAVAILABLE"] * 2
        assert await ask() == [None, None]
