"""Our errors in PenguinMails' words."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from ulid import ULID

from gateway.rest.vendor import Refusal, reasons, refused_headers
from models.errors import (
    Expired,
    FormatNotAvailable,
    HeliographError,
    InvalidInput,
    InvalidRange,
    MethodNotAllowed,
    MissingScope,
    NotAMember,
    NotFound,
    RateLimited,
    TooManyExports,
    Unauthenticated,
    Unavailable,
    WindowTooLarge,
)


class ExportFailed(InvalidInput):
    """Failed to generate export."""


# the first that fits: our error, their status, their code
SAYINGS: tuple[tuple[type[HeliographError], int, str], ...] = (
    (Unauthenticated, 401, "AUTHENTICATION_REQUIRED"),
    (MissingScope, 403, "INSUFFICIENT_PERMISSIONS"),
    (NotAMember, 404, "RESOURCE_NOT_FOUND"),
    (NotFound, 404, "RESOURCE_NOT_FOUND"),
    (MethodNotAllowed, 405, "METHOD_NOT_ALLOWED"),
    (InvalidRange, 400, "INVALID_TIME_RANGE"),
    (WindowTooLarge, 400, "INVALID_TIME_RANGE"),
    (Expired, 400, "INVALID_TIME_RANGE"),
    (RateLimited, 429, "RATE_LIMIT_EXCEEDED"),
    (Unavailable, 503, "SERVICE_UNAVAILABLE"),
    (ExportFailed, 422, "EXPORT_FAILED"),
    (FormatNotAvailable, 422, "EXPORT_FAILED"),
    (TooManyExports, 429, "RATE_LIMIT_EXCEEDED"),
    (InvalidInput, 400, "VALIDATION_ERROR"),
)
MISSING = "is required"


def envelope(error: HeliographError, request_id: str) -> Refusal:
    """An error in PenguinMails' envelope."""
    status, code = next(
        ((status, code) for kind, status, code in SAYINGS if isinstance(error, kind)),
        (400, "VALIDATION_ERROR") if error.status < 500 else (500, "INTERNAL_SERVER_ERROR"),
    )
    fields = error.details.get("fields")
    message, details = error.message, []
    if isinstance(fields, dict):
        details = [{"field": name, "message": reason} for name, reason in fields.items()]
        message = reasons(error) or message
        if MISSING in fields.values():
            code = "MISSING_REQUIRED_FIELD"
    if isinstance(error, NotFound) and "campaign" in error.details:
        code, message = "CAMPAIGN_NOT_FOUND", _no_campaign(error)
    if isinstance(error, MissingScope):
        details = [{"required_scope": error.details.get("required_scope")}]
    body = {
        "success": False,
        "error": {"code": code, "message": message, "details": details, "request_id": f"req_{request_id}"},
        "timestamp": _moment_of(request_id),
    }
    return Refusal(status, body, refused_headers(error))


def _no_campaign(error: NotFound) -> str:
    path: Any = error.details.get("path") or {}
    return (
        f"Campaign with ID {str(error.details['campaign'])[:64]} not found in workspace "
        f"{str(path.get('workspaceId', ''))[:64]}"
    )


def _moment_of(request_id: str) -> str:
    """When the request came: its id begins with it."""
    return ULID.from_str(request_id).datetime.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
