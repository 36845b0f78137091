"""Commands about registered documents: what clients may ask for by `documentId`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import typer

from gateway.app import utc_now
from gateway.cli.store import in_store
from gateway.manifests import misfits, read_manifest
from models.errors import InvalidInput
from resolvers.documents import forget, register, registered
from schema.build import build

Result = TypeVar("Result")
app = typer.Typer(help="GraphQL documents that clients ask for by their id.", no_args_is_help=True)


@app.command()
def add(
    manifests: Annotated[list[Path], typer.Argument(help="persisted-documents.json and its like.")],
    label: Annotated[str, typer.Option(help="What they belong to, such as dashboard@1.4.")] = "",
) -> None:
    """Register every document of manifests that graphql-codegen, Relay or Apollo wrote.

    Documents that do not fit the schema are named, and then none is registered.
    """
    found: dict[str, str] = {}
    for path in manifests:
        found |= read_manifest(path)
    _check(found)
    number = in_store(lambda db, _: register(db, found, label, utc_now()))
    print(f"{number} registered, {len(found) - number} were registered already.")


@app.command("list")
def list_documents() -> None:
    """List what is registered, the newest first."""
    for one in in_store(lambda db, _: registered(db)):
        print(f"{one.id}  {one.created_at:%Y-%m-%d %H:%M}Z  {one.label}")


@app.command()
def remove(id: Annotated[str, typer.Argument(help="The whole id, sha256: and 64 digits.")]) -> None:
    """Forget a document: whoever asks for it is refused from then on."""
    in_store(lambda db, _: forget(db, id))
    print("Removed.")


def _check(texts: dict[str, str]) -> None:
    wrong = misfits(build(), texts)
    if wrong:
        raise InvalidInput("These do not fit the schema:\n  " + "\n  ".join(wrong))
