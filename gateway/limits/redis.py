"""Requests counted in Redis or Valkey, for all processes that share it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter

from gateway.limits.limit import WINDOW_S, Limit, Standing, refused
from models.errors import Unavailable


class RedisLimiter:
    """Counts in a sorted log for each organization and limit; the server's script makes it exact."""

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        scheme, mark, rest = url.partition("://")
        name = "redis" if scheme == "valkey" else "rediss" if scheme == "valkeys" else scheme
        self._storage: Any = RedisStorage(
            f"async+{name}{mark}{rest}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="heliograph",
        )
        self._clock = clock
        self._limiter = MovingWindowRateLimiter(self._storage)

    async def hit(self, organization_id: int, limit: Limit) -> Standing:
        """Count one request. Raises RateLimited, Unavailable."""
        item = RateLimitItemPerSecond(limit.per_minute, WINDOW_S)
        key = (limit.name, str(organization_id))
        try:
            is_free = await self._limiter.hit(item, *key)
            stats = await self._limiter.get_window_stats(item, *key)
        except Exception as error:
            raise Unavailable("Requests cannot be counted right now; try again in a moment.") from error
        now = self._clock().timestamp()
        if not is_free:
            raise refused(limit, stats.reset_time, now)
        return Standing(limit, stats.remaining, stats.reset_time, now)

    async def close(self) -> None:
        """Give the connections back."""
        await self._storage.bridge.storage.aclose(close_connection_pool=True)
