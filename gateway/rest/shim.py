"""REST endpoints as data, and the one frame that answers them all.

request ──read──▶ params ──understand──▶ meaning ──variables──▶ document at the door ──shape──▶ body

A vendor is a name, a list of endpoints and a function that says our errors in its words. A new vendor
is one new file and one line in `VENDORS`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

import structlog
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.auth import Auth
from gateway.door import QUERY_ONLY, Document, Door
from gateway.logs import request_id
from gateway.rest.read import read
from gateway.rest.write import JSON, json, twin
from models.engine import is_outage
from models.errors import HeliographError, MethodNotAllowed, NotFound, Unavailable
from resolvers.caller import METRICS_READ, Caller
from resolvers.cursors import Cursors
from resolvers.formats import csv_lines

Params = TypeVar("Params", bound=BaseModel)
Ask: TypeAlias = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]  # variables → the document's data
REFERENCE = "#/components/schemas/{model}"
CHOICE: dict[str, Any] = {"x-heliograph-choice": True}  # in OpenAPI: ours, not the vendor's word
log = structlog.stdlib.get_logger("heliograph")


@dataclass(frozen=True)
class Asked(Generic[Params]):
    """One request: its parameters, whose it is, when it came, what seals its cursors, and the options that
    the operator chose for its vendor."""

    params: Params
    caller: Caller
    now: datetime
    cursors: Cursors
    options: frozenset[str] = frozenset()


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

    @property
    def schema(self) -> dict[str, Any]:
        """What it answers, as the `content` of an OpenAPI response."""
        return {JSON: {"schema": {"$ref": REFERENCE.format(model=self.answer.__name__)}}}

    async def respond(self, meaning: Any, ask: Ask) -> Response:
        """Ask the document and shape its answer."""
        return json(200, self.shape(meaning, await ask(self.variables(meaning))))


@dataclass(frozen=True)
class CsvEndpoint:
    """One GET that downloads a list, page by page, as CSV.

    The document takes `$after`; `page` says from its answer the rows and the cursor of the next page, None
    on the last. Without variables there is nothing to list.
    """

    path: str
    summary: str
    about: str
    params: type[BaseModel]
    document: str
    understand: Callable[[Asked[Any]], Any]
    variables: Callable[[Any], dict[str, Any] | None]
    header: tuple[str, ...]
    page: Callable[[dict[str, Any]], tuple[list[list[Any]], str | None]]
    filename: Callable[[Any], str]

    @property
    def schema(self) -> dict[str, Any]:
        """What it answers, as the `content` of an OpenAPI response."""
        return {"text/csv": {"schema": {"type": "string"}, "example": csv_lines([self.header])}}

    async def respond(self, meaning: Any, ask: Ask) -> Response:
        """Ask for the first page, so that a refusal is still told properly, then stream."""
        parts = self._parts(meaning, ask)
        first = await anext(parts)
        headers = {"Content-Disposition": f'attachment; filename="{self.filename(meaning)}"'}
        return StreamingResponse(_after(first, parts), 200, headers, "text/csv; charset=utf-8")

    async def _parts(self, meaning: Any, ask: Ask) -> AsyncGenerator[str]:
        variables, told = self.variables(meaning), csv_lines([self.header])
        after: str | None = None
        while variables is not None:
            rows, after = self.page(await ask({**variables, "after": after}))
            yield told + csv_lines(rows)
            if after is None:
                return
            told = ""
        yield told


async def _after(first: str, rest: AsyncGenerator[str]) -> AsyncGenerator[str]:
    yield first
    async for part in rest:
        yield part


@dataclass(frozen=True)
class Credentials:
    """How a vendor's clients say who they are, in code and, by name, in OpenAPI's words."""

    find: Callable[[Auth, Request], Awaitable[Caller]]
    schemes: dict[str, Any]


async def _bearer(auth: Auth, request: Request) -> Caller:
    return await auth.caller(request, METRICS_READ)


BEARER = Credentials(_bearer, {"key": {"type": "http", "scheme": "bearer"}})


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
    envelope. `refusals` are the errors its docs list, `ours` those whose words are our choice. `options`
    are what an operator can choose for it, with what each does.
    """

    name: str
    title: str
    about: str
    endpoints: tuple[Endpoint | CsvEndpoint, ...]
    envelope: Callable[[HeliographError, str], Refusal]
    error: type[BaseModel]
    refusals: tuple[HeliographError, ...]
    paths: tuple[str, ...] = ()
    ours: tuple[type[HeliographError], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Credentials = BEARER
    options: Mapping[str, str] = field(default_factory=dict)


class Shim:
    """One URL of a vendor as an ASGI application that takes every method; without an endpoint, not found."""

    def __init__(
        self,
        vendor: Vendor,
        endpoint: Endpoint | CsvEndpoint | None,
        door: Door,
        auth: Auth,
        options: frozenset[str] = frozenset(),
    ) -> None:
        self._vendor, self._endpoint, self._door, self._auth = vendor, endpoint, door, auth
        self._options = options

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
        caller = await self._vendor.credentials.find(self._auth, request)
        params = read(endpoint.params, request.query_params.multi_items())
        context = self._door.context(caller)
        meaning = endpoint.understand(Asked(params, caller, context.now, context.cursors, self._options))
        response = await endpoint.respond(meaning, partial(self._ask, caller, endpoint))
        response.headers.update(self._vendor.headers)
        response.headers["Link"] = twin(endpoint.document, endpoint.variables(meaning) or {})
        return response

    async def _ask(
        self, caller: Caller, endpoint: Endpoint | CsvEndpoint, variables: dict[str, Any]
    ) -> dict[str, Any]:
        answer = await self._door.ask(caller, Document(endpoint.document, variables), QUERY_ONLY)
        if answer.causes:
            raise answer.causes[0]
        if answer.errors or answer.data is None:
            raise RuntimeError(f"The document of {endpoint.path} does not run: {answer.errors}")
        return answer.data

    def _refused(self, error: HeliographError) -> Response:
        refusal = self._vendor.envelope(error, request_id() or "")
        return json(refusal.status, refusal.body, refusal.headers)
