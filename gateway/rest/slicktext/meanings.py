"""From parameters to what is meant: the zone, the window, the filter and the groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.rest.slicktext.filters import Resource
from gateway.rest.slicktext.stamps import SECOND
from gateway.rest.vendor import Asked
from models.errors import InvalidRange
from models.moments import printed
from models.zones import zone as checked

COMPARISONS = {
    "YoY": "YEAR",
    "QoQ": "QUARTER",
    "MoM": "MONTH",
    "WoW": "WEEK",
    "DoD": "DAY",
    "PoP": "PRIOR_PERIOD",
}


@dataclass(frozen=True)
class Meaning:
    """What one request means."""

    params: Any
    zone: str
    brand: int | str
    options: frozenset[str]
    id: str = ""
    window: dict[str, Any] | None = None
    clip: bool = False
    filter: dict[str, Any] | None = None

    @property
    def group(self) -> tuple[str, ...]:
        """The names of what to group by."""
        return getattr(self.params, "group", ())

    @property
    def compare_to(self) -> str | None:
        """The comparison in GraphQL's words."""
        return COMPARISONS[self.params.compare] if self.params.compare else None

    @property
    def frequency(self) -> str:
        """How wide the buckets are."""
        return self.params.frequency or "day"


class Understand:
    """Understands requests whose filters are the fields of a resource."""

    def __init__(self, resource: Resource | None = None) -> None:
        self._resource = resource

    def __call__(self, asked: Asked[Any]) -> Meaning:
        """What is meant. Raises InvalidInput, InvalidRange, UnknownTimezone."""
        params = asked.params
        zone = params.timezone or asked.caller.organization.timezone
        checked(zone)
        chosen = None
        if self._resource is not None:
            custom = [pair for pair in asked.query if pair[0].startswith("custom_fields[")]
            chosen = self._resource.filter([*params.filters, *custom], zone)
        window, clip = _window(params, zone, asked)
        return Meaning(
            params,
            zone,
            number(asked.named) or asked.named,
            asked.options,
            asked.path.get("id", ""),
            window,
            clip,
            chosen,
        )


def number(text: str | None) -> int | str | None:
    """An id as the vendor has it: a number where it is one."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 18:
        return text or None
    return int(text)


def _window(params: Any, zone: str, asked: Asked[Any]) -> tuple[dict[str, Any] | None, bool]:
    """The window in GraphQL's words, and whether to cut the buckets at its ends. Raises InvalidRange."""
    start, end = getattr(params, "start", None), getattr(params, "end", None)
    until = None if end is None else end.last(zone)
    if start is None:
        return {"lifetime": {} if until is None else {"until": printed(until)}}, False
    since = start.first(zone)
    if until is None:
        until = max(asked.now, since + SECOND)
    if since >= until:
        raise InvalidRange("start must not be later than end.")
    return {"between": {"start": printed(since), "end": printed(until)}}, True
