"""Commands that print or check what others build on: the GraphQL schema, the record schema, the docs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from gateway.docs import PAGES, ROOT
from gateway.rest import VENDORS
from gateway.rest.openapi import openapi as describe
from models.errors import InvalidInput
from models.records import RECORD
from schema.build import sdl
from schema.compatibility import breaks

app = typer.Typer(help="Print the schemas that clients build on.", no_args_is_help=True)
SDL = Path("schema/schema.graphql")
Check = Annotated[bool, typer.Option("--check", help="Only say whether the committed file is current.")]


@app.command()
def graphql(check: Check = False) -> None:
    """Print the GraphQL schema in its own language."""
    if check:
        for change in breaks((ROOT / SDL).read_text(encoding="utf-8"), sdl()):
            typer.echo(f"Breaks clients: {change} See schema/breaking.md.", err=True)
        _compare({SDL: sdl()}, "heliograph schema graphql > schema/schema.graphql")
    else:
        print(sdl(), end="")


@app.command()
def openapi(
    vendor: Annotated[str, typer.Argument(help="Whose URLs, such as agentmessage.")],
) -> None:
    """Print the OpenAPI 3.1 document of a vendor's URLs."""
    known = {one.name: one for one in VENDORS}
    if vendor not in known:
        raise InvalidInput(f"There is no vendor '{vendor}'; there are {', '.join(known)}.")
    print(orjson.dumps(describe(known[vendor]), option=orjson.OPT_INDENT_2).decode())


@app.command()
def ingest() -> None:
    """Print the JSON Schema of every record that can come in."""
    print(orjson.dumps(RECORD.json_schema(), option=orjson.OPT_INDENT_2).decode())


def docs(check: Check = False) -> None:
    """Write the pages of docs/ that are read from the code."""
    pages = {path: page() for path, page in PAGES.items()}
    if check:
        _compare(pages, "heliograph docs")
        return
    for path, text in pages.items():
        (ROOT / path).write_text(text, encoding="utf-8")
        print(path)


def _compare(pages: dict[Path, str], remedy: str) -> None:
    stale = [path for path, text in pages.items() if not _is_current(ROOT / path, text)]
    if stale:
        typer.echo(f"Not current: {', '.join(map(str, stale))}. Run: {remedy}", err=True)
        raise typer.Exit(1)


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text
