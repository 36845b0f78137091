"""Manifests of GraphQL documents, as build tools of frontends write them.

graphql-codegen and Relay: {"<hash>": "<text>"}; Apollo: {"operations": [{"id": "<hash>", "body": "<text>"}]}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from models.errors import DocumentTooBig, InvalidInput
from resolvers.documents import KIND, document_id
from schema.build import Schema
from schema.documents import Unsound


def read_manifest(path: Path) -> dict[str, str]:
    """The documents of one manifest by their ids. Raises InvalidInput, which names the file."""
    try:
        found = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}.") from error
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{path} is not JSON.") from error
    documents = _documents(found)
    if documents is None:
        raise InvalidInput(f"{path} is no manifest: it maps no hashes to documents.")
    for hashed, text in documents.items():
        if document_id(text) != KIND + hashed.removeprefix(KIND):
            raise InvalidInput(
                f"{path}: '{hashed[:80]}' is not the SHA-256 of its document; "
                "set the tool that wrote it to SHA-256 (Relay: persistConfig.algorithm 'SHA256')."
            )
    return {document_id(text): text for text in documents.values()}


def read_folder(folder: Path) -> dict[str, str]:
    """The documents of every manifest in a folder. Raises InvalidInput."""
    if not folder.is_dir():
        raise InvalidInput(f"DOCUMENTS_FOLDER: there is no folder {folder}.")
    documents: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        documents |= read_manifest(path)
    return documents


def misfits(schema: Schema, texts: dict[str, str]) -> list[str]:
    """Which of the documents cannot run, each with its id and the first reason."""
    wrong = []
    for id, text in texts.items():
        try:
            schema.documents.ready(text)
        except Unsound as error:
            wrong.append(f"{id}: {error.errors[0].message}")
        except DocumentTooBig as error:
            wrong.append(f"{id}: {error.message}")
    return wrong


def _documents(found: Any) -> dict[str, str] | None:
    """Hashes and texts; None when it holds something else."""
    if not isinstance(found, dict):
        return None
    if isinstance(listed := found.get("operations"), list):
        if not all(isinstance(one, dict) for one in listed):
            return None
        found = {one.get("id"): one.get("body") for one in listed}
    is_sound = all(isinstance(hashed, str) and isinstance(text, str) for hashed, text in found.items())
    return found if is_sound else None
