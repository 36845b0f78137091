"""The one door into the schema: GraphQL requests and REST shims alike come through `ask`.

caller + document + variables ──▶ schema ──▶ data, and errors that are safe to tell
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from graphql import GraphQLError, get_operation_ast, parse
from graphql import OperationType as AstOperation
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from gateway.logs import request_id
from gateway.unit import run
from models.engine import Store, is_outage
from models.errors import Expired, HeliographError, InvalidInput, Unavailable
from resolvers.caller import Caller
from resolvers.cursors import Cursors
from resolvers.links import Links
from resolvers.loaders import Loaders
from resolvers.pulse import Pulse
from schema.build import MAX_TOKENS, Schema
from schema.context import Context

log = structlog.stdlib.get_logger("heliograph")
QUERY_ONLY = frozenset({OperationType.QUERY})
ANY_OPERATION = frozenset({OperationType.QUERY, OperationType.MUTATION})
MOST_ERRORS = 5
NUL = re.compile(r"\0|\\u0000|\\u\{0+\}")  # as it is, or as a GraphQL string escapes it


@dataclass(frozen=True)
class Answer:
    """What came of a document. `data` is missing (not null) when it was refused before it ran; `expired` says
    that some of its buckets are no longer kept."""

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    causes: list[HeliographError] = field(default_factory=list)
    was_refused: bool = False
    expired: Expired | None = None


@dataclass(frozen=True)
class Document:
    """A GraphQL document with what belongs to it; links in its answer begin with `base`."""

    text: str
    variables: dict[str, Any] | None = None
    operation: str | None = None
    base: str | None = None


class Door:
    """Runs documents for callers."""

    def __init__(
        self,
        store: Store,
        schema: Schema,
        secret: str,
        clock: Callable[[], datetime],
        timeout_s: float,
        public_url: str | None = None,
        look_every_s: float = 1.0,
    ) -> None:
        self.store, self.schema, self.clock = store, schema, clock
        self.pulse = Pulse(store, clock, look_every_s)
        self._secret, self._timeout_s, self._public_url = secret, timeout_s, public_url

    def context(self, caller: Caller, base: str | None = None) -> Context:
        """A fresh context: one set of loaders for each request."""
        return Context(
            caller,
            Loaders(self.store, caller),
            Cursors(self._secret, caller.organization.id),
            self.clock(),
            partial(run, self.store),
            Links(self._secret, self._public_url or base),
            self.pulse,
        )

    async def ask(
        self, caller: Caller, document: Document, operations: frozenset[OperationType] = ANY_OPERATION
    ) -> Answer:
        """Run a document. Never raises: whatever happens is told in the answer."""
        if NUL.search(document.text) or _holds_nul(document.variables):
            return _refused(InvalidInput("Text must not hold the character NUL."))  # no PostgreSQL text can
        try:
            here = self.context(caller, document.base)
            async with asyncio.timeout(self._timeout_s):
                result = await self.schema.execute(
                    document.text,
                    variable_values=document.variables,
                    context_value=here,
                    operation_name=document.operation,
                    allowed_operation_types=operations,
                )
        except TimeoutError:
            return _refused(
                Unavailable(f"This took longer than {self._timeout_s:g} seconds; ask for less at once.")
            )
        except (MissingQueryError, CannotGetOperationTypeError):
            return _refused(
                InvalidInput("The document holds no operation to run, or not the one that was named.")
            )
        except InvalidOperationTypeError:
            return _refused(InvalidInput("That kind of operation cannot be sent this way."))
        except RecursionError:
            return _refused(InvalidInput("The document is nested too deeply."))
        return replace(_answer(result), expired=here.loaders.expired)

    async def watch(
        self, caller: Caller, document: Document, operations: frozenset[OperationType] = ANY_OPERATION
    ) -> AsyncGenerator[Answer]:
        """Every answer of a subscription as it comes, and the one answer of anything else. Never raises."""
        if not _is_subscription(document):
            yield await self.ask(caller, document, operations)
            return
        if _holds_nul(document.variables):
            yield _refused(InvalidInput("Text must not hold the character NUL."))
            return
        try:
            async for result in await self.schema.subscribe(
                document.text,
                variable_values=document.variables,
                context_value=self.context(caller, document.base),
                operation_name=document.operation,
            ):
                yield _answer(result)
        except Exception as error:
            log.error("unforeseen", exc_info=error)
            yield _refused(Unavailable() if is_outage(error) else HeliographError())


def _is_subscription(document: Document) -> bool:
    """Whether the document runs a subscription; what cannot be read is none."""
    try:
        operation = get_operation_ast(parse(document.text, max_tokens=MAX_TOKENS), document.operation)
    except (GraphQLError, RecursionError):
        return False
    return operation is not None and operation.operation is AstOperation.SUBSCRIPTION


def _answer(result: Any) -> Answer:
    errors = result.errors or []
    told = [_told(error) for error in errors[:MOST_ERRORS]]
    causes = [cause for cause in (_cause(error) for error in errors) if cause is not None]
    refused = result.data is None and all(error.path is None for error in errors) and bool(errors)
    return Answer(result.data, told, causes, refused)


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


def _refused(cause: HeliographError) -> Answer:
    return Answer(None, [_told(GraphQLError(cause.message, original_error=cause))], [cause], was_refused=True)


def _cause(error: GraphQLError) -> HeliographError | None:
    """The error of ours behind a GraphQL error; what we did not foresee becomes a plain internal one."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if original is None or isinstance(original, HeliographError):
        return original
    if error.path is None:
        return None  # a scalar refused a value: its message is meant for the caller
    return Unavailable() if is_outage(original) else HeliographError()


def _told(error: GraphQLError) -> dict[str, Any]:
    """The error as the caller reads it; the unforeseen is logged, and told by its request id only."""
    cause = _cause(error)
    if isinstance(cause, Unavailable):
        log.warning("store away", path=error.path, error=type(error.original_error).__name__)
    elif cause is not None and cause is not error.original_error:
        log.error("unforeseen", path=error.path, exc_info=error.original_error)
    message = error.message if cause is None else cause.message
    code = "BAD_REQUEST" if cause is None else cause.code
    details = {} if cause is None else cause.details
    told: dict[str, Any] = {"message": message}
    if error.locations:
        told["locations"] = [place.formatted for place in error.locations]
    if error.path is not None:
        told["path"] = error.path
    told["extensions"] = {"code": code, **details, "requestId": request_id()}
    return told
