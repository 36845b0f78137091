"""The examples as their readers run them: each in a process of its own, and what it printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.conformance.node import EXAMPLES, node
from tests.conformance.site import Site

ENDS_WITHIN_S = 120


@dataclass(frozen=True)
class Run:
    """What an example printed: a value for each step that went well, and all that it complained of."""

    told: dict[str, Any]
    complained: str

    def of(self, step: str) -> Any:
        """What a step found out, or what was said instead."""
        said = (line for line in self.complained.splitlines() if line.startswith(f"{step}: "))
        return self.told.get(step, next(said, self.complained.strip() or "nothing was printed"))


def run(client: str, site: Site, *steps: str) -> Run:
    """The steps of an example, or all, asked of a gateway."""
    environment = {**os.environ, **site.environment}
    try:
        done = subprocess.run(
            (*command(client), *steps),
            cwd=EXAMPLES,
            env=environment,
            capture_output=True,
            text=True,
            timeout=ENDS_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return Run(parsed(late.stdout), f"did not end within {ENDS_WITHIN_S} seconds")
    return Run(parsed(done.stdout), done.stderr)


def command(client: str) -> tuple[str, ...]:
    """How an example is started."""
    if (EXAMPLES / client / "main.py").exists():
        return (sys.executable, f"{client}/main.py")
    hooks = ("--import", "./relay/bundler.mjs") if client == "relay" else ()
    return (node(), *hooks, f"{client}/main.ts")


def parsed(printed: str | bytes | None) -> dict[str, Any]:
    """The lines of an example: a word and its value as JSON."""
    text = printed.decode() if isinstance(printed, bytes) else printed or ""
    return {step: json.loads(value) for step, _, value in (line.partition(" ") for line in text.splitlines())}
