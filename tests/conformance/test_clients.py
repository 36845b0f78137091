"""Real clients read the numbers that are known, over every transport they have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conformance.clients import run
from tests.conformance.node import npm
from tests.conformance.site import Site
from tests.conformance.steps import CLIENTS, SITE, STRICT, Client

Rows = list[tuple[str, str, object]]


@pytest.fixture
def rows(record_property: Callable[[str, object], None]) -> Rows:
    """Lines for the table: who, what, and what came of it instead of what had to."""
    told: Rows = []
    record_property("rows", told)
    return told


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_client_finds_what_is_known(client: Client, rows: Rows, request: pytest.FixtureRequest) -> None:
    if client.needs_node:
        assert request.getfixturevalue("compiled") == ""

    found: dict[str, object] = {}
    for site in (SITE, STRICT):
        if names := client.names(site):
            ran = run(client.name, request.getfixturevalue(site), *names)
            found |= {name: ran.of(name) for name in names}

    for step in client.steps:
        rows.append((client.name, step.about, "" if found[step.name] == step.result else found[step.name]))
    assert found == {step.name: step.result for step in client.steps}


def test_where_registered_documents_run_a_text_does_not(strict_site: Site, rows: Rows) -> None:
    told = run("graphql_sse", strict_site, "query").of("query")

    refused = "registered" in told
    rows.append(("graphql_sse", "a text is refused where only registered ones run", "" if refused else told))
    assert refused


def test_the_compilers_take_the_schema_and_every_document(compiled: str, rows: Rows) -> None:
    rows.append(("compilers", "take the schema and every document", compiled))

    assert compiled == ""


def test_what_codegen_typed_fits_how_the_clients_use_it(compiled: str, rows: Rows) -> None:
    assert compiled == ""
    complaints = npm("run", "types")

    rows.append(("typescript", "accepts what clients do with the types", complaints))
    assert complaints == ""
