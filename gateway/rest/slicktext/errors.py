"""Our errors for SlickText's clients. The vendor documents no error body, so the body is our choice."""

from __future__ import annotations

from http import HTTPStatus

from gateway.rest.vendor import Refusal, reasons, refused_headers
from models.errors import (
    HeliographError,
    InvalidInput,
    MethodNotAllowed,
    MissingScope,
    NotAMember,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
)

# the first that fits: our error, their status
STATUSES: tuple[tuple[type[HeliographError], int], ...] = (
    (Unauthenticated, 401),
    (MissingScope, 403),
    (NotAMember, 404),
    (NotFound, 404),
    (MethodNotAllowed, 405),
    (RateLimited, 429),
    (Unavailable, 503),
    (InvalidInput, 400),
)


def envelope(error: HeliographError, _: str) -> Refusal:
    """An error as a problem: its status, what that is called, and a sentence that helps."""
    found = (status for kind, status in STATUSES if isinstance(error, kind))
    status = next(found, 400 if error.status < 500 else 500)
    body = {
        "status": status,
        "title": HTTPStatus(status).phrase,
        "detail": reasons(error) or error.message,
    }
    return Refusal(status, body, refused_headers(error))
