"""Whatever a machine can think of is answered as promised, and never by an error of ours."""

from __future__ import annotations

import pytest

from tests.conformance.invented import DOCUMENTS, invent, uv
from tests.conformance.site import Site
from tests.conformance.test_clients import Rows, rows

__all__ = ["rows"]


@pytest.fixture(autouse=True)
def _can_be_fetched() -> None:
    try:
        uv()
    except LookupError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_answers_to_what_was_invented_are_as_the_document_says(document: str, site: Site, rows: Rows) -> None:
    made, complaint = invent(site, document)

    rows.append(("schemathesis", f"{document}: {made} requests", complaint))
    assert complaint == ""
    assert made > 20


def test_no_document_that_was_invented_breaks_the_gateway(site: Site, rows: Rows) -> None:
    made, _ = invent(site, "graphql", ("not_a_server_error",))  # it takes every error for one of the server
    broken = [line for line in site.log.read_text().splitlines() if '"level":"error"' in line]

    rows.append(("schemathesis", f"graphql: {made} documents", "\n".join(broken)))
    assert broken == []
    assert made > 20
