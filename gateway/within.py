"""One time for all that a request waits for: who is asking, what is known, the answer itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from gateway.begun import Begun

Result = TypeVar("Result")


async def within(seconds: float | None, work: Coroutine[Any, Any, Result]) -> Result:
    """What comes of the work. Raises TimeoutError when it does not come in time.

    Work that need not wait gets no timer, which would take as long as finding a kept answer.
    """
    begun = Begun(work)
    if begun.is_over:
        return await begun
    async with asyncio.timeout(seconds):
        return await begun
