"""Tenants whose every text says whose it is, with records of every kind, as the kinds describe themselves.

A kind that is new is told of without being named here. Each has two records a tenant: their ids are a UUID
and a number, for vendors want one or the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, get_args, get_origin
from uuid import NAMESPACE_URL, uuid5

from pydantic import AwareDatetime, BaseModel

from gateway.rest import VENDORS
from models.records import Record

EACH = 2  # records of a kind
OUR_WORDS = frozenset({"type", "organization", "id", "timezone", "birthdate"})  # not any text will do
_UNION = get_args(get_args(Record)[0])
KINDS: dict[str, type[BaseModel]] = {get_args(one.model_fields["type"].annotation)[0]: one for one in _UNION}
NAMES = tuple(kind for kind in KINDS if kind != "organization")


@dataclass(frozen=True)
class Tenant:
    """An organization; `marker` is in every text of its, `number` at the beginning of its numbers."""

    marker: str
    number: int

    def id(self, kind: str, place: int) -> str:
        """The id of its first or second record of a kind."""
        return self.uuid(kind) if place % 2 == 0 else f"{self.number}{NAMES.index(kind):02}{place:04}"

    def uuid(self, of: str) -> str:
        """A UUID that nobody else has."""
        return _uuid(f"{self.marker} {of}")

    @property
    def alias(self) -> str:
        """What every vendor calls it."""
        return self.uuid("alias")

    @property
    def signs(self) -> tuple[str, ...]:
        """What is in no answer to anybody else."""
        ids = (self.id(kind, place) for kind in NAMES for place in range(EACH))
        return (self.marker, self.alias, *ids)

    def records(self, now: datetime) -> Iterator[dict[str, Any]]:
        """The organization, then its records."""
        aliases = {vendor.name: self.alias for vendor in VENDORS}
        yield {
            "type": "organization",
            "id": self.marker,
            "name": self.marker,
            "plan": "unlimited",
            "timezone": "UTC",
            "aliases": aliases,
        }
        for kind in NAMES:
            for place in range(EACH):
                yield self._record(kind, place, now)

    def _record(self, kind: str, place: int, now: datetime) -> dict[str, Any]:
        told: dict[str, Any] = {"type": kind, "organization": self.marker}
        if "id" in KINDS[kind].model_fields:
            told["id"] = self.id(kind, place)
        for name, field in KINDS[kind].model_fields.items():
            value = None if name in OUR_WORDS else self._value(name, field.annotation, place, now)
            if value is not None and (field.is_required() or value is not True):
                told[name] = value
        return told

    def _value(self, name: str, kind: Any, place: int, now: datetime) -> Any:
        """Something for a field: another record's id, a moment, a text that says whose it is."""
        parts = [part for part in get_args(kind) if part is not type(None)]
        if (whose := of_kind(name.removesuffix("s"))) and name.removesuffix("s").endswith("_id"):
            return [self.id(whose, place)] if name.endswith("s") else self.id(whose, place)
        if get_origin(kind) is dict:
            return {self.marker: self.marker}
        if parts and all(isinstance(part, str) for part in parts):
            return parts[place % len(parts)]
        if parts:
            return self._value(name, parts[0], place, now)
        if kind in (AwareDatetime, datetime):
            days = -1 if name in ENDS_LATER else 2
            return None if name in NEVER else (now - timedelta(days=days, hours=place)).isoformat()
        plain: dict[Any, Any] = {
            bool: True,
            str: f"{self.marker} {name} {place}",
            int: self.number % 7 + place,
            date: (now.astimezone(UTC) - timedelta(days=2)).date().isoformat(),
        }
        return plain.get(kind)


@cache
def _uuid(of: str) -> str:
    return str(uuid5(NAMESPACE_URL, of))


ALSO = {"agent": "user", "account": "sender"}  # what vendors call them
ENDS_LATER = frozenset({"expires_at", "current_period_end"})
NEVER = frozenset({"deleted_at", "cleared_at", "deactivated_at"})  # what is gone shows nothing


def of_kind(name: str) -> str | None:
    """The kind that a name such as `campaign_id` or `campaigns` means."""
    word = name.lower().strip("_").removesuffix("s").removesuffix("id").strip("_")
    word = ALSO.get(word, word)
    tests = (word.__eq__, lambda kind: kind.endswith(f"_{word}"), lambda kind: kind.startswith(f"{word}_"))
    return next((kind for test in tests for kind in NAMES if test(kind)), None) if word else None


OWN, OTHER, UNKNOWN = Tenant("ambergris", 71), Tenant("basaltine", 83), Tenant("nobodyxyz", 97)
