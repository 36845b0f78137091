"""Real clients read the numbers that are known, over every transport they have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conformance.clients import run
from tests.conformance.conftest import Found
from tests.conformance.node import npm
from tests.conformance.site import Site
from tests.conformance.steps import STEPS, Step

Row = Callable[[str, str], None]


@pytest.fixture
def row(record_property: Callable[[str, object], None]) -> Row:
    """Tells the table who does what."""

    def tell(client: str, did: str) -> None:
        record_property("client", client)
        record_property("did", did)

    return tell


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.client}-{step.name}")
def test_a_client_finds_what_is_known(found: Found, step: Step, row: Row) -> None:
    row(step.client, step.about)

    told = found(step)

    assert told == step.result


def test_where_registered_documents_run_a_text_does_not(strict_site: Site, row: Row) -> None:
    row("graphql_sse", "its texts are refused where only registered run")

    told = run("graphql_sse", strict_site, "query").of("query")

    assert "registered" in told


def test_the_compilers_take_the_schema_and_every_document(compiled: str, row: Row) -> None:
    row("compilers", "take the schema and every document")

    assert compiled == ""


def test_what_codegen_typed_fits_how_the_clients_use_it(compiled: str, row: Row) -> None:
    row("typescript", "accepts what clients do with the types")

    assert compiled == ""
    assert npm("run", "types") == ""
