"""Rate limits: exact in any sixty seconds, however many processes count."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.limits import Limit, Limiter
from gateway.limits.memory import MemoryLimiter
from gateway.limits.redis import RedisLimiter
from gateway.limits.store import StoreLimiter
from models.errors import RateLimited, Unavailable
from tests.house import NOW, store_at
from tests.ports import free_port
from tests.worlds import TESTS, enrolled

TEN = Limit("ten", 10)
SERVER = shutil.which("redis-server") or shutil.which("valkey-server")


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> str:
    """Where requests are counted: nowhere but in memory, or in a store."""
    return "" if request.param == "memory" else request.getfixturevalue(f"{request.param}_store_url")


@pytest.fixture
async def limiters(place: str) -> AsyncIterator[tuple[list[Limiter], Clock, int]]:
    """Two limiters that must agree (in memory the same one), their clock, and an organization."""
    clock = Clock()
    if not place:
        one = MemoryLimiter(clock)
        yield [one, one], clock, 1
        return
    store = store_at(place)
    organization = await enrolled(store.of_everyone(TESTS))
    yield [StoreLimiter(store, clock), StoreLimiter(store, clock)], clock, organization.id
    await store.close()


async def allowed(limiters: list[Limiter], organization: int, times: int, limit: Limit = TEN) -> int:
    """How many of so many requests at once are let through."""

    async def ask(place: int) -> bool:
        try:
            await limiters[place % len(limiters)].hit(organization, limit)
        except RateLimited:
            return False
        return True

    return sum(await asyncio.gather(*(ask(place) for place in range(times))))


async def test_a_minute_holds_as_many_as_it_may_whoever_counts(
    limiters: tuple[list[Limiter], Clock, int],
) -> None:
    both, clock, organization = limiters

    assert await allowed(both, organization, 14) == 10
    clock.move(59.9)
    assert await allowed(both, organization, 3) == 0
    clock.move(0.2)
    assert await allowed(both, organization, 14) == 10  # what was refused did not count


async def test_the_window_slides(limiters: tuple[list[Limiter], Clock, int]) -> None:
    both, clock, organization = limiters
    for _ in range(10):
        await both[0].hit(organization, TEN)
        clock.move(5)

    # at 50 s all ten lie within the minute; at 62 s those of 0 s are gone, at 67 s those of 5 s
    assert await allowed(both, organization, 1) == 0
    clock.move(12)
    assert await allowed(both, organization, 5) == 1
    clock.move(5)
    assert await allowed(both, organization, 5) == 1


async def test_it_says_what_is_left_and_when_there_is_more(
    limiters: tuple[list[Limiter], Clock, int],
) -> None:
    both, clock, organization = limiters
    first = await both[0].hit(organization, TEN)
    clock.move(20)
    second = await both[1].hit(organization, TEN)

    assert (first.remaining, second.remaining) == (9, 8)
    assert second.reset_at == NOW.timestamp() + 60
    await allowed(both, organization, 8)
    with pytest.raises(RateLimited) as refused:
        await both[0].hit(organization, TEN)
    assert refused.value.details["retry_after"] == 40


async def test_limits_and_organizations_do_not_share(limiters: tuple[list[Limiter], Clock, int]) -> None:
    both, _, organization = limiters

    assert await allowed(both, organization, 12) == 10
    assert await allowed(both, organization, 12, Limit("five", 5)) == 5
    if isinstance(both[0], MemoryLimiter):
        assert await allowed(both, organization + 1, 12) == 10


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server; none is made up where there is none."""
    if SERVER is None:
        pytest.skip("no redis-server or valkey-server on this machine")
    port = free_port()
    folder: Path = tmp_path_factory.mktemp("redis")
    server = subprocess.Popen(
        [SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            server.poll()
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


async def test_redis_counts_for_several_processes(redis_url: str) -> None:
    clock = Clock()
    both: list[Limiter] = [
        RedisLimiter(redis_url, clock),
        RedisLimiter(redis_url.replace("redis:", "valkey:"), clock),
    ]

    assert await allowed(both, 1, 30) == 10
    assert await allowed(both, 2, 30) == 10
    standing = await both[0].hit(3, TEN)
    assert standing.remaining == 9
    for limiter in both:
        await limiter.close()


async def test_redis_away_is_an_outage_and_no_free_pass() -> None:
    limiter = RedisLimiter("redis://127.0.0.1:1/0", Clock())

    with pytest.raises(Unavailable):
        await limiter.hit(1, TEN)
    await limiter.close()
