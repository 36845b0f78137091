"""`heliograph explain-url`: the GraphQL question behind a vendor's URL."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated

import orjson
import typer
from graphql import parse, print_ast

from gateway.app import utc_now
from gateway.rest.explain import Explanation, explain_url, stranger
from gateway.settings import read_settings
from models.zones import zone
from resolvers.documents import document_id


def explain(
    request: Annotated[
        list[str],
        typer.Argument(
            help="A request line, an address or a whole curl command in quotes; - reads standard input."
        ),
    ],
    timezone: Annotated[str, typer.Option(help="The organization's own time zone.")] = "UTC",
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Print the GraphQL document and variables that answer a vendor's URL. Nothing is asked, no store needed.

    Keys in a pasted curl command are ignored.

    \b
    heliograph explain-url 'GET /api/analytics/trends?metric=campaigns'
    heliograph explain-url '/v1/brands/26136/analytics/messages?group=status' --timezone America/Chicago
    heliograph explain-url 'POST /api/v1/workspaces/w/analytics/compare {"campaign_ids": ["a", "b"]}'
    pbpaste | heliograph explain-url -
    """
    zone(timezone)
    settings = read_settings()
    text = sys.stdin.read() if request == ["-"] else " ".join(request)
    found = explain_url(text, stranger(timezone, utc_now()), settings.vendor_options)
    if json:
        print(orjson.dumps(found.told, option=orjson.OPT_INDENT_2).decode())
        return
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    print(_page(found, base))


def _page(found: Explanation, base: str) -> str:
    told = found.told
    about = f"# {found.vendor.title}: {told['method']} {told['path']}\n# {told['summary']}"
    variables = orjson.dumps(found.variables, option=orjson.OPT_INDENT_2).decode()
    return f"{about}\n\n{print_ast(parse(found.document))}\n\n{variables}\n\n{_curl(found, base)}"


def _curl(found: Explanation, base: str) -> str:
    """A command that asks for the document by its id, once $KEY is a key."""
    body = orjson.dumps({"documentId": document_id(found.document), "variables": found.variables}).decode()
    return (
        f'curl -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" {base}/graphql \\\n'
        f"  -d {shlex.quote(body)}"
    )
