"""Real clients read the numbers that are known, over every transport they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conformance.clients import PYTHON_GQL
from tests.conformance.conftest import Clients
from tests.conformance.node import npm
from tests.conformance.world import AUDITED, DELIVERED, EXPORTED, PAGES, PARTS

Row = Callable[[str, str], None]


@dataclass(frozen=True)
class Step:
    """Something a client does, and what must come of it."""

    client: str
    name: str
    about: str
    result: Any


def steps(client: str, live: str, *more: Step) -> tuple[Step, ...]:
    """What every client does; `live` says how it subscribes."""
    return (
        Step(client, "query", "query", DELIVERED),
        Step(client, "page", "next page of a connection", PAGES),
        Step(client, "export", f"subscription over {live}, until the export is made", EXPORTED),
        *more,
    )


STEPS = (
    Step("audits", "audits", "graphql-http's 61 audits", AUDITED),
    *steps("urql", "SSE", Step("urql", "defer", "@defer", PARTS)),
    *steps("apollo", "WebSocket", Step("apollo", "defer", "@defer", PARTS)),
    *steps("relay", "WebSocket"),
    *steps("graphql_ws", "WebSocket"),
    *steps("graphql_sse", "SSE"),
    *steps(PYTHON_GQL, "WebSocket"),
)


@pytest.fixture
def row(record_property: Callable[[str, object], None]) -> Row:
    """Tells the table who does what."""

    def tell(client: str, did: str) -> None:
        record_property("client", client)
        record_property("did", did)

    return tell


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.client}-{step.name}")
def test_a_client_finds_what_is_known(told: Clients, step: Step, row: Row) -> None:
    row(step.client, step.about)

    found = told(step.client).of(step.name)

    assert found == step.result


def test_the_compilers_take_the_schema_and_every_document(compiled: str, row: Row) -> None:
    row("compilers", "take the schema and every document")

    assert compiled == ""


def test_what_codegen_typed_fits_how_the_clients_use_it(compiled: str, row: Row) -> None:
    row("typescript", "accepts what clients do with the types")

    assert compiled == ""
    assert npm("run", "types") == ""
