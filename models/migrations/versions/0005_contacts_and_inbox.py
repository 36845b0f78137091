"""Contacts in full, what they want and buy; links, audiences, workflows and the inbox."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.base import Utc
from models.migrations import rollups

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
    _table(
        "contact_events", *_texts("contact_id", "opt_in_status", "source", "contact_source"), _moment("at")
    )
    _table("contact_lists", *_texts("name"))
    _table("segments", *_texts("name"))
    _table(
        "campaign_audiences",
        *_texts("campaign_id"),
        sa.Column("is_everybody", sa.Boolean(), nullable=False),
        *_texts("list_id", "segment_id"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _moment("created_at"),
    )
    _table(
        "links",
        *_texts("name"),
        sa.Column("url", sa.Text(), nullable=False),
        *_texts("kind", "contact_id", "source", "source_id", "sub_source", "sub_source_id"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _moment("created_at"),
        _moment("expires_at", True),
    )
    _table(
        "orders",
        *_texts("contact_id"),
        sa.Column("total_micros", sa.BigInteger(), nullable=False),
        *_texts("currency"),
        _moment("at"),
        *_texts("touch", "message_id", "campaign_id", "source", "source_id"),
    )
    _table("users", *_texts("name", "email"), _moment("created_at"))
    _table(
        "workflows",
        *_texts("name"),
        sa.Column("description", sa.String(), nullable=True),
        *_texts("entry_rule"),
        sa.Column("entry_rule_time_value", sa.Integer(), nullable=True),
        sa.Column("entry_rule_time_unit", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _moment("created_at"),
        *(_moment(name, True) for name in ("activated_at", "deactivated_at", "cleared_at")),
    )
    _table(
        "workflow_entries",
        *_texts("workflow_id", "contact_id"),
        _moment("entered_at"),
        _moment("exited_at", True),
        *_texts("exit_reason"),
    )
    _table("inbox_threads", *_texts("contact_id"), _moment("created_at"))
    _table("inbox_tags", *_texts("name", "color"))
    _table("inbox_events", *_texts("thread_id", "kind", "user_id", "tag_id"), _moment("at"))


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _moment(name: str, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Utc(), nullable=optional)


def _table(name: str, *columns: sa.Column[Any]) -> None:
    """A tenant's table of rows that are told whole."""
    op.create_table(
        name,
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        *columns,
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=f"pk_{name}"),
    )
