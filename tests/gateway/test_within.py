"""One time for all that a request waits for."""

from __future__ import annotations

import asyncio

import pytest

from gateway.within import within


async def at_once() -> int:
    return 1


async def after(seconds: float) -> int:
    await asyncio.sleep(seconds)
    return 2


async def test_work_that_need_not_wait_is_over_however_little_time_there_is() -> None:
    assert await within(0.0, at_once()) == 1


async def test_work_that_comes_in_time_is_awaited() -> None:
    assert await within(5.0, after(0.001)) == 2
    assert await within(None, after(0.001)) == 2


async def test_work_that_takes_longer_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        await within(0.01, after(60))


async def test_what_the_work_raises_is_raised() -> None:
    async def refuse() -> None:
        raise LookupError("nothing here")

    with pytest.raises(LookupError):
        await within(5.0, refuse())
