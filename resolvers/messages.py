"""Messages: how far each has come, read from its moments."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from models import Message

_REACHED = (
    ("received", Message.direction == "inbound"),
    ("failed", Message.failed_at.is_not(None)),
    ("bounced", sa.or_(Message.hard_bounced_at.is_not(None), Message.soft_bounced_at.is_not(None))),
    ("read", Message.read_at.is_not(None)),
    ("delivered", Message.delivered_at.is_not(None)),
    ("sent", Message.sent_at.is_not(None)),
)
STATUSES = {
    "received": "It came in.",
    "failed": "It will never arrive.",
    "bounced": "It came back.",
    "read": "Its reader's app reported it read.",
    "delivered": "The carrier or the mailbox confirmed it.",
    "sent": "It was handed to the carrier.",
    "logged": "It is recorded, and nothing has happened to it yet.",
}


def status() -> sa.ColumnElement[Any]:
    """The furthest a message has come; what speaks against it weighs more."""
    cases = [(when, sa.literal_column(f"'{name}'", sa.String)) for name, when in _REACHED]
    return sa.case(*cases, else_=sa.literal_column("'logged'", sa.String))
