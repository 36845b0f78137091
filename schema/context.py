"""What every resolver finds in `info.context`: who asks, when, how to read and how to write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from strawberry.types import Info

from resolvers.caller import Caller
from resolvers.cursors import Cursors
from resolvers.limits import Budget
from resolvers.links import Links
from resolvers.loaders import Loaders
from resolvers.pulse import Beat, Pulse

Write = Callable[[Callable[[Any], Awaitable[Any]]], Awaitable[Any]]


@dataclass
class Context:
    """One request. `write` does a job on a connection in a transaction of its own, and commits it; `ways` are
    what the bulk executor has planned for its document."""

    caller: Caller
    loaders: Loaders
    cursors: Cursors
    now: datetime
    write: Write
    links: Links
    pulse: Pulse
    budget: Budget
    ways: dict[Any, Any] = field(default_factory=dict)

    def zone(self, named: str | None) -> str:
        """The zone that was named, else the organization's own."""
        return named or self.caller.organization.timezone

    def at(self, beat: Beat) -> Context:
        """The same caller at another look: its time, its loaders, and a budget anew."""
        caller = replace(self.caller, organization=beat.loaders.caller.organization)
        budget = Budget(caller.plan.max_cost)
        return replace(self, caller=caller, loaders=beat.loaders, now=beat.now, budget=budget)


def context(info: Info) -> Context:
    """The context of this request."""
    found = info.context
    assert isinstance(found, Context)
    return found
