"""A running gateway with one organization, `acme`, and its key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.house import ACME, House, open_house


@pytest.fixture
async def house(store_url: str) -> AsyncIterator[House]:
    """A gateway that knows `acme`; the test runs once on each store."""
    async with open_house(store_url) as opened:
        await opened.take(ACME, count=False)
        yield opened


@pytest.fixture
async def key(house: House) -> str:
    """A key of `acme` that may read and write."""
    return await house.key("acme")
