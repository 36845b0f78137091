"""A limit, and where an organization stands: so many requests in any sixty seconds."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Protocol

from models.errors import RateLimited

WINDOW_S = 60


@dataclass(frozen=True)
class Limit:
    """So many requests a minute, of one organization; limits of the same name are counted together."""

    name: str
    per_minute: int


@dataclass(frozen=True)
class Standing:
    """How many requests an organization has left at a time, and when it has one more (both Unix time)."""

    limit: Limit
    remaining: int
    reset_at: float
    at: float

    @property
    def reset_in(self) -> int:
        """The whole seconds until then."""
        return max(ceil(self.reset_at - self.at), 0)


class Limiter(Protocol):
    """Counts requests."""

    async def hit(self, organization_id: int, limit: Limit) -> Standing:
        """Count one request. Raises RateLimited; what is refused does not count."""
        raise NotImplementedError

    async def close(self) -> None:
        """Give every connection back."""


def standing(limit: Limit, hits: list[float]) -> Standing:
    """Where somebody stands after these requests, oldest first, the last of them just now."""
    return Standing(limit, max(limit.per_minute - len(hits), 0), hits[0] + WINDOW_S, hits[-1])


def refused(limit: Limit, reset_at: float, now: float) -> RateLimited:
    """The refusal of somebody who has none left."""
    wait = max(1, ceil(reset_at - now))
    return RateLimited(
        f"{limit.per_minute} requests a minute are allowed here; try again in {wait} s.",
        standing=Standing(limit, 0, reset_at, now),
        retry_after=wait,
    )
