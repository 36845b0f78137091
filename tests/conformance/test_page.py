"""docs/clients.md shows what is run: each of its snippets stands in the example that it names."""

from __future__ import annotations

import re

import pytest

from tests.conformance.node import ROOT

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
NAMED_OR_SHOWN = re.compile(r"^\[(examples/\S+)\]|^```(?:ts|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def snippets() -> list[tuple[str, str]]:
    """Each snippet with the example that was named last before it."""
    found, name = [], ""
    for match in NAMED_OR_SHOWN.finditer(PAGE):
        name = match[1] or name
        if match[2]:
            found.append((name, match[2]))
    return found


@pytest.mark.parametrize(("name", "snippet"), snippets())
def test_a_snippet_is_a_part_of_its_example(name: str, snippet: str) -> None:
    assert snippet in (ROOT / name).read_text(encoding="utf-8")


def test_every_client_has_a_snippet() -> None:
    shown = {name.split("/")[1] for name, _ in snippets()}

    assert shown == {"codegen.ts", "urql", "apollo", "relay", "graphql_ws", "graphql_sse", "python_gql"}
