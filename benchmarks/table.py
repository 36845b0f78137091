"""The table: ratios to the bare handler, and below it what they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path

from benchmarks.results import POSTGRESQL, Row, Sample
from benchmarks.servers import BARE, ON_SQLITE, OURS, POSTGRAPHILE, STOCK

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- measured by make bench --write -->", "<!-- end of what was measured -->"
COLUMNS = {
    BARE: "bare handler",
    OURS: "Heliograph",
    ON_SQLITE: "Heliograph on SQLite",
    STOCK: "stock Strawberry",
    POSTGRAPHILE: "PostGraphile 5",
    POSTGRESQL: "PostgreSQL alone",
}


def ratios(rows: Iterable[Row]) -> str:
    """A line for each question: the bare handler's number, and how many times that the others took."""
    lines = [line(("question", *COLUMNS.values())), line(("---", *["---:"] * len(COLUMNS)))]
    lines += [line((row.about, *(cell(row, column) for column in COLUMNS))) for row in rows]
    return "\n".join(lines)


def cell(row: Row, column: str) -> str:
    """A ratio; the number itself of the bare handler, and where there is none to divide by."""
    if column not in row.values:
        return "–"
    ratio = row.ratio(column)
    if column == BARE or ratio is None:
        text = f"{figures(row.values[column])} {row.unit}"
    else:
        text = f"{figures(ratio)}×"
    if column == OURS:
        text = f"**{text}**"
    return f"{text} ({row.notes[column]})" if column in row.notes else text


def details(rows: Iterable[Row]) -> str:
    """A line for each question and who answered it: processor time, answers a second, how long they took."""
    head = (
        "question",
        "answered by",
        "server, ms CPU",
        "PostgreSQL, ms CPU",
        "answers/s",
        "p50, ms",
        "p99, ms",
        "SQL statements",
    )
    lines = [line(head), line(("---", "---", *["---:"] * 6))]
    for row in rows:
        for column, name in COLUMNS.items():
            if column in row.samples:
                lines.append(line((row.about, name, *_numbers(row.samples[column]))))
    return "\n".join(lines)


def _numbers(sample: Sample) -> Iterable[str]:
    *numbers, statements = astuple(sample)
    yield from ("–" if number is None else figures(number) for number in numbers)
    yield "–" if statements is None else f"{statements:g}"


def figures(number: float) -> str:
    """Three figures: 0.123, 1.23, 12.3, 123, 1,234."""
    if number == 0 or abs(number) >= 100:
        return f"{number:,.0f}"
    places = 1 if abs(number) >= 10 else 2 if abs(number) >= 1 else 3
    return f"{number:.{places}f}"


def line(cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def written(text: str, measured: str) -> str:
    """A document with what was measured between its markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document has no '{BEGIN}' followed by '{END}'")
    return f"{before}{BEGIN}\n\n{measured.strip()}\n\n{END}{after}"
