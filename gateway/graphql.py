"""GraphQL over HTTP: POST with JSON, GET for queries, GraphiQL for browsers.

Follows the GraphQL-over-HTTP draft: `application/graphql-response+json` tells by its status whether the
document ran, `application/json` always says 200 once it was understood.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.auth import Auth
from gateway.body import Unreadable, read_body
from gateway.door import ANY_OPERATION, QUERY_ONLY, Answer, Document, Door
from gateway.logs import request_id
from gateway.sse import MEDIA_TYPE, body_of, events
from gateway.web.graphiql import CSP, PageSettings, page
from models.errors import HeliographError, InvalidInput
from resolvers.caller import METRICS_READ

GRAPHQL, JSON = "application/graphql-response+json", "application/json"
HEADERS = {"Vary": "Accept, Authorization", "Cache-Control": "private, no-store"}
MAX_BODY = 256 * 1024
SAFE = ("GET", "HEAD")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class GraphQLEndpoint:
    """`/graphql`."""

    def __init__(self, door: Door, auth: Auth, graphiql: PageSettings | None) -> None:
        self._door, self._auth, self._graphiql = door, auth, graphiql

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.method in SAFE and self._graphiql is not None and _is_browser(request):
            return HTMLResponse(
                page(self._graphiql),
                headers={"Content-Security-Policy": CSP, "Cache-Control": "no-store", "Vary": "Accept"},
            )
        accept = request.headers.get("accept", "")
        wants_events = MEDIA_TYPE in accept
        media = JSON if wants_events else _media_type(accept)
        if media is None:
            return _plain(406, f"This endpoint answers {GRAPHQL} or {JSON}.")
        try:
            caller = await self._auth.caller(request, METRICS_READ)
            document = _from_query(request) if request.method in SAFE else await _from_body(request)
        except Unreadable as error:
            return _plain(error.status, str(error))
        except HeliographError as error:
            return _answered(_of_error(error), media, error.status)
        operations = QUERY_ONLY if request.method in SAFE else ANY_OPERATION
        document = replace(document, base=base_of(request))
        if wants_events:
            return events(self._door.watch(caller, document, operations))
        answer = await self._door.ask(caller, document, operations)
        return _answered(answer, media, _status(answer))


def _is_browser(request: Request) -> bool:
    """Whether a person opened the address; a query in it is shown in GraphiQL, not run."""
    return "text/html" in request.headers.get("accept", "") and "query" not in request.query_params


def base_of(request: Request) -> str | None:
    """The address the request came to, on this machine; elsewhere None, for anyone can make a Host up."""
    host = request.url.hostname
    return f"{request.url.scheme}://{request.url.netloc}" if host in LOOPBACK else None


def _media_type(accept: str) -> str | None:
    """The type to answer with: the caller's favourite of our two, None when neither will do."""
    if not accept.strip():
        return JSON
    best: tuple[float, int, str] | None = None
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(parameters)
        for rank, media in ((1, GRAPHQL), (0, JSON)):
            matches = kind == media or (media == JSON and kind in ("*/*", "application/*"))
            if matches and quality > 0 and (best is None or (quality, rank) > best[:2]):
                best = (quality, rank, media)
    return best[2] if best else None


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def _from_query(request: Request) -> Document:
    query = request.query_params
    variables = _object(query.get("variables"), "variables")
    _object(query.get("extensions"), "extensions")
    return _document(query.get("query"), variables, query.get("operationName"))


def _object(text: str | None, name: str) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable(400, f"'{name}' is not JSON.") from error
    return _checked(value, name)


async def _from_body(request: Request) -> Document:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise Unreadable(415, f"Send the document as {JSON}.")
    body = await read_body(request, MAX_BODY)
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(400, "The body is not JSON.") from error
    if isinstance(asked, list):
        raise Unreadable(400, "Send one operation at a time; batches are not taken.")
    if not isinstance(asked, dict):
        raise Unreadable(400, "The body must be a JSON object with a 'query'.")
    _checked(asked.get("extensions"), "extensions")
    return _document(
        asked.get("query"), _checked(asked.get("variables"), "variables"), asked.get("operationName")
    )


def _checked(value: Any, name: str) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise Unreadable(400, f"'{name}' must be a JSON object.")
    return value


def _document(text: Any, variables: dict[str, Any] | None, operation: Any) -> Document:
    if not isinstance(text, str) or not text.strip():
        raise Unreadable(400, "There is no 'query' in the request.")
    if operation is not None and not isinstance(operation, str):
        raise Unreadable(400, "'operationName' must be a text.")
    return Document(text, variables, operation or None)


def _status(answer: Answer) -> int:
    if not answer.was_refused:
        return 200
    return max((cause.status for cause in answer.causes), default=400)


def _of_error(error: HeliographError) -> Answer:
    told = {
        "message": error.message,
        "extensions": {"code": error.code, **error.details, "requestId": request_id()},
    }
    return Answer(None, [told], [error], was_refused=True)


def _answered(answer: Answer, media: str, status: int) -> Response:
    understood = media == JSON and status == InvalidInput.status and answer.was_refused
    headers = dict(HEADERS)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        orjson.dumps(body_of(answer)),
        200 if understood else status,
        headers,
        media_type=f"{media}; charset=utf-8",
    )


def _plain(status: int, message: str) -> Response:
    body = {
        "errors": [{"message": message, "extensions": {"code": "BAD_REQUEST", "requestId": request_id()}}]
    }
    return Response(orjson.dumps(body), status, HEADERS, media_type=f"{JSON}; charset=utf-8")
