"""What the compilers of the clients make of our schema, made anew when it is older than what it is made from."""

from __future__ import annotations

from fcntl import LOCK_EX, flock

from tests.conformance.node import EXAMPLES, ROOT, npm

SOURCES = (
    ROOT / "schema" / "schema.graphql",
    *(EXAMPLES / name for name in ("package-lock.json", "codegen.ts", "documents.ts", "relay.config.json")),
    EXAMPLES / "relay" / "main.ts",
)
MANIFESTS = EXAMPLES / "generated"
MADE = (MANIFESTS / "persisted-documents.json", MANIFESTS / "persisted-relay.json")


def generate() -> str:
    """What the compilers complained of; nothing when they took everything."""
    with (EXAMPLES / "node_modules" / ".generating").open("w") as turn:
        flock(turn, LOCK_EX)  # test processes run side by side
        return "" if is_current() else npm("run", "generate")


def is_current() -> bool:
    """Whether everything made is newer than everything it is made from."""
    if not all(path.exists() for path in MADE):
        return False
    return min(path.stat().st_mtime for path in MADE) > max(path.stat().st_mtime for path in SOURCES)
