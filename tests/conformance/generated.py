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
MADE = MANIFESTS / ".made"  # touched when everything went well
TURN = EXAMPLES / "node_modules" / ".turn"  # held by one process of the tests at a time


def generate() -> str:
    """What the compilers complained of; nothing when they took everything."""
    with TURN.open("w") as turn:
        flock(turn, LOCK_EX)
        if is_current():
            return ""
        if not (complaints := npm("run", "generate")):
            MADE.touch()
        return complaints


def is_current() -> bool:
    """Whether everything was made after the last change to what it is made from."""
    return MADE.exists() and MADE.stat().st_mtime > max(path.stat().st_mtime for path in SOURCES)
