"""GraphQL over HTTP: POST with JSON, GET for queries, GraphiQL for browsers.

Follows the GraphQL-over-HTTP draft: `application/graphql-response+json` tells by its status whether the
document ran, `application/json` always says 200 once it was understood.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.answer import Answer, refused
from gateway.auth import VARY, Auth
from gateway.body import Unreadable
from gateway.door import ANY_OPERATION, LIVE_OPERATION, QUERY_ONLY, SAFE_OPERATION, Document, Door, Manner
from gateway.graphql.accept import SINGLE, Media, media_for, media_for_refusals
from gateway.graphql.requests import SAFE, read_document
from gateway.graphql.streams import EVENTS, PARTS, stream
from gateway.graphql.welcome import while_welcome
from gateway.headers import PAGE_POLICY
from gateway.kept import NEVER, Answers, Reply
from gateway.logs import request_id
from gateway.quick import QuickRequest
from gateway.revalidation import is_held, tag_of, wants_anew
from gateway.web.graphiql import PageSettings, page
from models.errors import RETRY_AFTER_S, HeliographError, Unavailable
from resolvers.caller import METRICS_READ, Caller

HEADERS = {"Vary": f"Accept, {VARY}", "Cache-Control": NEVER}
VARY_HEADER = b"vary", HEADERS["Vary"].encode()
CONTENT_TYPE = {media: (b"content-type", f"{media.value}; charset=utf-8".encode()) for media in Media}
OFFERED = ", ".join(media.value for media in Media)


class Plain(NamedTuple):
    """A response that is ready as it is."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


class GraphQLEndpoint:
    """`/graphql`."""

    def __init__(self, answers: Answers, door: Door, auth: Auth, graphiql: PageSettings | None) -> None:
        self._answers, self._door, self._auth, self._graphiql = answers, door, auth, graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = QuickRequest(scope, receive)
        try:
            response = await self._door.in_time(self._answer(request))
        except Unavailable as error:
            media = media_for_refusals(request.headers.get("accept", ""))
            response = _answered(refused(error), media, error.status)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> ASGIApp:
        if request.method in SAFE and self._graphiql is not None and _is_browser(request):
            return HTMLResponse(
                page(self._graphiql),
                headers={
                    "Content-Security-Policy": PAGE_POLICY,
                    "Cache-Control": "no-store",
                    "Vary": "Accept",
                },
            )
        accept = request.headers.get("accept", "")
        try:
            caller = await self._auth.caller(request, METRICS_READ)
            document = await read_document(request)
        except Unreadable as error:
            return _plain(error.status, str(error))
        except HeliographError as error:
            return _answered(refused(error), media_for_refusals(accept), error.status)
        if not wants_anew(request) and (kept := self._answers.at_hand(caller, document)) is not None:
            media = media_for(accept, Manner.ONCE)
            if media is not None and media in SINGLE:
                return _told(request, caller, kept, media)
        return await self._run(request, caller, document)

    async def _still_welcome(self, request: Request) -> Caller:
        return await self._door.in_time(self._auth.caller(request, METRICS_READ))

    async def _run(self, request: Request, caller: Caller, document: Document) -> ASGIApp:
        accept = request.headers.get("accept", "")
        media = media_for(accept, await self._door.manner(document))
        if media is None:
            return _plain(406, f"This can be answered as {OFFERED}; the Accept header names none that fits.")
        if media in (Media.EVENTS, Media.PARTS) and request.method == "HEAD":
            return Response(None, 200, HEADERS, media_type=media.value)
        if media in (Media.EVENTS, Media.PARTS):
            operations = SAFE_OPERATION if request.method in SAFE else LIVE_OPERATION
            answers = self._door.watch(caller, document, operations)
            answers = while_welcome(answers, partial(self._still_welcome, request))
            return stream(answers, EVENTS if media is Media.EVENTS else PARTS)
        operations = QUERY_ONLY if request.method in SAFE else ANY_OPERATION
        reply = await self._answers.ask(caller, document, operations, wants_anew(request))
        if reply.answer is not None and reply.answer.was_refused:
            return _answered(reply.answer, media, _status(reply.answer))
        return _told(request, caller, reply, media)


def _is_browser(request: Request) -> bool:
    """Whether a person opened the address; a query in it is shown in GraphiQL, not run."""
    if "text/html" not in request.headers.get("accept", ""):
        return False
    return not request.query_params.keys() & {"query", "documentId"}


def _status(answer: Answer) -> int:
    if not answer.was_refused:
        return 200
    return max((cause.status for cause in answer.causes), default=400)


def _told(request: Request, caller: Caller, reply: Reply, media: Media) -> ASGIApp:
    """What was asked; to who reads and has it already, only that it is the same."""
    headers = [VARY_HEADER, (b"cache-control", reply.cache_control.encode())]
    if request.method in SAFE and reply.cache_control != NEVER:
        etag = tag_of(reply.print, caller.organization.id, request)
        headers.append((b"etag", etag.encode()))
        if is_held(request, etag):
            return Plain(304, headers, b"")
    length = b"content-length", str(len(reply.body)).encode()
    return Plain(200, [*headers, CONTENT_TYPE[media], length], reply.body)


def _answered(answer: Answer, media: Media, status: int) -> Response:
    understood = media is Media.JSON and answer.was_refused and status in (400, 422)
    headers = dict(HEADERS)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 405:
        headers["Allow"] = "POST"
    if status == Unavailable.status:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return Response(
        orjson.dumps(answer.body),
        200 if understood else status,
        headers,
        media_type=f"{media.value}; charset=utf-8",
    )


def _plain(status: int, message: str) -> Response:
    extensions = {"code": "BAD_REQUEST", "requestId": request_id()}
    body = {"errors": [{"message": message, "extensions": extensions}]}
    return Response(orjson.dumps(body), status, HEADERS, media_type=f"{Media.JSON.value}; charset=utf-8")
