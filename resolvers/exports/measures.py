"""The measures of a fact as columns and cells."""

from __future__ import annotations

from models import Fact, Sum
from resolvers.formats.columns import Column, Kind
from resolvers.series import Number, value


def measure_columns(fact: Fact, names: tuple[str, ...]) -> tuple[Column, ...]:
    """A column for each measure."""
    found = [fact.measures[name] for name in names]
    return tuple(Column(m.name, Kind.WHOLE if isinstance(m, Sum) else Kind.NUMBER, m.unit) for m in found)


def measure_cells(fact: Fact, names: tuple[str, ...], sums: dict[str, int] | None) -> list[Number]:
    """The measures of these sums; nothing, where nothing is counted yet."""
    return [None] * len(names) if sums is None else [value(fact, name, sums) for name in names]


def at(sums: dict[str, list[int]], place: int) -> dict[str, int]:
    """The sums of one bucket."""
    return {name: values[place] for name, values in sums.items()}
