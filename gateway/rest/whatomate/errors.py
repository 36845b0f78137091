"""Our errors in Whatomate's words."""

from __future__ import annotations

from gateway.rest.vendor import Refusal, reasons, refused_headers
from models.errors import (
    HeliographError,
    MissingScope,
    NotAMember,
    NotFound,
)

BAD_REQUEST = 400


def envelope(error: HeliographError, _: str) -> Refusal:
    """An error as `{"status": "error", "message": …, "data": null}`."""
    status = BAD_REQUEST if error.status == 422 else error.status  # they know no other refusal of a request
    return Refusal(
        status, {"status": "error", "message": _sentence(error), "data": None}, refused_headers(error)
    )


def _sentence(error: HeliographError) -> str:
    match error:
        case NotAMember():
            return "Access denied"
        case MissingScope():
            return "Permission denied"
        case NotFound() if "account" in error.details:
            return "Account not found"
    return reasons(error) or error.message
