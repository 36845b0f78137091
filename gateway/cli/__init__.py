"""The command line: `heliograph --help` lists what it can do."""

from __future__ import annotations

import sys

from gateway.process import loading


def main() -> None:
    """Run a command; what went wrong is one readable line."""
    with loading():
        from gateway.cli.commands import command_line, readable  # noqa: PLC0415  it loads nearly everything

        run = command_line(*sys.argv[1:2])
    with readable():
        run()
