"""What came over HTTP as a document: the query of a GET, the JSON body of a POST."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import URL
from starlette.requests import Request

from gateway.body import Unreadable, read_json
from gateway.door import Document

MAX_BODY = 256 * 1024
SAFE = ("GET", "HEAD")
LONGEST_HOST = 300
SHORT = 4_000  # bytes of a query string or a body that is remembered
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


async def read_document(request: Request) -> Document:
    """The document that a request asks to run. Raises Unreadable."""
    base = base_of(request)
    if request.method in SAFE:
        return _read(_from_query, request.scope["query_string"], base)
    return await read_json(request, MAX_BODY, lambda body: _read(_from_body, body, base))


def _read(told: Callable[[bytes], dict[str, Any]], written: bytes, base: str | None) -> Document:
    """What is asked, as read before where it is asked again: reading takes as long as answering then."""
    return (_remembered if len(written) <= SHORT else _document)(told, written, base)


def _document(told: Callable[[bytes], dict[str, Any]], written: bytes, base: str | None) -> Document:
    return document_of(told(written), base)


_remembered = lru_cache(maxsize=256)(_document)


def document_of(asked: dict[str, Any], base: str | None) -> Document:
    """The document in the parameters of a request, checked one by one. Raises Unreadable."""
    for name in ("variables", "extensions"):
        if not isinstance(asked.get(name), dict | None):
            raise Unreadable(400, f"'{name}' must be a JSON object.")
    text, id = asked.get("query"), _id(asked)
    if id is not None and not isinstance(id, str):
        raise Unreadable(400, "'documentId' must be a text.")
    if text is not None and not isinstance(text, str):
        raise Unreadable(400, "'query' must be a text.")
    text = text if text and text.strip() else None
    if text is None and id is None:
        raise Unreadable(400, "There is no 'query' in the request, and no 'documentId'.")
    operation = asked.get("operationName")
    if operation is not None and not isinstance(operation, str):
        raise Unreadable(400, "'operationName' must be a text.")
    document = Document(text, asked.get("variables"), operation or None, base, id)
    try:
        assert document.written
    except TypeError as error:
        raise Unreadable(400, "The variables are nested too deeply.") from error
    return document


def _id(asked: dict[str, Any]) -> Any:
    """The id of the document, under the names that the draft, Relay, and Apollo and urql give it."""
    apollo = (asked.get("extensions") or {}).get("persistedQuery")
    # it hashes another spelling than the one it sends, and sends that when the hash alone was not enough
    hashed = apollo.get("sha256Hash") if isinstance(apollo, dict) and not asked.get("query") else None
    return asked.get("documentId") or asked.get("doc_id") or hashed


def base_of(request: Request) -> str | None:
    """The address the request came to, on this machine; elsewhere None, for anyone can make a Host up."""
    return _base(request.scope["scheme"], request.headers.get("host", "")[:LONGEST_HOST])


@lru_cache(maxsize=64)
def _base(scheme: str, host: str) -> str | None:
    try:
        url = URL(f"{scheme}://{host}/")
        return f"{scheme}://{url.netloc}" if url.hostname in LOOPBACK else None
    except ValueError:  # no address at all, such as '[::1'
        return None


def _from_query(query: bytes) -> dict[str, Any]:
    asked: dict[str, Any] = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    for name in ("variables", "extensions"):
        if text := asked.pop(name, None):
            try:
                asked[name] = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise Unreadable(400, f"'{name}' is not JSON.") from error
    return asked


def _from_body(body: bytes) -> dict[str, Any]:
    asked = orjson.loads(body)
    if isinstance(asked, list):
        raise Unreadable(400, "Send one operation at a time; batches are not taken.")
    if not isinstance(asked, dict):
        raise Unreadable(400, "The body must be a JSON object with a 'query'.")
    return asked
