"""What is to be reached, as data, and whether it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.reads import P99
from benchmarks.results import GROWN, HELD, POSTGRESQL, SHARE, Row
from benchmarks.servers import ON_SQLITE, OURS
from benchmarks.table import figures, line
from benchmarks.tiers import RAW

Measure = Callable[[Row], float | None]


@dataclass(frozen=True)
class Target:
    """The most that a number of the row may be, or the least; the row is found by how `about` it begins."""

    row: str
    what: str
    floor: float
    unit: str
    measure: Measure
    at_least: bool = False

    def is_met(self, number: float) -> bool:
        """Whether a number reaches it."""
        return number >= self.floor if self.at_least else number <= self.floor


def ratio(row: Row) -> float | None:
    """How many times the bare handler's."""
    return row.ratio(OURS)


def of_driver(row: Row) -> float | None:
    """The gateway's pace as a share of the driver's."""
    if POSTGRESQL not in row.values or OURS not in row.values:
        return None
    return row.values[POSTGRESQL] / row.values[OURS]


def of_copy(row: Row) -> float | None:
    """How many times the time of a plain COPY."""
    return 1 / share if (share := of_driver(row)) else None


def statements(row: Row) -> float | None:
    """SQL statements for an answer."""
    return row.samples[OURS].statements if OURS in row.samples else None


def of(column: str) -> Measure:
    """What one of them took."""
    return lambda row: row.values.get(column)


def more(name: str) -> Measure:
    """Another number of the gateway's."""
    return lambda row: row.more.get(name)


BARE_CPU, SQL = "server CPU ÷ the bare handler's", "SQL statements for an answer"
TARGETS = (
    Target("overview: 12 totals", BARE_CPU, 1.5, "×", ratio),
    Target("30 buckets", BARE_CPU, 1.8, "×", ratio),
    Target("720 buckets", BARE_CPU, 0.45, "×", ratio),
    Target("10,000 buckets", BARE_CPU, 0.12, "×", ratio),
    Target("50 campaigns", BARE_CPU, 0.8, "×", ratio),
    Target("the overview once more, kept", BARE_CPU, 0.3, "×", ratio),
    Target("the overview by its ETag, 304", BARE_CPU, 0.3, "×", ratio),
    Target("a REST URL", "server CPU ÷ the same question in GraphQL", 1.1, "×", ratio),
    Target("99th percentile of overview", "beside two who ask 10,000 buckets", 20, " ms", more(P99)),
    Target("overview: 12 totals", SQL, 2, "", statements),
    Target("30 buckets", SQL, 1, "", statements),
    Target("50 campaigns", SQL, 3, "", statements),
    Target("ingest in batches of 1,000: time", "pace ÷ the driver's", 0.3, "×", of_driver, at_least=True),
    Target("ingest on SQLite", "CPU of executemany ÷ ours", 0.25, "×", more(SHARE), at_least=True),
    Target("rollup refresh", "CPU a new message", 3, " µs", of(OURS)),
    Target("export of", "time ÷ `COPY … TO`", 2, "×", of_copy),
    Target("export of", "memory above where it began", 16, " MB", more(HELD)),
    Target("cold start", "on SQLite, to the first answer", 0.6, " s", of(ON_SQLITE)),
    Target("processor time of a cold start", "on SQLite", 0.6, " s", of(ON_SQLITE)),
    Target("cold start", "on SQLite, held then", 70, " MB", more(HELD)),
    Target("SQL of a year by day", "raw rows ÷ rollup", 30, "×", more(RAW), at_least=True),
    Target("", "server CPU ÷ that of the first size", 1.2, "×", more(GROWN)),
)


def met(rows: Iterable[Row]) -> str:
    """A line for each target and row that it can be held against."""
    known = list(rows)
    lines = [line(("what", "target", "measured", "met?")), line(("---", "---:", "---:", "---"))]
    for target in TARGETS:
        for row in known:
            number = target.measure(row) if row.about.startswith(target.row) else None
            if number is not None:
                lines.append(_told(target, row, number))
    return "\n".join(lines)


def _told(target: Target, row: Row, number: float) -> str:
    floor = f"{'≥' if target.at_least else '≤'} {target.floor:g}{target.unit}"
    is_met = "yes" if target.is_met(number) else "**no**"
    return line(
        (f"{row.about.split(' (')[0]}: {target.what}", floor, f"{figures(number)}{target.unit}", is_met)
    )
