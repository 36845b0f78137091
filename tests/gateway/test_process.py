"""How what runs beside the requests ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway import process
from gateway.process import ended
from tests.house import open_house


async def test_what_broke_is_raised_once_all_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "ENDS_WITHIN_S", 0.05)
    finished = asyncio.Event()

    async def well() -> None:
        await asyncio.sleep(0.01)
        finished.set()

    async def badly() -> None:
        raise LookupError("nothing here")

    silent = asyncio.create_task(asyncio.sleep(60))
    with pytest.raises(BaseExceptionGroup) as told:
        await ended(asyncio.create_task(badly()), asyncio.create_task(well()), silent)

    assert [type(error) for error in told.value.exceptions] == [LookupError]
    assert finished.is_set()
    assert silent.cancelled()


async def test_a_store_is_closed_also_when_something_beside_the_requests_broke(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise LookupError("nothing here")

    with pytest.raises(BaseExceptionGroup, match="beside the requests"):
        async with open_house(store_url) as house:
            await house.store.ping()
            given_back: Any = house.gateway.store.reader.pool
            assert given_back.checkedin() == 1
            monkeypatch.setattr(house.gateway.auth, "note", broken)

    assert house.gateway.store.reader.pool is not given_back  # as it is after `dispose`
