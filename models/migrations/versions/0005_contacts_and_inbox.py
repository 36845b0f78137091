"""Contacts in full, what they want and buy; links, audiences, workflows and the inbox."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.base import Utc
from models.migrations import rollups, told

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIERS = ("month", "day", "quarter")
OLD_CONTACT_SUMS = ("total", "textable", "opted_in", "opted_out")
CONTACT_SUMS = (*OLD_CONTACT_SUMS, "created", "deleted")
COPIES = ("contact_id", "source", "source_id")  # what events know of their message
LABELS = {
    "campaigns": ("created_by",),
    "contacts": (
        *("first_name", "last_name", "carrier", "birthdate", "address", "city", "state", "zip", "country"),
        *("language", "source_id", "sub_source", "sub_source_id", "opt_in_status"),
    ),
    "messages": ("sub_source_id", "user_id", "session_id", "body", "encoding"),
    "message_events": COPIES,
}
OPTIONAL: dict[str, dict[str, Any]] = {
    "campaigns": {
        "media_url": sa.Text(),
        "status_detail": sa.String(),
        "status_at": Utc(),
        "completion_percent": sa.Integer(),
    },
    "contacts": {"opt_in_changed_at": Utc(), "deleted_at": Utc()},
}
INDEXES: tuple[tuple[str, tuple[str, ...], str | None], ...] = (
    ("messages", ("organization_id", "campaign_id", "contact_id"), "campaign_id <> ''"),
    ("messages", ("organization_id", "contact_id", "created_at"), "contact_id <> ''"),
    ("messages", ("organization_id", "source_id"), "source = 'workflow'"),
    ("message_events", ("organization_id", "campaign_id"), "campaign_id <> ''"),
    ("message_events", ("organization_id", "contact_id", "at"), "contact_id <> ''"),
    ("message_events", ("organization_id", "source_id"), "source = 'workflow'"),
    ("contact_events", ("organization_id", "contact_id"), None),
    ("contact_events", ("organization_id", "at"), None),
    ("orders", ("organization_id", "contact_id", "at"), None),
    ("orders", ("organization_id", "at"), None),
    ("campaign_audiences", ("organization_id", "campaign_id"), None),
    ("links", ("organization_id", "source_id"), None),
    ("workflow_entries", ("organization_id", "entered_at"), None),
    ("inbox_events", ("organization_id", "thread_id", "at"), None),
    ("inbox_events", ("organization_id", "at"), None),
)
NEW_FACTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "opt_in": (
        ("opt_in_status", "contact_source", "source"),
        ("changes", "subscribed", "unsubscribed"),
        (),
    ),
    "order": (
        ("campaign", "touch", "source", "currency"),
        ("orders", "attributed_orders", "revenue_micros", "attributed_revenue_micros"),
        ("campaign",),
    ),
    "workflow_entry": (("workflow", "exit_reason"), ("entrances", "exits", "current"), ()),
}


def upgrade() -> None:
    for table, names in LABELS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("contacts", sa.Column("custom", sa.Text(), nullable=False, server_default="{}"))
    for table, columns in OPTIONAL.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    _fill()
    _tables()
    for table, columns, where in INDEXES:
        chosen = None if where is None else sa.text(where)
        op.create_index(
            f"ix_{table}_{'_'.join(columns)}",
            table,
            list(columns),
            sqlite_where=chosen,
            postgresql_where=chosen,
        )
    rollups.drop("contact", TIERS)
    rollups.make("contact", TIERS, ("source", "opt_in_status"), CONTACT_SUMS)
    for fact, (dimensions, sums, wide) in NEW_FACTS.items():
        rollups.make(fact, TIERS, dimensions, sums, wide)


def downgrade() -> None:
    for fact in NEW_FACTS:
        rollups.drop(fact, TIERS)
    rollups.drop("contact", TIERS)
    rollups.make("contact", TIERS, ("source",), OLD_CONTACT_SUMS)
    for table, columns, _ in INDEXES:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
    for table in (
        *("contact_events", "contact_lists", "segments", "campaign_audiences", "links", "orders", "users"),
        *("workflows", "workflow_entries", "inbox_threads", "inbox_tags", "inbox_events"),
    ):
        op.drop_table(table)
    for table, columns in OPTIONAL.items():
        for name in columns:
            op.drop_column(table, name)
    op.drop_column("contacts", "custom")
    for table, names in LABELS.items():
        for name in names:
            op.drop_column(table, name)


def _fill() -> None:
    """What the new columns of rows that are there must hold."""
    op.execute(
        "UPDATE contacts SET opt_in_status = CASE WHEN is_opted_in THEN 'subscribed' ELSE 'unsubscribed' END"
    )
    known = " AND ".join(
        f"messages.{theirs} = message_events.{ours}"
        for theirs, ours in (("organization_id", "organization_id"), ("id", "message_id"))
    )
    copies = ", ".join(f"{name} = (SELECT {name} FROM messages WHERE {known})" for name in COPIES)
    op.execute(f"UPDATE message_events SET {copies}")


def _tables() -> None:
    told.make(
        "contact_events",
        *told.texts("contact_id", "opt_in_status", "source", "contact_source"),
        told.moment("at"),
    )
    told.make("contact_lists", *told.texts("name"))
    told.make("segments", *told.texts("name"))
    told.make(
        "campaign_audiences",
        *told.texts("campaign_id"),
        sa.Column("is_everybody", sa.Boolean(), nullable=False),
        *told.texts("list_id", "segment_id"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        told.moment("created_at"),
    )
    told.make(
        "links",
        *told.texts("name"),
        sa.Column("url", sa.Text(), nullable=False),
        *told.texts("kind", "contact_id", "source", "source_id", "sub_source", "sub_source_id"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        told.moment("created_at"),
        told.moment("expires_at", True),
    )
    told.make(
        "orders",
        *told.texts("contact_id"),
        sa.Column("total_micros", sa.BigInteger(), nullable=False),
        *told.texts("currency"),
        told.moment("at"),
        *told.texts("touch", "message_id", "campaign_id", "source", "source_id"),
    )
    told.make("users", *told.texts("name", "email"), told.moment("created_at"))
    told.make(
        "workflows",
        *told.texts("name"),
        sa.Column("description", sa.String(), nullable=True),
        *told.texts("entry_rule"),
        sa.Column("entry_rule_time_value", sa.Integer(), nullable=True),
        sa.Column("entry_rule_time_unit", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        told.moment("created_at"),
        *(told.moment(name, True) for name in ("activated_at", "deactivated_at", "cleared_at")),
    )
    told.make(
        "workflow_entries",
        *told.texts("workflow_id", "contact_id"),
        told.moment("entered_at"),
        told.moment("exited_at", True),
        *told.texts("exit_reason"),
    )
    told.make("inbox_threads", *told.texts("contact_id"), told.moment("created_at"))
    told.make("inbox_tags", *told.texts("name", "color"))
    told.make("inbox_events", *told.texts("thread_id", "kind", "user_id", "tag_id"), told.moment("at"))
