"""What a new schema takes away from clients of an older one."""

from __future__ import annotations

from graphql import build_schema, find_breaking_changes


def breaks(before: str, after: str) -> list[str]:
    """What would no longer work for clients of the schema `before`, a sentence each; both are SDL."""
    found = find_breaking_changes(build_schema(before), build_schema(after))
    return sorted(change.description for change in found)
