"""Answers and their errors as callers read them: nothing of ours leaks, the unforeseen is told by its id.

Every transport, and every REST shim, tells what is made here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from graphql import (
    ExecutionResult,
    GraphQLError,
    InitialIncrementalExecutionResult,
    SubsequentIncrementalExecutionResult,
)

from gateway.logs import request_id
from models.engine import is_outage, unavailable
from models.errors import Expired, HeliographError, TookTooLong, Unavailable
from resolvers.grounds import Grounds
from schema.documents import MOST_ERRORS
from schema.running import Part

log = structlog.stdlib.get_logger("heliograph")
BAD_REQUEST = "BAD_REQUEST"
LONGEST = 1_000  # characters of a message: some quote what they are about


@dataclass(frozen=True)
class Answer:
    """What came of a document, or one part of it. `has_data` is false when it was refused before it ran;
    `more` is what incremental delivery adds; `expired` says that some of its buckets are no longer kept;
    `grounds` is what it stands on besides the numbers."""

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    causes: list[HeliographError] = field(default_factory=list)
    has_data: bool = True
    more: dict[str, Any] = field(default_factory=dict)
    cost: dict[str, int] | None = None
    expired: Expired | None = None
    grounds: Grounds | None = None

    @property
    def was_refused(self) -> bool:
        """Whether it never ran."""
        return not self.has_data and not self.more

    @property
    def plain(self) -> Any:
        """The data as plain values: much of it is JSON already."""
        return orjson.loads(orjson.dumps(self.data))

    @property
    def body(self) -> dict[str, Any]:
        """The answer as JSON says it."""
        told: dict[str, Any] = {"data": self.data} if self.has_data else {}
        if self.errors:
            told["errors"] = self.errors
        told |= self.more
        if self.cost is not None:
            told["extensions"] = {"cost": self.cost}
        return told


def refused(cause: HeliographError) -> Answer:
    """The answer to what could not run, for one reason of ours."""
    return Answer(None, [_told(GraphQLError(cause.message, original_error=cause))], [cause], has_data=False)


def unsound(errors: list[GraphQLError]) -> Answer:
    """The answer to a document that is none, or does not fit the schema."""
    return Answer(None, [_told(error) for error in errors[:MOST_ERRORS]], has_data=False)


def unforeseen(error: Exception) -> Answer:
    """The answer when something broke that nothing was prepared for; it is logged."""
    if is_outage(error):
        return refused(outage(error))
    log.error("unforeseen", exc_info=error)
    return refused(HeliographError())


def outage(error: BaseException) -> Unavailable:
    """What to tell of an outage, or of a question that took too long; it is logged."""
    told = unavailable(error)
    _log_outage(told, error)
    return told


def answered(part: Part) -> Answer:
    """The answer, or the part of it, that the schema gave."""
    if type(part) is ExecutionResult and not part.errors:
        return Answer(part.data)
    if isinstance(part, SubsequentIncrementalExecutionResult):
        return Answer(has_data=False, more=_later(part))
    errors = part.errors or []
    causes = [cause for cause in (_cause(error) for error in errors) if cause is not None]
    ran = part.data is not None or not errors or any(error.path is not None for error in errors)
    more: dict[str, Any] = {}
    if isinstance(part, InitialIncrementalExecutionResult):
        more = {"pending": [one.formatted for one in part.pending], "hasNext": part.has_next}
    assert isinstance(part, ExecutionResult | InitialIncrementalExecutionResult)
    return Answer(part.data, [_told(error) for error in errors[:MOST_ERRORS]], causes, ran, more)


def _later(part: SubsequentIncrementalExecutionResult) -> dict[str, Any]:
    """What a later part adds, its errors told like any other's."""
    told: dict[str, Any] = dict(part.formatted)
    for name, items in (("incremental", part.incremental), ("completed", part.completed)):
        for item, plain in zip(items or (), told.get(name, ()), strict=True):
            if item.errors:
                plain["errors"] = [_told(error) for error in item.errors[:MOST_ERRORS]]
    return told


def _cause(error: GraphQLError) -> HeliographError | None:
    """The error of ours behind a GraphQL error; what we did not foresee becomes a plain internal one."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if original is None or isinstance(original, HeliographError):
        return original
    if error.path is None:
        return None  # a scalar refused a value: its message is meant for the caller
    return unavailable(original) if is_outage(original) else HeliographError()


def _told(error: GraphQLError) -> dict[str, Any]:
    """The error as the caller reads it; the unforeseen is logged, and told by its request id only."""
    cause = _cause(error)
    if isinstance(cause, Unavailable):
        if not isinstance(error.original_error, TookTooLong):  # else it was logged where the time ran out
            _log_outage(cause, error.original_error, path=error.path)
    elif cause is not None and (cause is not error.original_error or type(cause) is HeliographError):
        log.error("unforeseen", path=error.path, exc_info=cause.__cause__ or error.original_error)
    message = error.message if cause is None else cause.message
    code = (error.extensions or {}).get("code", BAD_REQUEST) if cause is None else cause.code
    details = {} if cause is None else cause.details
    told: dict[str, Any] = {"message": message if len(message) <= LONGEST else f"{message[:LONGEST]}…"}
    if error.locations:
        told["locations"] = [place.formatted for place in error.locations[:MOST_ERRORS]]
    if error.path is not None:
        told["path"] = error.path
    told["extensions"] = {"code": code, **details, "requestId": request_id()}
    return told


def _log_outage(told: Unavailable, error: BaseException | None, **where: Any) -> None:
    event = "out of time" if isinstance(told, TookTooLong) else "store away"
    log.warning(event, error=type(error).__name__, **where)
