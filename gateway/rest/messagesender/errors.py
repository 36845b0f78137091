"""Our errors in MessageSender's words. Their documents show none, so the envelope is our choice."""

from __future__ import annotations

from gateway.rest.vendor import Refusal, refused_headers
from models.errors import HeliographError, InvalidInput

BAD_REQUEST = 400


def envelope(error: HeliographError, _: str) -> Refusal:
    """An error as `{"error": …, "statusCode": …}`."""
    status = BAD_REQUEST if error.status == 422 else error.status  # they know no other refusal of a request
    return Refusal(status, {"error": _sentence(error), "statusCode": status}, refused_headers(error))


def _sentence(error: HeliographError) -> str:
    fields = error.details.get("fields")
    if isinstance(error, InvalidInput) and isinstance(fields, dict):
        return "; ".join(f"{name} {reason}" for name, reason in fields.items()) + "."
    return error.message
