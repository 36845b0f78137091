"""The schema only grows: what clients use today they can use tomorrow."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from schema.build import sdl
from schema.compatibility import breaks

ROOT = Path(__file__).parents[2]
FILE = "schema/schema.graphql"
BEFORE = 'type Query { "A." a(x: Int): Int b: Color } enum Color { RED BLUE }'


@pytest.mark.parametrize(
    "after",
    [
        "type Query { a(x: Int): Int b: Color c: Int } enum Color { RED BLUE }",
        "type Query { a(x: Int, y: Int): Int! b: Color @deprecated } enum Color { RED BLUE }",
    ],
)
def test_what_is_added_breaks_nobody(after: str) -> None:
    assert breaks(BEFORE, after) == []


@pytest.mark.parametrize(
    ("after", "gone"),
    [
        ("type Query { b: Color } enum Color { RED BLUE }", "Query.a"),
        ("type Query { a(x: Int): String b: Color } enum Color { RED BLUE }", "Query.a"),
        ("type Query { a(x: Int, y: Int!): Int b: Color } enum Color { RED BLUE }", "y"),
        ("type Query { a(x: Int): Int b: Color } enum Color { RED }", "BLUE"),
        ("type Query { a: Int b: Color } enum Color { RED BLUE }", "x"),
    ],
)
def test_what_is_taken_away_is_named(after: str, gone: str) -> None:
    assert any(gone in told for told in breaks(BEFORE, after))


def git(*command: str) -> str | None:
    """What git prints; None where there is no repository, or not so much of its past."""
    try:
        done = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode()


def test_nothing_is_taken_from_clients_of_the_schema_committed_last() -> None:
    changed = (git("log", "-1", "--format=%H", "--", FILE) or "").strip()
    last = git("show", f"{changed}:{FILE}") if changed else None
    if last == (ROOT / FILE).read_text():
        last = git("show", f"{changed}~1:{FILE}") or last
    if last is None:
        pytest.skip("There is no git history here to compare with.")
    told = (ROOT / "schema/breaking.md").read_text().splitlines()

    assert [change for change in breaks(last, sdl()) if f"- {change}" not in told] == []
