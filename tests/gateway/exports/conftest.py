"""A house with a few messages of `acme`, so that there is something to export."""

from __future__ import annotations

import pytest

from tests.house import House, message


@pytest.fixture
async def stocked(house: House) -> House:
    """Three messages on the fifth of May."""
    await house.take(*(message(f"m{n}", f"2026-05-05T0{n}:00:00Z", channel="sms") for n in range(3)))
    return house
