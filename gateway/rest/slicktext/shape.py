"""From GraphQL's answers to SlickText's series and counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.rest.slicktext import words
from gateway.rest.slicktext.meanings import Meaning
from gateway.rest.slicktext.series import Line, Name, answer, lines, together

JOINED = " / "
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
    prior = found["prior"]
    found_lines = (
        [_grown("Contacts", found, prior)]
        if found["groups"] is None
        else _growths(found["groups"], None if prior is None else prior["groups"], _name(asked))
    )
    return answer(asked, found["start"], None if prior is None else prior["start"], found_lines)


def _growths(groups: list[dict[str, Any]], prior: list[dict[str, Any]] | None, name: Name) -> list[Line]:
    now, then = (_by_name(one, name) for one in (groups, prior or []))
    names = sorted({*now, *then})
    none: dict[str, Any] = {"totals": [], "change": 0}
    return [_grown(one, now.get(one, none), None if prior is None else then.get(one, none)) for one in names]


def _by_name(groups: list[dict[str, Any]], name: Name) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for group in groups:
        held = found.setdefault(name(group["key"]), {"totals": [0] * len(group["totals"]), "change": 0})
        held["totals"] = [
            None if more is None else have + more
            for have, more in zip(held["totals"], group["totals"], strict=True)
        ]
        held["change"] += group["change"] or 0
    return found


def _grown(name: str, now: dict[str, Any], then: dict[str, Any] | None) -> Line:
    prior = None if then is None else _held(then["totals"])
    changes = now["change"] or 0, 0 if then is None else then["change"] or 0
    return Line(name, _held(now["totals"]), prior, changes)


def _held(totals: list[int | None]) -> list[int]:
    """The totals; periods to come hold as many as the last that is known."""
    held, found = 0, []
    for total in totals:
        held = held if total is None else total
        found.append(held)
    return found


def contact_events(asked: Meaning, data: dict[str, Any]) -> dict[str, Any]:
    """Contacts created and deleted; by type, by source, or both."""
    told = data["contacts"]
    kinds = {
        name: told[alias]["columns"]
        for alias, name in (("creations", "Creation"), ("deletions", "Deletion"))
        if told.get(alias)
    }
    sources = tuple(name for name in asked.group if name != "type")
    found = together(
        replace(line, name=_event_name(asked, kind, line.name))
        for kind, columns in kinds.items()
        for line in lines(columns, _name(asked, sources), "")
    )
    columns = next(iter(kinds.values()))
    return answer(asked, columns["start"], columns["priorStart"], _ordered(asked, found))


def _event_name(asked: Meaning, kind: str, source: str) -> str:
    if not asked.group:
        return "Contact Events"
    parts = {"type": kind, "contact_source": source}
    return JOINED.join(parts[name] for name in asked.group)


def series(alone: str) -> Callable[[Meaning, dict[str, Any]], dict[str, Any]]:
    """The shape of any other series; without groups its one group is called `alone`."""

    def shape(asked: Meaning, data: dict[str, Any]) -> dict[str, Any]:
        columns = (data.get("contacts") or data)["series"]["columns"]
        found = _ordered(asked, lines(columns, _name(asked), alone))
        return answer(asked, columns["start"], columns["priorStart"], found)

    return shape


def _ordered(asked: Meaning, found: list[Line]) -> list[Line]:
    """Groups by name; weekdays from Monday on."""
    places = {day: place for place, day in enumerate(words.WEEKDAYS)}

    def place(line: Line) -> list[tuple[int, str]]:
        return [(places.get(part, 0), part) for part in line.name.split(JOINED)]

    return sorted(found, key=place if "weekday" in asked.group else lambda line: line.name)
