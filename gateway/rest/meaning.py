"""From a request to what it means to an endpoint, the same whether it is answered or only explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.rest.read import read, read_json
from gateway.rest.vendor import Asked, CsvEndpoint, Endpoint
from resolvers.caller import Caller
from resolvers.cursors import Cursors


@dataclass(frozen=True)
class Sent:
    """What a request says: the parts of its path, its query as it came, its body."""

    path: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True)
class Asker:
    """Whose request it is, when it came, what seals its cursors, the options that the operator chose for its
    vendor, and what it called the organization."""

    caller: Caller
    now: datetime
    cursors: Cursors
    options: frozenset[str] = frozenset()
    named: str = ""


def meaning(endpoint: Endpoint | CsvEndpoint, sent: Sent, asker: Asker) -> Any:
    """What is meant, with defaults filled in. Raises InvalidInput, and whatever the endpoint refuses."""
    if endpoint.method == "GET":
        params = read(endpoint.params, sent.query)
    else:
        params = read_json(endpoint.params, sent.body)
    kept = (asker.options, sent.path, asker.named, sent.query)
    return endpoint.understand(Asked(params, asker.caller, asker.now, asker.cursors, *kept))
