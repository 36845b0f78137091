"""Series in the vendor's shape: totals with averages, and groups with a value for each period.

A group's average is over its periods, the totals' over every period of every group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gateway.rest.slicktext.meanings import Meaning
from gateway.rest.slicktext.stamps import wall

KEYS = {"hour": 13, "day": 10, "month": 7, "year": 4}  # how much of '2024-11-17 08:00:00' names a period
Name = Callable[[list[str]], str]


@dataclass
class Line:
    """One group's values; `prior` are those of the earlier window. `total` is their sum unless it is told."""

    name: str
    values: list[int]
    prior: list[int] | None = None
    totals: tuple[int, int] | None = None  # of both windows, where they are not sums

    @property
    def total(self) -> int:
        """The total of the window."""
        return sum(self.values) if self.totals is None else self.totals[0]

    @property
    def prior_total(self) -> int:
        """The total of the earlier window."""
        return sum(self.prior or ()) if self.totals is None else self.totals[1]


def plain(number: Fraction | float) -> int | float:
    """A number as the vendor writes it: with all its digits, but 244 rather than 244.0."""
    return int(number) if number == int(number) else float(number)


def divided(top: int, bottom: int) -> int | float:
    """The quotient; 0 of nothing."""
    return plain(Fraction(top, bottom)) if bottom else 0


def lines(columns: dict[str, Any], name: Name, alone: str) -> list[Line]:
    """The groups of a GraphQL series, those of one name together; without groups one called `alone`."""
    groups = columns["groups"]
    if groups is None:
        return [Line(alone, _whole(columns["value"]), _prior(columns["priorValue"]))]
    return together(
        Line(name(group["key"]), _whole(group["value"]), _prior(group["priorValue"])) for group in groups
    )


def together(found: Iterable[Line]) -> list[Line]:
    """Lines of one name as one."""
    named: dict[str, Line] = {}
    for line in found:
        held = named.get(line.name)
        named[line.name] = line if held is None else _both(held, line)
    return list(named.values())


def _both(one: Line, other: Line) -> Line:
    values = [a + b for a, b in zip(one.values, other.values, strict=True)]
    prior = None
    if one.prior is not None and other.prior is not None:
        prior = [a + b for a, b in zip(one.prior, other.prior, strict=True)]
    return Line(one.name, values, prior)


def _whole(values: Iterable[int | None]) -> list[int]:
    return [value or 0 for value in values]  # what is not counted yet is 0


def _prior(values: Iterable[int | None] | None) -> list[int] | None:
    return None if values is None else _whole(values)


def answer(
    asked: Meaning, starts: Sequence[str], prior_starts: Sequence[str | None] | None, found: list[Line]
) -> dict[str, Any]:
    """The vendor's body."""
    keys = _keys(asked, starts)
    earlier = None if prior_starts is None else _keys(asked, [start for start in prior_starts if start])
    cells = len(found) * len(set(keys))
    total = sum(line.total for line in found)
    totals: dict[str, Any] = {"total": total, "average": divided(total, cells)}
    if earlier is not None:
        before = sum(line.prior_total for line in found)
        totals["compare"] = {
            "total": before,
            "average": divided(before, len(found) * len(set(earlier))),
            "change": total - before,
            "change_percent": divided(100 * (total - before), before) if before else None,
        }
    return {"totals": totals, "groups": [_group(line, keys, earlier) for line in found]}


def _group(line: Line, keys: list[str], earlier: list[str] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": line.name,
        "total": line.total,
        "average": divided(line.total, len(set(keys))),
        "period": _periods(keys, line.values),
    }
    if earlier is not None:
        told["compare"] = {
            "total": line.prior_total,
            "average": divided(line.prior_total, len(set(earlier))),
            "period": _periods(earlier, line.prior or ()),
        }
    return told


def _periods(keys: list[str], values: Sequence[int]) -> dict[str, int]:
    # an hour that clocks repeat is one period: its two values are added up
    found: dict[str, int] = {}
    for key, value in zip(keys, values, strict=False):
        found[key] = found.get(key, 0) + value
    return found


def _keys(asked: Meaning, starts: Sequence[str]) -> list[str]:
    """What each period is called: its start on the brand's wall."""
    return [key(asked.frequency, start, asked.zone) for start in starts]


def key(frequency: str, start: str, zone: str) -> str:
    """What a period is called: '2024-11-17', '2024-11-17 08:00:00', '2024-11' or '2024'."""
    text = str(wall(start, zone))[: KEYS[frequency]]
    return f"{text}:00:00" if frequency == "hour" else text
