"""REST endpoints as data.

A vendor is a name, a list of endpoints and a function that says our errors in its words. A new vendor
is one new folder and one line in `VENDORS`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.auth import Auth
from gateway.limits import Limit, Standing
from gateway.rest.write import JSON, json
from models.errors import HeliographError, MethodNotAllowed, Unauthenticated, Unavailable
from resolvers.caller import METRICS_READ, Caller
from resolvers.cursors import Cursors
from resolvers.formats import csv_lines

Params = TypeVar("Params", bound=BaseModel)
Ask: TypeAlias = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]  # variables → the document's data
REFERENCE = "#/components/schemas/{model}"
CHOICE: dict[str, Any] = {"x-heliograph-choice": True}  # in OpenAPI: ours, not the vendor's word


@dataclass(frozen=True)
class Asked(Generic[Params]):
    """One request: its parameters, whose it is, when it came, what seals its cursors, the options that the
    operator chose for its vendor, the parts of its path, what it called the organization, and its query
    as it came."""

    params: Params
    caller: Caller
    now: datetime
    cursors: Cursors
    options: frozenset[str] = frozenset()
    path: Mapping[str, str] = field(default_factory=dict)
    named: str = ""
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Endpoint:
    """One URL of a vendor. `understand` fills defaults in and refuses; the other two are pure.

    A GET has its parameters in the query, a POST in a JSON body. `aliases` are other paths to the same;
    `is_ours` marks a path that the vendor has not told, so that we chose it. `example` is a query, or a body,
    that shows something on the demo; a date in it may be '{90 days ago}'.
    """

    path: str
    summary: str
    about: str
    params: type[BaseModel]
    answer: type[BaseModel]
    document: str
    understand: Callable[[Asked[Any]], Any]
    variables: Callable[[Any], dict[str, Any]]
    shape: Callable[[Any, dict[str, Any]], Any]
    method: str = "GET"
    status: int = 200
    limit: Limit | None = None
    aliases: tuple[str, ...] = ()
    is_ours: bool = False
    example: str = ""

    @property
    def schema(self) -> dict[str, Any]:
        """What it answers, as the `content` of an OpenAPI response."""
        return {JSON: {"schema": {"$ref": REFERENCE.format(model=self.answer.__name__)}}}

    async def respond(self, meaning: Any, ask: Ask) -> Response:
        """Ask the document and shape its answer."""
        return json(self.status, self.shape(meaning, await ask(self.variables(meaning))))


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
    method: str = "GET"
    status: int = 200
    limit: Limit | None = None
    aliases: tuple[str, ...] = ()
    is_ours: bool = False
    example: str = ""

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


def reasons(error: HeliographError) -> str | None:
    """What is wrong with each parameter, as one sentence; None when it is nothing with a parameter."""
    fields = error.details.get("fields")
    if not isinstance(fields, dict):
        return None
    return "; ".join(f"{name} {reason}" for name, reason in fields.items())


def refused_headers(error: HeliographError) -> dict[str, str]:
    """What HTTP wants beside a refusal: how to come in, what is allowed, when to try again."""
    headers = {"Cache-Control": "no-store"}
    match error:
        case Unauthenticated():
            headers["WWW-Authenticate"] = "Bearer"
        case MethodNotAllowed():
            headers["Allow"] = str(error.details.get("allow", "GET, HEAD"))
        case Unavailable():
            headers["Retry-After"] = "1"
    return headers


@dataclass(frozen=True)
class Vendor:
    """A vendor: `envelope` makes a refusal of our error and the request's id.

    `paths` are the roots of URLs that are its alone; what is not found below them is refused in its
    envelope; `places` tells what the parts of its paths in braces are, and `examples` one of each that the
    demo has. `refusals` are the errors its docs list, `ours` those whose words are our choice. `options` are
    what an operator can choose for it, with what each does. `rate_headers` say where a client stands.
    """

    name: str
    title: str
    about: str
    endpoints: tuple[Endpoint | CsvEndpoint, ...]
    envelope: Callable[[HeliographError, str], Refusal]
    error: type[BaseModel]
    refusals: tuple[HeliographError, ...]
    paths: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)
    ours: tuple[type[HeliographError], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Credentials = BEARER
    rate_headers: Callable[[Standing], dict[str, str]] = lambda _: {}
    options: Mapping[str, str] = field(default_factory=dict)
