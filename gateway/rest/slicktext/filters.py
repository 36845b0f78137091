"""Filters by the fields of the vendor's resources, in GraphQL's words.

A filter's name that no resource has is left alone, as the vendor does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.rest.slicktext import words
from gateway.rest.slicktext.stamps import second
from models.errors import InvalidInput

Values = Callable[[str, str], list[str]]  # a value and the zone of moments → the values that our filter wants
CUSTOM = "custom_fields["


def _same(value: str, _: str) -> list[str]:
    return [value]


def _second(value: str, zone: str) -> list[str]:
    return [second(value, zone)]


def _source(value: str, _: str) -> list[str]:
    return words.meant_source(value)


def _word(known: Mapping[str, str]) -> Values:
    return lambda value, _: words.meant(known, value)


def _message_status(value: str, _: str) -> list[str]:
    return words.meant(words.MESSAGE_STATUSES, value[:1].upper() + value[1:])


def _direction(value: str, _: str) -> list[str]:
    return words.meant(words.DIRECTIONS, value[:1].upper() + value[1:])


def _gsm(value: str, _: str) -> list[str]:
    if value not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return ["gsm7"] if value == "1" else ["ucs2"]


@dataclass(frozen=True)
class Field:
    """One field of a resource: where our filter has it, and what its values are there."""

    place: str
    values: Values = _same


CONTACT: dict[str, Field] = {
    "contact_id": Field("id"),
    "first_name": Field("firstName"),
    "last_name": Field("lastName"),
    "mobile_number": Field("phone"),
    "mobile_number_carrier": Field("carrier"),
    "email": Field("email"),
    "birthdate": Field("birthdate"),
    "address": Field("address"),
    "city": Field("city"),
    "state": Field("state"),
    "zip": Field("zip"),
    "country": Field("country"),
    "source": Field("source", _source),
    "_source_id": Field("sourceId"),
    "sub_source": Field("subSource"),
    "_sub_source_id": Field("subSourceId"),
    "language": Field("language"),
    "opt_in_status": Field("optInStatus", _word(words.OPT_IN)),
    "last_opt_in_status_change": Field("optInChangedAt", _second),
    "created": Field("createdAt", _second),
    "last_updated": Field("updatedAt", _second),
    "contact_source": Field("source", _source),
}
CAMPAIGN: dict[str, Field] = {
    "campaign_id": Field("id"),
    "_created_by_user_id": Field("createdBy"),
    "name": Field("name"),
    "body": Field("body"),
    "media_url": Field("mediaUrl"),
    "audience_size": Field("audienceSize"),
    "status": Field("status", _word(words.CAMPAIGN_STATUSES)),
    "status_detail": Field("statusDetail"),
    "status_date": Field("statusAt", _second),
    "completion_percentage": Field("completionPercent"),
    "created": Field("createdAt", _second),
    "scheduled": Field("scheduledAt", _second),
    "started": Field("startedAt", _second),
    "finished": Field("completedAt", _second),
    "last_updated": Field("updatedAt", _second),
}
MESSAGE: dict[str, Field] = {
    "_id": Field("id"),
    "to": Field("toAddress"),
    "from": Field("fromAddress"),
    "body": Field("body"),
    "direction": Field("direction", _direction),
    "channel": Field("channel"),
    "source": Field("source", _source),
    "_source_id": Field("sourceId"),
    "source_id": Field("sourceId"),
    "_sub_source_id": Field("subSourceId"),
    "is_gsm": Field("encoding", _gsm),
    "message_credits": Field("credits"),
    "status": Field("status", _message_status),
    "created": Field("createdAt", _second),
}
OPT_IN_EVENT: dict[str, Field] = {
    "opt_in_status": Field("optInStatus", _word(words.OPT_IN)),
    "contact_source": Field("contactSource", _source),
    "contact_unsubscribe_source": Field("source", _source),
}


@dataclass(frozen=True)
class Resource:
    """The fields that filter one kind of analytics, its own first, then those of what it leads to."""

    own: Mapping[str, Field]
    related: tuple[tuple[str, Resource], ...] = ()
    has_custom: bool = False

    @property
    def names(self) -> list[str]:
        """Every name of a field, each once."""
        found = [*self.own, *(name for _, other in self.related for name in other.names)]
        return list(dict.fromkeys(found))

    def filter(self, given: Iterable[tuple[str, str]], zone: str) -> dict[str, Any] | None:
        """The filter that a query's fields make; None without any. Raises InvalidInput."""
        found: dict[str, Any] = {}
        for name, value in given:
            if value:  # the vendor's own pages send what is not chosen as ''
                self._add(found, name, value, zone)
        return found or None

    def _add(self, found: dict[str, Any], name: str, value: str, zone: str) -> bool:
        """Put one field where it belongs; says whether it belongs here."""
        field = self.own.get(name)
        if field is not None:
            found[field.place] = _both(found.get(field.place), _values(field, name, value, zone))
            return True
        if self.has_custom and name.startswith(CUSTOM) and name.endswith("]"):
            wanted = {"name": name[len(CUSTOM) : -1], "values": [value]}
            found.setdefault("custom", []).append(wanted)
            return True
        for place, other in self.related:
            inner = found.get(place, {})
            if other._add(inner, name, value, zone):
                found[place] = inner
                return True
        return False


def _values(field: Field, name: str, value: str, zone: str) -> list[str]:
    try:
        return field.values(value, zone)
    except ValueError as error:
        raise InvalidInput(fields={name: str(error)}) from error


def _both(held: list[str] | None, more: list[str]) -> list[str]:
    return more if held is None else [value for value in more if value in held]


OF_CAMPAIGN = Resource(CAMPAIGN)
OF_CONTACT = Resource(CONTACT, (("ofCampaign", OF_CAMPAIGN),), has_custom=True)
OF_OPT_IN = Resource(OPT_IN_EVENT, (("ofContact", OF_CONTACT),))
OF_MESSAGE = Resource(MESSAGE, (("ofCampaign", OF_CAMPAIGN),))
OF_THREAD = Resource({}, (("ofContact", OF_CONTACT),))
