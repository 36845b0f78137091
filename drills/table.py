"""The table of what came of the drills."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks import machine
from drills.client import HUNG, LOST
from drills.verdict import Verdict

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
BEGIN, END = "<!-- written by make drill ARGS=--write -->", "<!-- end of the drills -->"
HEAD = (
    "drill",
    "what is done",
    "requests",
    "acknowledged",
    "lost",
    "twice",
    "503",
    "lines lost",
    "slowest answer",
    "well again after",
    "looks",
    "sessions",
    "memory",
    "held",
)
WORDS = {LOST: "lines lost", HUNG: "hung"}


def told(verdicts: Iterable[Verdict]) -> str:
    """A line for each drill, as Markdown."""
    lines = [HEAD, ("---", "---", *["---:"] * 11, "---")]
    return "\n".join(f"| {' | '.join(line)} |" for line in [*lines, *map(_line, verdicts)])


def _line(verdict: Verdict) -> tuple[str, ...]:
    if verdict.skipped:
        return verdict.name, verdict.about, *["–"] * 11, f"skipped: {verdict.skipped}"
    told = "; ".join(verdict.told.values())
    return (
        verdict.name,
        verdict.about,
        f"{verdict.requests:,}",
        f"{verdict.acknowledged:,}",
        f"{verdict.lost:,}",
        f"{verdict.twice:,}",
        f"{verdict.statuses[503]:,}",
        f"{verdict.statuses[LOST]:,}",
        f"{verdict.slowest_s:.1f} s",
        "never" if verdict.recovery_s is None else f"{verdict.recovery_s:.1f} s",
        verdict.looks or "–",
        verdict.sessions or "–",
        "–" if verdict.grown is None else f"{verdict.grown:+.0%}",
        "**no**: " + "; ".join(verdict.wrong) if verdict.wrong else f"yes{f': {told}' if told else ''}",
    )


def short(verdict: Verdict) -> str:
    """What came of one drill, in a line for people who wait."""
    if verdict.skipped:
        return f"skipped: {verdict.skipped}"
    recovery = "–" if verdict.recovery_s is None else f"{verdict.recovery_s:.1f} s"
    statuses = ", ".join(f"{count} {WORDS.get(key, key)}" for key, count in sorted(verdict.statuses.items()))
    return (
        f"{verdict.acknowledged:,} acknowledged, lost {verdict.lost}, twice {verdict.twice}; {statuses}; "
        f"slowest {verdict.slowest_s:.1f} s, well again after {recovery}; {verdict.seconds:.0f} s in all"
    )


def write(verdicts: list[Verdict], took: float, command: str) -> None:
    """Put it into the page, with where and when it was seen."""
    about = f"{machine.today()}; {machine.machine()}. {len(verdicts)} drills in {took:.0f} s: `{command}`"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{about}\n\n{told(verdicts)}\n\n{END}{after}", encoding="utf-8")
