"""What every resolver finds in `info.context`: who asks, when, how to read and how to write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from strawberry.types import Info

from resolvers.caller import Caller
from resolvers.cursors import Cursors
from resolvers.limits import Budget
from resolvers.links import Links
from resolvers.loaders import Loaders
from resolvers.periods import Window
from resolvers.pulse import Beat, Pulse
from schema.metrics import selected
from schema.time import WindowInput, is_fixed, window_of

Planned = TypeVar("Planned")
Write = Callable[[Callable[[Any], Awaitable[Any]]], Awaitable[Any]]


@dataclass
class Context:
    """One request. `write` does a job on a connection in a transaction of its own, and commits it; `ways` is
    what has been worked out of its document, see `planned`."""

    caller: Caller
    loaders: Loaders
    cursors: Cursors
    moment: datetime
    write: Write
    links: Links
    pulse: Pulse
    budget: Budget
    ways: dict[Any, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """When this was asked; the answer stands on it."""
        self.loaders.grounds.now = self.moment
        return self.moment

    def window(self, given: WindowInput | None, zone: str) -> Window:
        """The window meant in a zone: one that slides stands on now. Raises InvalidInput, InvalidRange."""
        return window_of(given, zone, self.moment if is_fixed(given) else self.now)

    async def as_of(self, info: Info, fact: str) -> datetime:
        """The watermark of a fact, which the answer stands on only when it shows it."""
        if "as_of" in selected(info):
            return (await self.loaders.mark(fact)).as_of
        return (await self.loaders.progress()).marks[fact].as_of

    def planned(self, key: Hashable, work: Callable[[], Planned]) -> Planned:
        """What follows from the document alone: worked out once for as long as the document is kept."""
        if key not in self.ways:
            self.ways[key] = work()
        found: Planned = self.ways[key]
        return found

    def zone(self, named: str | None) -> str:
        """The zone that was named, else the organization's own."""
        return named or self.caller.organization.timezone

    def at(self, beat: Beat) -> Context:
        """The same caller at another look: its time, its loaders, and a budget anew."""
        caller = replace(self.caller, organization=beat.loaders.caller.organization)
        budget = Budget(caller.plan.max_cost)
        return replace(self, caller=caller, loaders=beat.loaders, moment=beat.now, budget=budget)


def context(info: Info) -> Context:
    """The context of this request."""
    found = info.context
    assert isinstance(found, Context)
    return found
