"""A vendor's request as the GraphQL question that answers it. Nothing is run.

text ──pasted──▶ request ──where──▶ vendor, endpoint ──meaning──▶ variables ──▶ explanation
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from starlette.routing import compile_path

from gateway.rest import VENDORS, options_of, paths_of
from gateway.rest.meaning import Asker, Sent, meaning
from gateway.rest.pasted import pasted
from gateway.rest.vendor import CsvEndpoint, Endpoint, Vendor, reasons
from gateway.rest.write import given
from models import PLANS, Organization
from models.errors import HeliographError, InvalidInput
from resolvers.caller import Caller
from resolvers.cursors import Cursors
from resolvers.documents import document_id

NEAREST, COMPARED = 3, 200


class Place(NamedTuple):
    """A path of an endpoint, and what recognizes it."""

    path: str
    pattern: re.Pattern[str]
    vendor: Vendor
    endpoint: Endpoint | CsvEndpoint


# In the order of the routes: what comes first answers.
PLACES = tuple(
    Place(path, compile_path(path)[0], vendor, endpoint)
    for vendor in VENDORS
    for endpoint in vendor.endpoints
    for path in paths_of(vendor, endpoint)
)


@dataclass(frozen=True)
class Explanation:
    """A vendor's URL, and the question that answers it."""

    vendor: Vendor
    endpoint: Endpoint | CsvEndpoint
    variables: dict[str, Any]

    @property
    def document(self) -> str:
        """The GraphQL document."""
        return self.endpoint.document

    @property
    def told(self) -> dict[str, Any]:
        """Everything, as JSON says it."""
        return {
            "vendor": self.vendor.name,
            "method": self.endpoint.method,
            "path": self.endpoint.path,
            "summary": self.endpoint.summary,
            "document": self.document,
            "variables": self.variables,
            "documentId": document_id(self.document),
        }


def explain_url(text: str, asker: Asker, options: Sequence[str] = ()) -> Explanation:
    """The question behind what somebody pasted; `options` are all of the operator's, written 'vendor.option'.

    Raises InvalidInput, and whatever the vendor's endpoint refuses, as one readable sentence.
    """
    request = pasted(text)
    place, parts = where(request.path)
    endpoint, name = place.endpoint, f"{place.endpoint.method} {place.endpoint.path}"
    if request.method not in (None, endpoint.method) and (request.method, endpoint.method) != ("HEAD", "GET"):
        raise InvalidInput(f"{endpoint.path} takes {endpoint.method}, not {request.method}.")
    if endpoint.method == "POST" and not request.body.strip():
        raise InvalidInput(
            f"{name} takes a JSON body: write it behind the address, or paste a curl line with -d."
        )
    asker = replace(asker, options=options_of(place.vendor, options))
    try:
        meant = meaning(endpoint, Sent(parts, request.query, request.body), asker)
    except HeliographError as error:
        sentence = reasons(error)
        raise (error if sentence is None else InvalidInput(f"{sentence}.", **error.details)) from error
    variables = endpoint.variables(meant)
    if variables is None:
        raise InvalidInput(f"Nothing lies in this range, so {name} answers without asking anything.")
    return Explanation(place.vendor, endpoint, given(variables))


def stranger(timezone: str, now: datetime) -> Asker:
    """Nobody in particular, who may ask anything: what is explained to them holds for most."""
    organization = Organization(
        id=0, slug="", name="", timezone=timezone, plan=PLANS[-1].code, created_at=now
    )
    return Asker(Caller(organization, frozenset(), ""), now, Cursors("", 0))


def where(path: str) -> tuple[Place, dict[str, str]]:
    """What answers at a path, and the parts of the path. Raises InvalidInput, which names what is nearest."""
    for place in PLACES:
        if found := place.pattern.match(path):
            return place, found.groupdict()
    *some, last = nearest(path)
    raise InvalidInput(f"No vendor has this URL. The nearest are {', '.join(some)} and {last}.")


def nearest(path: str) -> list[str]:
    """The URLs that look most like the path, the most alike first."""
    parts = path[:COMPARED].split("/")

    def likeness(place: Place) -> float:
        known = place.path.split("/")
        filled = [
            parts[at] if part.startswith("{") and at < len(parts) else part for at, part in enumerate(known)
        ]
        return SequenceMatcher(None, "/".join(filled), "/".join(parts), autojunk=False).ratio()

    ranked = sorted(PLACES, key=likeness, reverse=True)
    return list(dict.fromkeys(f"{one.endpoint.method} {one.endpoint.path}" for one in ranked))[:NEAREST]
