"""Errors of our own routes as RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from gateway.logs import request_id
from models.errors import HeliographError

MEDIA_TYPE = "application/problem+json"


def problem(status: int, title: str, code: str, **more: Any) -> JSONResponse:
    """A problem response; `title` is the sentence for the caller."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
        "request_id": request_id(),
        **more,
    }
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def from_error(error: HeliographError) -> JSONResponse:
    """One of our errors as a problem response."""
    return problem(error.status, error.message, error.code, **error.details)
