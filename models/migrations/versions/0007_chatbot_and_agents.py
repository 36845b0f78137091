"""Senders, the chatbot, and the agents who take conversations over from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.migrations import rollups, told

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIERS = ("month", "day", "quarter")
TABLES = (
    *("senders", "bot_sessions", "bot_flows", "flow_runs", "keyword_hits", "ai_calls"),
    *("transfers", "availability"),
)
INDEXES: tuple[tuple[str, tuple[str, ...], str | None], ...] = (
    ("messages", ("organization_id", "session_id"), "session_id <> ''"),
    ("bot_sessions", ("organization_id", "started_at"), None),
    ("flow_runs", ("organization_id", "started_at"), None),
    ("keyword_hits", ("organization_id", "at"), None),
    ("ai_calls", ("organization_id", "at"), None),
    ("transfers", ("organization_id", "transferred_at"), None),
    ("transfers", ("organization_id", "session_id"), None),
    ("availability", ("organization_id", "started_at"), None),
)
NEW_FACTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "flow_run": (("flow", "sender"), ("started", "completed")),
    "keyword_hit": (("keyword", "sender"), ("hits",)),
    "ai_call": (
        ("model", "sender"),
        ("requests", "tokens", "input_tokens", "output_tokens", "cost_micros"),
    ),
    "transfer": (
        ("user", "source", "status", "sender"),
        (
            *("transfers", "active", "handled", "expired", "assigned", "answered", "resolved"),
            *("queue_time_millis", "first_response_time_millis", "resolution_time_millis"),
        ),
    ),
}


def upgrade() -> None:
    told.make("senders", *told.texts("name", "kind", "address"))
    told.make(
        "bot_sessions",
        *told.texts("contact_id", "sender_id", "status"),
        told.moment("started_at"),
        told.moment("ended_at", True),
    )
    told.make("bot_flows", *told.texts("name"))
    told.make(
        "flow_runs",
        *told.texts("session_id", "sender_id", "flow_id"),
        told.moment("started_at"),
        told.moment("completed_at", True),
    )
    told.make("keyword_hits", *told.texts("session_id", "sender_id", "keyword"), told.moment("at"))
    told.make(
        "ai_calls",
        *told.texts("session_id", "sender_id", "model"),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("tokens_in", "tokens_out", "cost_micros")
        ),
        told.moment("at"),
    )
    told.make(
        "transfers",
        *told.texts("session_id", "contact_id", "sender_id", "user_id", "source", "status"),
        told.moment("transferred_at"),
        *(told.moment(name, True) for name in ("assigned_at", "first_response_at", "resumed_at")),
    )
    told.make(
        "availability",
        *told.texts("user_id"),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        told.moment("started_at"),
        told.moment("ended_at", True),
    )
    op.create_table(
        "said_before",
        sa.Column(
            "organization_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "session_id", name="pk_said_before"),
        sqlite_with_rowid=False,
    )
    for table, columns, where in INDEXES:
        chosen = None if where is None else sa.text(where)
        name = f"ix_{table}_{'_'.join(columns)}"
        op.create_index(name, table, list(columns), sqlite_where=chosen, postgresql_where=chosen)
    for fact, (dimensions, sums) in NEW_FACTS.items():
        rollups.make(fact, TIERS, dimensions, sums)


def downgrade() -> None:
    for fact in NEW_FACTS:
        rollups.drop(fact, TIERS)
    for table, columns, _ in INDEXES:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
    for table in (*TABLES, "said_before"):
        op.drop_table(table)
