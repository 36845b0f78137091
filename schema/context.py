"""What every resolver finds in `info.context`: who asks, when, and the loaders of this request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from strawberry.types import Info

from resolvers.caller import Caller
from resolvers.cursors import Cursors
from resolvers.limits import Budget
from resolvers.loaders import Loaders


@dataclass(frozen=True)
class Context:
    """One request."""

    caller: Caller
    loaders: Loaders
    cursors: Cursors
    now: datetime
    budget: Budget = field(default_factory=Budget)


def context(info: Info) -> Context:
    """The context of this request."""
    found = info.context
    assert isinstance(found, Context)
    return found
