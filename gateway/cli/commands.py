"""Where each command is. Only the one that is called is loaded: who serves needs no simulator."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import NoReturn

import typer

from gateway.settings import SettingsError
from models.engine import is_damaged, is_outage
from models.errors import HeliographError

COMMANDS = {
    "serve": "service.serve",
    "worker": "service.worker",
    "migrate": "service.migrate",
    "ingest": "data.ingest",
    "simulate": "data.simulate",
    "rebuild": "data.rebuild",
    "retention": "retention.retention",
    "doctor": "doctor.doctor",
    "backup": "backup.backup",
    "restore": "backup.restore",
    "demo": "demo.demo",
    "docs": "schemas.docs",
    "explain-url": "explain.explain",
    "keys": "keys.app",
    "documents": "documents.app",
    "schema": "schemas.app",
}


def command_line(wanted: str | None = None) -> typer.Typer:
    """The command of that name, or all of them when there is no such one."""
    app = typer.Typer(
        help="A self-hosted GraphQL analytics gateway for messaging.\n\n"
        "Settings come from the environment: see docs/settings.md.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(lambda: None)  # else a single command would go without its name
    for name in (wanted,) if wanted in COMMANDS else COMMANDS:
        file, _, member = COMMANDS[name].partition(".")
        found = getattr(import_module(f"gateway.cli.{file}"), member)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name=name)(found)
    return app


@contextmanager
def readable() -> Generator[None]:
    """What is raised within is told in one line, where it is not a mistake of ours."""
    try:
        yield
    except (SettingsError, HeliographError) as error:
        _fail(str(error))
    except Exception as error:
        if is_damaged(error):
            _fail("the file that DATABASE_URL names is damaged, or no SQLite database; restore a backup.")
        if not is_outage(error):
            raise
        _fail("the store does not answer; check DATABASE_URL and whether the server runs.")


def _fail(message: str) -> NoReturn:
    print(f"heliograph: {message}", file=sys.stderr)
    sys.exit(2)
