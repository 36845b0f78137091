"""Whether PostgreSQL is silent: it is asked for next to nothing, on a connection of its own.

The pools may be full of statements that rightly take long, and say nothing of a store that is sound.
"""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

LISTENED_S = 1.0  # a sound store needs some milliseconds


class Silence:
    """Of one store, which `engine` connects with."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._listening: asyncio.Task[bool] | None = None

    def listen(self) -> asyncio.Task[bool]:
        """Becomes whether it was silent, at once when it was not; who listens meanwhile is told the same."""
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._is_silent())
        return self._listening

    async def close(self) -> None:
        """Listen no more."""
        if self._listening is not None and not self._listening.done():
            self._listening.cancel()
            await asyncio.wait({self._listening})

    async def _is_silent(self) -> bool:
        try:
            async with asyncio.timeout(LISTENED_S), self._engine.connect() as db:
                await db.execute(sa.select(1))
        except Exception:  # noqa: BLE001  whatever kept it, it did not answer
            return True
        return False
