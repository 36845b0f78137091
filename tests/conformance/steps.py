"""What each client does, and what must come of it: a line of the table, and a test, for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.conformance.clients import PYTHON_GQL, RELAY
from tests.conformance.world import AUDITED, DELIVERED, EXPORTED, GREW, PAGES, PARTS


@dataclass(frozen=True)
class Step:
    """Something a client does. `persisted` ones are asked of a gateway that runs registered documents only."""

    client: str
    name: str
    about: str
    result: Any
    persisted: bool = False


def steps(client: str, live: str, persisted: bool = False) -> tuple[Step, ...]:
    """What every client does; `live` says how it subscribes."""
    told = (
        ("query", "query", DELIVERED),
        ("page", "next page of a connection", PAGES),
        ("export", f"subscription over {live}: exportUpdated", EXPORTED),
        ("buckets", f"subscription over {live}: bucketsChanged", GREW),
    )
    return tuple(Step(client, *one, persisted) for one in told)


def defers(client: str) -> Step:
    """Part of an answer comes later."""
    return Step(client, "defer", "@defer over multipart", PARTS)


def persists(client: str) -> Step:
    """A query by its SHA-256."""
    return Step(client, "persisted", "persisted document", DELIVERED, persisted=True)


STEPS = (
    Step("audits", "audits", "graphql-http's 61 audits", AUDITED),
    *steps("urql", "SSE"),
    *(defers("urql"), persists("urql")),
    *steps("apollo", "WebSocket"),
    *(defers("apollo"), persists("apollo")),
    *steps(RELAY, "WebSocket", persisted=True),
    *steps("graphql_ws", "WebSocket"),
    *steps("graphql_sse", "SSE"),
    *steps(PYTHON_GQL, "WebSocket"),
)


def siblings(step: Step) -> tuple[str, ...]:
    """The names of what a client does at the same gateway; it does them in one go."""
    return tuple(one.name for one in STEPS if (one.client, one.persisted) == (step.client, step.persisted))
