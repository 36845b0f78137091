"""Messages on their way into the table and out of it, for those who do it by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models import MESSAGES

TOLD = ("id", "direction", "channel", "campaign_id", "contact_id", "sender_id", "content_type", "source", "error_code")
COUNTED = ("segments", "characters", "credits", "cost_micros")
MOMENTS = ("created_at", "sent_at", "delivered_at", "failed_at")
LEFT_EMPTY = (
    *("source_id", "sub_source_id", "user_id", "session_id", "body", "encoding", "bounce_reason"),
)
INTO = ("organization_id", "announced", "is_test", *TOLD, *COUNTED, *MOMENTS, *LEFT_EMPTY)
STAGED = "CREATE TEMP TABLE IF NOT EXISTS staged (LIKE messages INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
INSERT = f"INSERT INTO messages ({', '.join(INTO)}) SELECT {', '.join(INTO)} FROM staged ON CONFLICT DO NOTHING"
EXPORTED = tuple(column.name for column in MESSAGES.table.columns if column.name not in ("organization_id", "announced"))


def row_of(organization: int, record: dict[str, Any]) -> tuple[Any, ...]:
    """A record as a row of `INTO`."""
    texts = [record.get(name) or "" for name in TOLD]
    amounts = [record.get(name) or 0 for name in COUNTED]
    moments = [datetime.fromisoformat(record[name]) if record.get(name) else None for name in MOMENTS]
    return (organization, True, False, *texts, *amounts, *moments, *[""] * len(LEFT_EMPTY))
