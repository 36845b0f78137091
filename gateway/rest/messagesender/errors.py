"""Our errors in MessageSender's words. Their documents show none, so the envelope is our choice."""

from __future__ import annotations

from gateway.rest.vendor import Refusal, reasons, refused_headers
from models.errors import HeliographError

BAD_REQUEST = 400


def envelope(error: HeliographError, _: str) -> Refusal:
    """An error as `{"error": …, "statusCode": …}`."""
    status = BAD_REQUEST if error.status == 422 else error.status  # they know no other refusal of a request
    return Refusal(status, {"error": _sentence(error), "statusCode": status}, refused_headers(error))


def _sentence(error: HeliographError) -> str:
    told = reasons(error)
    return error.message if told is None else f"{told}."
