"""Messages on their way into the table and out of it, for those who do it by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

TOLD = (
    "id",
    "direction",
    "channel",
    "campaign_id",
    "contact_id",
    "sender_id",
    "content_type",
    "source",
    "error_code",
)
COUNTED = ("segments", "characters", "credits", "cost_micros")
MOMENTS = ("created_at", "sent_at", "delivered_at", "failed_at")
LEFT_EMPTY = ("source_id", "sub_source_id", "user_id", "session_id", "body", "encoding", "bounce_reason")
INTO = ("organization_id", "announced", "is_test", *TOLD, *COUNTED, *MOMENTS, *LEFT_EMPTY)
STAGED = "CREATE TEMP TABLE IF NOT EXISTS staged (LIKE messages INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
INSERT = (
    f"INSERT INTO messages ({', '.join(INTO)}) SELECT {', '.join(INTO)} FROM staged ON CONFLICT DO NOTHING"
)
OUT_OF = (
    *(*TOLD, "bounce_reason", "segments", "credits", "cost_micros"),
    *("created_at", "sent_at", "delivered_at", "read_at", "failed_at", "hard_bounced_at", "soft_bounced_at"),
    *("opened_at", "machine_opened_at", "clicked_at", "machine_clicked_at", "replied_at", "complained_at"),
    *("unsubscribed_at", "charged_at"),
)
COPY = (
    f"SELECT {', '.join(OUT_OF)} FROM messages WHERE organization_id = $1 AND created_at >= $2 "
    "AND created_at < $3 AND NOT is_test ORDER BY created_at, id"
)


async def store(db: asyncpg.Connection, rows: list[tuple[Any, ...]]) -> int:
    """Rows into the table by COPY, those that are there already left as they are; how many were new."""
    async with db.transaction():
        await db.execute(STAGED)
        await db.copy_records_to_table("staged", records=rows, columns=INTO)
        return int((await db.execute(INSERT)).rpartition(" ")[2])


def row_of(organization: int, record: dict[str, Any]) -> tuple[Any, ...]:
    """A record as a row of `INTO`."""
    texts = [record.get(name) or "" for name in TOLD]
    amounts = [record.get(name) or 0 for name in COUNTED]
    moments = [datetime.fromisoformat(record[name]) if record.get(name) else None for name in MOMENTS]
    return (organization, True, False, *texts, *amounts, *moments, *[""] * len(LEFT_EMPTY))
