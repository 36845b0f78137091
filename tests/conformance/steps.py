"""What each client does, and what must come of it: a line of the table for each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.conformance.world import AUDITED, DELIVERED, EXPORTED, GREW, PAGES, PARTS

SITE, STRICT = "site", "strict_site"  # gateways, as fixtures; the strict one runs registered documents only


@dataclass(frozen=True)
class Step:
    """Something a client does at a gateway."""

    name: str
    about: str
    result: Any
    site: str = SITE


@dataclass(frozen=True)
class Client:
    """A client by the folder of its example."""

    name: str
    steps: tuple[Step, ...]
    needs_node: bool = True

    def names(self, site: str) -> tuple[str, ...]:
        """What it does at a gateway."""
        return tuple(step.name for step in self.steps if step.site == site)


def common(live: str, site: str = SITE) -> tuple[Step, ...]:
    """What every client does; `live` says how it subscribes."""
    return (
        Step("query", "query", DELIVERED, site),
        Step("page", "next page of a connection", PAGES, site),
        Step("export", f"subscription over {live}: exportUpdated", EXPORTED, site),
        Step("buckets", f"subscription over {live}: bucketsChanged", GREW, site),
    )


DEFER = Step("defer", "@defer over multipart", PARTS)
PERSISTED = Step("persisted", "persisted document", DELIVERED, STRICT)

CLIENTS = (
    Client("graphql_http", (Step("audits", "audits 61/61", AUDITED),)),
    Client("urql", (*common("SSE"), DEFER, PERSISTED)),
    Client("apollo", (*common("WebSocket"), DEFER, PERSISTED)),
    Client("relay", common("WebSocket", STRICT)),
    Client("graphql_ws", common("WebSocket")),
    Client("graphql_sse", common("SSE")),
    Client("python_gql", common("WebSocket"), needs_node=False),
)
