"""The command line: `heliograph --help` lists what it can do."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from gateway.cli import data, demo, documents, explain, keys, retention, schemas, service
from gateway.process import settle
from gateway.settings import SettingsError
from models.engine import is_outage
from models.errors import HeliographError

app = typer.Typer(
    help="A self-hosted GraphQL analytics gateway for messaging.\n\n"
    "Settings come from the environment: see docs/settings.md.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    service.serve,
    service.worker,
    service.migrate,
    data.ingest,
    data.simulate,
    data.rebuild,
    retention.retention,
    demo.demo,
):
    app.command()(command)
app.add_typer(keys.app, name="keys")
app.add_typer(documents.app, name="documents")
app.add_typer(schemas.app, name="schema")
app.command()(schemas.docs)
app.command(name="explain-url")(explain.explain)


def main() -> None:
    """Run a command; what went wrong is one readable line."""
    settle()
    try:
        app()
    except (SettingsError, HeliographError) as error:
        _fail(str(error))
    except Exception as error:
        if not is_outage(error):
            raise
        _fail("the store does not answer; check DATABASE_URL and whether the server runs.")


def _fail(message: str) -> NoReturn:
    print(f"heliograph: {message}", file=sys.stderr)
    sys.exit(2)
