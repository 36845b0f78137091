"""The one frame that answers every REST endpoint.

request ──read──▶ params ──understand──▶ meaning ──variables──▶ document at the door ──shape──▶ body
"""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.answer import outage
from gateway.auth import Auth
from gateway.body import Unreadable, read_body
from gateway.door import ANY_OPERATION, QUERY_ONLY, Document, Door
from gateway.graphql.requests import base_of
from gateway.limits import Limiter, Standing
from gateway.logs import request_id
from gateway.quick import QuickRequest
from gateway.rest.meaning import Asker, Sent, meaning
from gateway.rest.vendor import CsvEndpoint, Endpoint, Vendor
from gateway.rest.write import json, twin
from gateway.revalidation import tagged
from models.engine import is_outage
from models.errors import (
    RETRY_AFTER_S,
    HeliographError,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    Unavailable,
)
from resolvers.caller import Caller

MAX_BODY = 64 * 1024


class Shim:
    """One URL of a vendor as an ASGI application that takes every method; without an endpoint, not found."""

    def __init__(
        self,
        vendor: Vendor,
        endpoint: Endpoint | CsvEndpoint | None,
        door: Door,
        auth: Auth,
        limiter: Limiter | None,
        options: frozenset[str] = frozenset(),
    ) -> None:
        self._vendor, self._endpoint, self._door, self._auth = vendor, endpoint, door, auth
        self._limiter, self._options = limiter, options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens, in the vendor's words."""
        request = QuickRequest(scope, receive)
        try:
            response = await self._door.in_time(self._answer(request))
        except HeliographError as error:
            response = self._refused(error, request)
        except Exception as error:
            if not is_outage(error):
                await self._refused(HeliographError(), request)(scope, receive, send)
                raise  # answered; the server still has to log it
            response = self._refused(outage(error), request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        endpoint = self._endpoint
        if endpoint is None:
            raise NotFound()
        allowed = ("GET", "HEAD") if endpoint.method == "GET" else (endpoint.method,)
        if request.method not in allowed:
            raise MethodNotAllowed(allow=", ".join(allowed))
        caller = await self._vendor.credentials.find(self._auth, request)
        if endpoint.limit is None or self._limiter is None:
            return await self._respond(request, endpoint, caller)
        standing = await self._limiter.hit(caller.organization.id, endpoint.limit)
        try:
            response = await self._respond(request, endpoint, caller)
        except HeliographError as error:
            response = self._refused(error, request)
        response.headers.update(self._vendor.rate_headers(standing))
        return response

    async def _respond(self, request: Request, endpoint: Endpoint | CsvEndpoint, caller: Caller) -> Response:
        sent, door = await _sent(request, endpoint), self._door
        named = getattr(request.state, "named", "")
        meant = meaning(
            endpoint, sent, Asker(caller, door.clock(), door.cursors(caller), self._options, named)
        )
        response = await endpoint.respond(meant, partial(self._ask, caller, endpoint, base_of(request)))
        is_stream = isinstance(response, StreamingResponse)
        if request.method == "HEAD" and is_stream:
            response = Response(None, response.status_code, dict(response.headers))
        response.headers.update(self._vendor.headers)
        if endpoint.method != "GET":
            return response
        response.headers["Link"] = twin(endpoint.document, endpoint.variables(meant) or {})
        return response if is_stream else tagged(request, response, caller.organization.id)

    async def _ask(
        self,
        caller: Caller,
        endpoint: Endpoint | CsvEndpoint,
        base: str | None,
        variables: dict[str, Any],
    ) -> dict[str, Any]:
        operations = QUERY_ONLY if endpoint.method == "GET" else ANY_OPERATION
        document = Document(endpoint.document, variables, base=base)
        answer = await self._door.ask(caller, document, operations)
        if answer.causes:
            raise answer.causes[0]
        if answer.errors or answer.data is None:
            raise RuntimeError(f"The document of {endpoint.path} does not run: {answer.errors}")
        if answer.expired is not None:
            raise answer.expired  # vendors have no word for a bucket that is gone, and a zero would be a lie
        return answer.plain

    def _refused(self, error: HeliographError, request: Request) -> Response:
        if self._endpoint is not None and request.path_params:
            error.details.setdefault("path", dict(request.path_params))
        refusal = self._vendor.envelope(error, request_id() or "")
        response = json(refusal.status, refusal.body, refusal.headers)
        if refusal.status == Unavailable.status:
            response.headers.setdefault("Retry-After", str(RETRY_AFTER_S))
        standing = error.details.get("standing")
        if isinstance(error, RateLimited) and isinstance(standing, Standing):
            response.headers.update(self._vendor.rate_headers(standing))
            response.headers["Retry-After"] = str(error.details["retry_after"])
        return response


async def _sent(request: Request, endpoint: Endpoint | CsvEndpoint) -> Sent:
    """What the request says. Raises InvalidInput, PayloadTooLarge."""
    path, query = request.path_params, tuple(request.query_params.multi_items())
    if endpoint.method == "GET":
        return Sent(path, query)
    try:
        return Sent(path, query, await read_body(request, MAX_BODY))
    except Unreadable as error:
        raise (PayloadTooLarge() if error.status == 413 else InvalidInput(str(error))) from error
