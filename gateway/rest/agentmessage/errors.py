"""Our errors in AgentMessage's words: branch on the status, then on the code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.rest.vendor import Refusal, refused_headers
from models.errors import (
    Expired,
    GranularityNotAvailable,
    HeliographError,
    InvalidCursor,
    InvalidInput,
    MethodNotAllowed,
    MissingScope,
    NotFound,
    TookTooLong,
    TooManyGroups,
    Unauthenticated,
    Unavailable,
    WindowTooLarge,
)


@dataclass(frozen=True)
class Saying:
    """How AgentMessage says one of our errors. `details` are the ones it passes on."""

    error: type[HeliographError]
    status: int
    code: str
    message: str
    details: tuple[str, ...] = ()


# the first that fits
SAYINGS: tuple[Saying, ...] = (
    Saying(Unauthenticated, 401, "UNAUTHORIZED", "authentication failed"),
    Saying(MissingScope, 403, "FORBIDDEN", "missing required scope"),
    Saying(NotFound, 404, "NOT_FOUND", "not found"),
    Saying(MethodNotAllowed, 405, "METHOD_NOT_ALLOWED", "method not allowed"),
    Saying(InvalidCursor, 422, "INVALID_INPUT", "cursor does not belong to this query", ("fields",)),
    Saying(InvalidInput, 422, "VALIDATION_FAILED", "validation failed", ("fields",)),
    Saying(
        GranularityNotAvailable,
        422,
        "GRANULARITY_NOT_AVAILABLE",
        "granularity not available at this plan tier",
        ("max_granularity",),
    ),
    Saying(
        WindowTooLarge,
        422,
        "WINDOW_TOO_LARGE",
        "window holds more buckets than a response may carry",
        ("bucket_count", "max_buckets"),
    ),
    Saying(
        Expired,
        422,
        "EXPIRED",
        "the window reaches back further than what is kept",
        ("earliest", "granularity"),
    ),
    Saying(TooManyGroups, 422, "TOO_MANY_GROUPS", "too many groups; ask for a smaller limit"),
    Saying(TookTooLong, 503, "TOOK_TOO_LONG", "took too long; ask for a shorter window or coarser buckets"),
    Saying(Unavailable, 503, "UNAVAILABLE", "temporarily unavailable"),
    Saying(HeliographError, 500, "INTERNAL", "internal error"),
)


def envelope(error: HeliographError, request_id: str) -> Refusal:
    """An error in AgentMessage's envelope."""
    saying = next(saying for saying in SAYINGS if isinstance(error, saying.error))
    problem: dict[str, Any] = {
        "code": saying.code,
        "message": saying.message,
        "request_id": request_id,
    }
    details = {name: error.details[name] for name in saying.details if name in error.details}
    if details:
        problem["details"] = details.get("fields", details)
    return Refusal(saying.status, {"success": False, "error": problem}, refused_headers(error))
