"""Errors of our own routes as RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from starlette.responses import JSONResponse, Response

from gateway.body import Unreadable
from gateway.logs import request_id
from models.engine import is_outage, unavailable
from models.errors import RETRY_AFTER_S, HeliographError

MEDIA_TYPE = "application/problem+json"
NEVER_HELD = {"Cache-Control": "no-store"}
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": str(RETRY_AFTER_S)}}


def problem(status: int, title: str, code: str, **more: Any) -> JSONResponse:
    """A problem response; `title` is the sentence for the caller."""
    headers = NEVER_HELD | HEADERS.get(status, {})
    body = told(status, title, code, request_id(), **more)
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def told(status: int, title: str, code: str, request_id: str | None, **more: Any) -> dict[str, Any]:
    """The body of a problem response."""
    named = {"status": status, "code": code, "request_id": request_id}
    return {"type": "about:blank", "title": title, **named, **more}


async def answered(answer: Awaitable[Response]) -> Response:
    """The response, or as a problem what kept it from coming: an unreadable request, an error of ours, an
    outage. Whatever else it is, is raised."""
    try:
        return await answer
    except Unreadable as error:
        return problem(error.status, str(error), "BAD_REQUEST")
    except HeliographError as error:
        return from_error(error)
    except Exception as error:
        if not is_outage(error):
            raise
        return from_error(unavailable(error))


def from_error(error: HeliographError) -> JSONResponse:
    """One of our errors as a problem response."""
    return problem(error.status, error.message, error.code, **error.details)
