"""The one door into the schema: GraphQL requests and REST shims alike come through it.

caller + document ──known?──▶ text ──ready?──▶ measured, valid ──dear?──▶ priced ──▶ run ──▶ answers
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cached_property, partial
from typing import Any, NamedTuple

import orjson
from graphql import ExecutionResult, OperationType

from gateway.answer import Answer, answered, refused, unforeseen, unsound
from gateway.crowd import Crowd
from gateway.live import Live
from gateway.persisted import Registry
from gateway.unit import run as write
from gateway.within import Result, within
from models.engine import Store
from models.errors import HeliographError, InvalidInput, MethodNotAllowed
from resolvers.caller import Caller
from resolvers.cursors import Cursors
from resolvers.known import Knowledge
from resolvers.limits import Budget
from resolvers.links import Links
from resolvers.loaders import Loaders
from resolvers.pulse import Pulse
from schema.build import Schema
from schema.context import Context
from schema.cost import price
from schema.documents import Unsound
from schema.running import Part, Run, follow, once, parts

QUERY_ONLY = frozenset({OperationType.QUERY})
ANY_OPERATION = frozenset({OperationType.QUERY, OperationType.MUTATION})
SAFE_OPERATION = frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION})
LIVE_OPERATION = frozenset(OperationType)
NUL = re.compile(r"\0|\\u0000|\\u\{0+\}")  # as it is, or as a GraphQL string escapes it


@dataclass(frozen=True)
class Document:
    """A GraphQL document, by its text or by its id, with what belongs to it; links in its answer begin with
    `base`."""

    text: str | None = None
    variables: dict[str, Any] | None = None
    operation: str | None = None
    base: str | None = None
    id: str | None = None

    @cached_property
    def written(self) -> bytes:
        """The variables as JSON, the same for equal ones."""
        return orjson.dumps(self.variables, option=orjson.OPT_SORT_KEYS)

    @cached_property
    def holds_nul(self) -> bool:
        """Whether a text in the variables holds the character NUL."""
        return b"\\u0000" in self.written and _holds_nul(self.variables)


@dataclass(frozen=True)
class Habits:
    """How long an answer may take, how often subscriptions look for news, where clients reach us."""

    timeout_s: float
    look_every_s: float
    public_url: str | None = None


class Manner(Enum):
    """How a document wants to be answered: at once, in parts, or again and again."""

    ONCE = "once"
    IN_PARTS = "in parts"
    LIVE = "live"


class _Prepared(NamedTuple):
    """What may run, what kind it is of and what it costs."""

    run: Run
    kind: OperationType
    cost: dict[str, int]


class Door:
    """Runs documents for callers."""

    def __init__(
        self,
        store: Store,
        schema: Schema,
        secret: str,
        clock: Callable[[], datetime],
        registry: Registry,
        habits: Habits,
        crowd: Crowd,
    ) -> None:
        self.store, self.schema, self.clock, self.registry = store, schema, clock, registry
        self.knowledge, self._live, self.crowd = Knowledge(store), Live(), crowd
        self.pulse = Pulse(store, self.knowledge, clock, habits.look_every_s)
        self._secret, self._timeout_s, self._public_url = secret, habits.timeout_s, habits.public_url

    def in_time(self, work: Awaitable[Result]) -> Awaitable[Result]:
        """What comes of the work within the time of a request. Raises TookTooLong, Unavailable."""
        return within(self._timeout_s, work, self.store)

    def _context(self, caller: Caller, base: str | None) -> Context:
        """A fresh context: one set of loaders for each request."""
        loaders = Loaders(self.store, caller, self.knowledge)
        return Context(
            caller,
            loaders,
            self.cursors(caller),
            self.clock(),
            partial(write, loaders.store),
            Links(self._secret, self._public_url or base),
            self.pulse,
            Budget(caller.plan.max_cost),
        )

    def cursors(self, caller: Caller) -> Cursors:
        """What seals cursors of the caller's organization."""
        return Cursors(self._secret, caller.organization.id)

    async def manner(self, document: Document) -> Manner:
        """How the document wants to be answered; what cannot run is told at once."""
        try:
            ready = self.schema.documents.ready(await self.registry.text(document.id, document.text))
            operation = ready.operation(document.operation)
        except Exception:  # whatever it is, `ask` meets it again and tells it
            return Manner.ONCE
        if operation is not None and operation.operation is OperationType.SUBSCRIPTION:
            return Manner.LIVE
        return Manner.IN_PARTS if ready.is_deferred else Manner.ONCE

    async def ask(
        self, caller: Caller, document: Document, operations: frozenset[OperationType] = ANY_OPERATION
    ) -> Answer:
        """Run a query or a mutation, and answer as a whole. Never raises: whatever happens is told."""
        try:
            with self.crowd.joined(caller.organization.id):
                prepared, result = await self.in_time(self._asked(caller, document, operations))
        except Exception as error:
            return _failed(error)
        loaders, cost = prepared.run.here.loaders, prepared.cost
        return replace(answered(result), cost=cost, expired=loaders.expired, grounds=loaders.grounds)

    async def _asked(
        self, caller: Caller, document: Document, operations: frozenset[OperationType]
    ) -> tuple[_Prepared, ExecutionResult]:
        prepared = await self._prepare(caller, document, operations)
        return prepared, await once(prepared.run)

    async def watch(
        self, caller: Caller, document: Document, operations: frozenset[OperationType] = LIVE_OPERATION
    ) -> AsyncGenerator[Answer]:
        """Every answer of a subscription, and every part of what is deferred, as they come. Never raises."""
        try:
            prepared = await self.in_time(self._prepare(caller, document, operations))
        except Exception as error:
            yield _failed(error)
            return
        is_live = prepared.kind is OperationType.SUBSCRIPTION
        here, cost = prepared.run.here, prepared.cost
        here.ways = here.ways if is_live else {}  # with @defer the same node may be answered otherwise
        source = (follow if is_live else parts)(prepared.run)
        try:
            with self._live.following(caller, cost["requested"]) if is_live else nullcontext():
                told: dict[str, int] | None = cost
                while (result := await self._next(caller, source, is_live)) is not None:
                    yield replace(answered(result), cost=told)
                    told = None  # once is enough
        except Exception as error:
            yield replace(_failed(error), more={} if is_live else {"hasNext": False})
        finally:
            await source.aclose()

    async def _next(self, caller: Caller, source: AsyncGenerator[Part], is_live: bool) -> Part | None:
        """The next result; a subscription may be silent for as long as it likes."""
        if is_live:
            return await anext(source, None)
        with self.crowd.joined(caller.organization.id):
            return await self.in_time(anext(source, None))

    async def _prepare(
        self, caller: Caller, document: Document, operations: frozenset[OperationType]
    ) -> _Prepared:
        """Everything that can be said against a document before it runs. Raises HeliographError, Unsound."""
        text = await self.registry.text(document.id, document.text)
        if document.holds_nul or NUL.search(text):
            raise InvalidInput("Text must not hold the character NUL.")  # no PostgreSQL text can
        ready = self.schema.documents.ready(text)
        operation = ready.operation(document.operation)
        if operation is None:
            raise InvalidInput("The document holds no operation to run, or not the one that was named.")
        if operation.operation not in operations:
            raise _other_way(operation.operation)
        here = self._context(caller, document.base)
        name, variables = document.operation, document.variables
        asking = ready.asking(self.schema._schema, name, variables, document.written, here)
        cost = 0 if asking is None else price(asking)
        run = Run(self.schema, ready, name, variables, here, asking)
        return _Prepared(run, operation.operation, {"requested": cost, "max": caller.plan.max_cost})


def _failed(error: Exception) -> Answer:
    match error:
        case Unsound():
            return unsound(error.errors)
        case HeliographError():
            return refused(error)
        case RecursionError():
            return refused(InvalidInput("The document is nested too deeply."))
    return unforeseen(error)


def _other_way(kind: OperationType) -> HeliographError:
    """What to tell of an operation that cannot be sent this way."""
    if kind is OperationType.MUTATION:
        return MethodNotAllowed("What changes something must be sent by POST.", allow="POST")
    return InvalidInput(
        "Subscribe over a WebSocket (graphql-transport-ws), or with 'Accept: text/event-stream'."
    )


def _holds_nul(value: Any) -> bool:
    """Whether any text in a JSON value holds a NUL."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str) and "\0" in part:
            return True
        if isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part
    return False
