"""Documentation that is read from the code: the catalogue of metrics and the settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.settings import describe
from models import FACTS, TIERS, VIEWS, Fact, Ratio
from models.fact import Measure

ROOT = Path(__file__).parent.parent
NOTE = "<!-- Written by `heliograph docs`; edit the code instead. -->"


def metrics_page() -> str:
    """`docs/metrics.md`: every measure and dimension of every fact."""
    return (
        "\n".join(["# Metrics", NOTE, "", *(line for fact in (*FACTS, *VIEWS) for line in _fact(fact))])
        + "\n"
    )


def settings_page() -> str:
    """`docs/settings.md`: every variable of the environment."""
    rows = [
        f"| `{name}` | {f'`{default}`' if default else '–'} | {about} |"
        for name, default, about in describe()
    ]
    return (
        "\n".join(["# Settings", NOTE, "", "| variable | default | meaning |", "|---|---|---|", *rows]) + "\n"
    )


PAGES: dict[Path, Callable[[], str]] = {
    Path("docs/metrics.md"): metrics_page,
    Path("docs/settings.md"): settings_page,
}


def _fact(fact: Fact) -> list[str]:
    tiers = ", ".join(f"`{tier.table.name}`" for tier in TIERS[fact])
    return [
        f"## {fact.name}",
        "",
        fact.about,
        "",
        "| metric | meaning | unit | formula |",
        "|---|---|---|---|",
        *(f"| `{m.name.upper()}` | {m.about} | {m.unit} | {_formula(m)} |" for m in fact.measures.values()),
        "",
        "| dimension | tells apart |",
        "|---|---|",
        *(f"| `{d.name.upper()}` | {d.about} |" for d in fact.dimensions),
        *(f"| `{d.name.upper()}` | {d.about} (raw rows) |" for d in fact.details),
        "",
        f"Kept in: {tiers}, and the raw rows in `{fact.table.name}`."
        if tiers
        else "Worked out from raw rows each time.",
        "",
    ]


def _formula(measure: Measure) -> str:
    return measure.formula if isinstance(measure, Ratio) else "adds up"
