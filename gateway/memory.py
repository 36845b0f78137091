"""What was looked up a moment ago, so that it need not be looked up for every request."""

from __future__ import annotations

from time import monotonic
from typing import Generic, TypeVar

REMEMBERED_S = 3.0  # a revoked key is dead on every process after this long
MOST_REMEMBERED = 10_000

Name = TypeVar("Name")
Value = TypeVar("Value")


class Memory(Generic[Name, Value]):
    """Values by name, each for three seconds; when they are too many, all are forgotten."""

    def __init__(self) -> None:
        self._held: dict[Name, tuple[float, Value]] = {}

    def get(self, name: Name) -> Value | None:
        """The value of that name while it is fresh."""
        until, value = self._held.get(name, (0.0, None))
        return value if until >= monotonic() else None

    def keep(self, name: Name, value: Value) -> None:
        """Remember the value from now on."""
        if len(self._held) >= MOST_REMEMBERED:
            self._held.clear()
        self._held[name] = (monotonic() + REMEMBERED_S, value)

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()
