"""Series in the vendor's shape: totals with averages, and groups with a value for each period.

A group's average is over its periods, the totals' over every period of every group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gateway.rest.slicktext.meanings import Meaning
from gateway.rest.slicktext.stamps import wall

KEYS = {"hour": 13, "day": 10, "month": 7, "year": 4}  # how much of '2024-11-17 08:00:00' names a period
Name = Callable[[list[str]], str]


@dataclass(frozen=True)
class Line:
    """One group's value in each period. The total of what flows is their sum; of what is held, like contacts,
    it is told: how much it changed."""

    name: str
    values: list[int]
    change: int | None = None

    @property
    def total(self) -> int:
        """The total of all periods."""
        return sum(self.values) if self.change is None else self.change


@dataclass(frozen=True)
class Window:
    """The starts of the periods, and the groups."""

    starts: list[str]
    lines: list[Line]


def plain(number: Fraction | float) -> int | float:
    """A number as the vendor writes it: with all its digits, but 244 rather than 244.0."""
    return int(number) if number == int(number) else float(number)


def divided(top: int, bottom: int) -> int | float:
    """The quotient; 0 of nothing."""
    return plain(Fraction(top, bottom)) if bottom else 0


def window(columns: dict[str, Any], name: Name, alone: str) -> Window:
    """A GraphQL series, its groups of one name together; without groups it has one called `alone`."""
    groups = columns["groups"]
    if groups is None:
        return Window(columns["start"], [Line(alone, _whole(columns["value"]))])
    found = together(Line(name(group["key"]), _whole(group["value"])) for group in groups)
    return Window(columns["start"], found)


def together(found: Iterable[Line]) -> list[Line]:
    """Lines of one name as one, by name."""
    named: dict[str, Line] = {}
    for line in found:
        held = named.get(line.name)
        named[line.name] = line if held is None else _both(held, line)
    return [named[name] for name in sorted(named)]


def _both(one: Line, other: Line) -> Line:
    values = [a + b for a, b in zip(one.values, other.values, strict=True)]
    change = None if one.change is None or other.change is None else one.change + other.change
    return Line(one.name, values, change)


def _whole(values: Iterable[int | None]) -> list[int]:
    return [value or 0 for value in values]  # what is not counted yet is 0


def answer(asked: Meaning, now: Window, then: Window | None) -> dict[str, Any]:
    """The vendor's body; `then` is the earlier window, whose groups are those of `now`."""
    totals, groups = _told(asked, now)
    if then is not None:
        before, earlier = _told(asked, then)
        change = totals["total"] - before["total"]
        percent = divided(100 * change, before["total"]) if before["total"] else None
        totals["compare"] = {**before, "change": change, "change_percent": percent}
        for group, one in zip(groups, earlier, strict=True):
            group["compare"] = {name: value for name, value in one.items() if name != "name"}
    return {"totals": totals, "groups": groups}


def _told(asked: Meaning, told: Window) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The totals of a window, and its groups."""
    keys = [key(asked.frequency, start, asked.zone) for start in told.starts]
    size = len(set(keys))
    total = sum(line.total for line in told.lines)
    groups = [
        {
            "name": line.name,
            "total": line.total,
            "average": divided(line.total, size),
            "period": _periods(keys, line),
        }
        for line in told.lines
    ]
    return {"total": total, "average": divided(total, len(told.lines) * size)}, groups


def _periods(keys: list[str], line: Line) -> dict[str, int]:
    """The periods by name. An hour that clocks repeat is one: what flowed in both is added up, what is held
    is what it was in the end."""
    found: dict[str, int] = {}
    for name, value in zip(keys, line.values, strict=True):
        found[name] = value if line.change is not None else found.get(name, 0) + value
    return found


def key(frequency: str, start: str, zone: str) -> str:
    """What a period is called: '2024-11-17', '2024-11-17 08:00:00', '2024-11' or '2024'."""
    text = str(wall(start, zone))[: KEYS[frequency]]
    return f"{text}:00:00" if frequency == "hour" else text
