"""REST endpoints as data, and the one frame that answers them all.

request ──read──▶ params ──understand──▶ meaning ──variables──▶ document at the door ──shape──▶ body

A vendor is a name, a list of endpoints and a function that says our errors in its words. A new vendor
is one new file and one line in `VENDORS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.auth import Auth
from gateway.door import QUERY_ONLY, Document, Door
from gateway.logs import request_id
from gateway.rest.read import read
from gateway.rest.write import json, twin
from models.engine import is_outage
from models.errors import HeliographError, MethodNotAllowed, NotFound, Unavailable
from resolvers.caller import METRICS_READ, Caller
from resolvers.cursors import Cursors

Params = TypeVar("Params", bound=BaseModel)
CHOICE: dict[str, Any] = {"x-heliograph-choice": True}  # in OpenAPI: ours, not the vendor's word
log = structlog.stdlib.get_logger("heliograph")


@dataclass(frozen=True)
class Asked(Generic[Params]):
    """One request: its parameters, whose it is, when it came, and what seals its cursors."""

    params: Params
    caller: Caller
    now: datetime
    cursors: Cursors


@dataclass(frozen=True)
class Endpoint:
    """One GET of a vendor. `understand` fills defaults in and refuses; the other two are pure."""

    path: str
    summary: str
    about: str
    params: type[BaseModel]
    answer: type[BaseModel]
    document: str
    understand: Callable[[Asked[Any]], Any]
    variables: Callable[[Any], dict[str, Any]]
    shape: Callable[[Any, dict[str, Any]], Any]


@dataclass(frozen=True)
class Refusal:
    """An error in a vendor's words."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Vendor:
    """A vendor: `envelope` makes a refusal of our error and the request's id.

    `paths` are the roots of URLs that are its alone; what is not found below them is refused in its
    envelope. `refusals` are the errors its docs list, `ours` those whose words are our choice.
    """

    name: str
    title: str
    about: str
    endpoints: tuple[Endpoint, ...]
    envelope: Callable[[HeliographError, str], Refusal]
    error: type[BaseModel]
    refusals: tuple[HeliographError, ...]
    paths: tuple[str, ...] = ()
    ours: tuple[type[HeliographError], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Shim:
    """One URL of a vendor as an ASGI application that takes every method; without an endpoint, not found."""

    def __init__(self, vendor: Vendor, endpoint: Endpoint | None, door: Door, auth: Auth) -> None:
        self._vendor, self._endpoint, self._door, self._auth = vendor, endpoint, door, auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens, in the vendor's words."""
        try:
            response = await self._answer(Request(scope, receive))
        except HeliographError as error:
            response = self._refused(error)
        except Exception as error:
            if not is_outage(error):
                await self._refused(HeliographError())(scope, receive, send)
                raise  # answered; the server still has to log it
            log.warning("the store does not answer", error=type(error).__name__)
            response = self._refused(Unavailable())
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        endpoint = self._endpoint
        if endpoint is None:
            raise NotFound()
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(allow="GET, HEAD")
        caller = await self._auth.caller(request, METRICS_READ)
        params = read(endpoint.params, request.query_params.multi_items())
        context = self._door.context(caller)
        meaning = endpoint.understand(Asked(params, caller, context.now, context.cursors))
        variables = endpoint.variables(meaning)
        body = endpoint.shape(meaning, await self._ask(caller, endpoint, variables))
        return json(200, body, {**self._vendor.headers, "Link": twin(endpoint.document, variables)})

    async def _ask(self, caller: Caller, endpoint: Endpoint, variables: dict[str, Any]) -> dict[str, Any]:
        answer = await self._door.ask(caller, Document(endpoint.document, variables), QUERY_ONLY)
        if answer.causes:
            raise answer.causes[0]
        if answer.errors or answer.data is None:
            raise RuntimeError(f"The document of {endpoint.path} does not run: {answer.errors}")
        return answer.data

    def _refused(self, error: HeliographError) -> Response:
        refusal = self._vendor.envelope(error, request_id() or "")
        return json(refusal.status, refusal.body, refusal.headers)
