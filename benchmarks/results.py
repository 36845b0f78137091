"""What was measured: a row for each question, a number for each who answered it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from benchmarks.servers import BARE

POSTGRESQL = "postgresql"
HELD, GROWN = "MB of memory", "times that of the first size"
SHARE = "of what the driver alone does"


@dataclass(frozen=True)
class Sample:
    """One round: processor time of the server and of PostgreSQL for an answer; how fast; SQL statements."""

    server_ms: float
    postgres_ms: float | None = None
    rate: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    statements: float | None = None


@dataclass
class Row:
    """A question: what is compared, in which unit; what else is known, and the gateway's `more` numbers."""

    about: str
    unit: str
    values: dict[str, float] = field(default_factory=dict)
    samples: dict[str, Sample] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    more: dict[str, float] = field(default_factory=dict)

    def ratio(self, column: str) -> float | None:
        """How many times the bare handler's number; None without one."""
        if column not in self.values or not self.values.get(BARE):
            return None
        return self.values[column] / self.values[BARE]


def median(samples: Iterable[Sample]) -> Sample:
    """The median of each number by itself."""
    rounds = list(samples)
    found: dict[str, float | None] = {}
    for each in fields(Sample):
        numbers = [number for sample in rounds if (number := getattr(sample, each.name)) is not None]
        found[each.name] = statistics.median(numbers) if numbers else None
    return Sample(**found)  # ty: ignore[invalid-argument-type]
