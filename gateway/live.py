"""How much each organization follows at a time: streams cost for as long as they are open."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from models.errors import TooManyOperations
from resolvers.caller import Caller

MOST_STREAMS = 500
TIMES = 5  # what all streams of an organization may cost, as a multiple of one document


class Live:
    """The open subscriptions of this process."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, int]] = {}

    @contextmanager
    def following(self, caller: Caller, cost: int) -> Generator[None]:
        """One more, until the block ends. Raises TooManyOperations."""
        key, most = caller.organization.id, TIMES * caller.plan.max_cost
        streams, held = self._open.get(key, (0, 0))
        if streams >= MOST_STREAMS or held + cost > most:
            raise TooManyOperations(
                f"Your organization follows {streams} subscriptions that cost {held:,}; {MOST_STREAMS} and "
                f"{most:,} are allowed. End some first.",
                max=MOST_STREAMS,
                max_cost=most,
            )
        self._open[key] = streams + 1, held + cost
        try:
            yield
        finally:
            streams, held = self._open.pop(key)
            if streams > 1:
                self._open[key] = streams - 1, held - cost
