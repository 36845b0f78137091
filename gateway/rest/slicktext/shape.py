"""From GraphQL's answers to SlickText's series and counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.rest.slicktext import words
from gateway.rest.slicktext.meanings import Meaning
from gateway.rest.slicktext.series import Line, Name, Window, answer, together, window

JOINED = " / "
KINDS = {"creations": "Creation", "deletions": "Deletion"}
SAY: dict[str, Callable[[str], str]] = {
    "source": lambda word: words.said(words.SOURCES, word),
    "contact_source": lambda word: words.said(words.SOURCES, word),
    "contact_unsubscribe_source": lambda word: words.said(words.SOURCES, word),
    "opt_in_status": lambda word: words.said(words.OPT_IN, word),
    "status": lambda word: words.said(words.MESSAGE_STATUSES, word),
    "direction": lambda word: words.said(words.DIRECTIONS, word),
    "weekday": lambda number: words.WEEKDAYS[int(number)],
}


def _name(asked: Meaning, groups: tuple[str, ...] | None = None) -> Name:
    """What a group is called."""
    chosen = asked.group if groups is None else groups
    return lambda key: JOINED.join(SAY[group](word) for group, word in zip(chosen, key, strict=True))


def contacts(asked: Meaning, data: dict[str, Any]) -> dict[str, Any]:
    """Contact counts: no averages and no periods."""
    found = data["breakdown"]["contacts"]
    totals = {"total": found["total"]}
    if not asked.group:
        return {"totals": totals, "groups": [{"name": "Contacts", "total": found["total"]}]}
    counts: dict[str, int] = {}
    for group in found["groups"]:
        name = _name(asked)(group["key"])
        counts[name] = counts.get(name, 0) + group["value"]
    return {"totals": totals, "groups": [{"name": name, "total": counts[name]} for name in sorted(counts)]}


def growth(asked: Meaning, data: dict[str, Any]) -> dict[str, Any]:
    """Contact growth: each period holds how many there were at its end; the total is last less first."""
    found = data["contacts"]["growth"]
    now = _grown(asked, found)
    if found["prior"] is None:
        return answer(asked, now, None)
    return answer(asked, *_aligned(now, _grown(asked, found["prior"])))


def _grown(asked: Meaning, told: dict[str, Any]) -> Window:
    groups = told["groups"]
    if groups is None:
        return Window(told["start"], [_line("Contacts", told)])
    return Window(told["start"], together(_line(_name(asked)(group["key"]), group) for group in groups))


def _line(name: str, told: dict[str, Any]) -> Line:
    return Line(name, _held(told["before"], told["totals"]), told["change"] or 0)


def _held(before: int, totals: list[int | None]) -> list[int]:
    """The totals; periods to come hold as many as the last that is known."""
    found = []
    for total in totals:
        before = before if total is None else total
        found.append(before)
    return found


def _aligned(now: Window, then: Window) -> tuple[Window, Window]:
    """Both windows with the groups of either."""
    names = sorted({line.name for window in (now, then) for line in window.lines})

    def filled(told: Window) -> Window:
        known = {line.name: line for line in told.lines}
        none = [0] * len(told.starts)
        return Window(told.starts, [known.get(name, Line(name, none, 0)) for name in names])

    return filled(now), filled(then)


def contact_events(asked: Meaning, data: dict[str, Any]) -> dict[str, Any]:
    """Contacts created and deleted; by type, by source, or both."""
    kinds = {kind: data["contacts"].get(alias) for alias, kind in KINDS.items()}
    told = {kind: series for kind, series in kinds.items() if series is not None}
    now, then = (_events(asked, told, name) for name in ("columns", "priorColumns"))
    assert now is not None
    return answer(asked, now, then)


def _events(asked: Meaning, told: dict[str, Any], columns: str) -> Window | None:
    windows = {
        kind: window(series[columns], _name(asked, _sources(asked)), "")
        for kind, series in told.items()
        if series[columns] is not None
    }
    if not windows:
        return None
    found = together(
        replace(line, name=_event_name(asked, kind, line.name))
        for kind, one in windows.items()
        for line in one.lines
    )
    return Window(next(iter(windows.values())).starts, found)


def _sources(asked: Meaning) -> tuple[str, ...]:
    return tuple(name for name in asked.group if name != "type")


def _event_name(asked: Meaning, kind: str, source: str) -> str:
    if not asked.group:
        return "Contact Events"
    parts = {"type": kind, "contact_source": source}
    return JOINED.join(parts[name] for name in asked.group)


def series(alone: str) -> Callable[[Meaning, dict[str, Any]], dict[str, Any]]:
    """The shape of any other series; without groups its one group is called `alone`."""

    def shape(asked: Meaning, data: dict[str, Any]) -> dict[str, Any]:
        told = (data.get("contacts") or data)["series"]
        now, then = (
            None if told[name] is None else _ordered(asked, window(told[name], _name(asked), alone))
            for name in ("columns", "priorColumns")
        )
        assert now is not None
        return answer(asked, now, then)

    return shape


def _ordered(asked: Meaning, told: Window) -> Window:
    """Groups by name; weekdays from Monday on."""
    if "weekday" not in asked.group:
        return told
    places = {day: place for place, day in enumerate(words.WEEKDAYS)}

    def place(line: Line) -> list[tuple[int, str]]:
        return [(places.get(part, 0), part) for part in line.name.split(JOINED)]

    return Window(told.starts, sorted(told.lines, key=place))
