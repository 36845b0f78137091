"""Domains, mailboxes and addresses; messages are split by why they came back; requests are counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.migrations import rollups, told

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ALL_TIERS = ("month", "day", "slim_quarter", "quarter", "minute")
OLD_DIMENSIONS = ("campaign", "channel", "direction", "error_code", "content_type", "source", "sender")
OLD_WIDE = ("campaign", "content_type", "source", "sender")
OLD_MESSAGE_SUMS = (
    *("total", "logged", "received", "attempted", "sent", "handed_off", "delivered", "delivered_or_read"),
    *("read", "failed", "bounced", "hard_bounced", "soft_bounced", "opened", "machine_opened", "clicked"),
    *("machine_clicked", "replied", "complained", "unsubscribed", "segments", "credits", "credits_drawn"),
    *("credits_returned", "cost_micros"),
)
MESSAGE_SUMS = (*OLD_MESSAGE_SUMS[:7], "confirmed", *OLD_MESSAGE_SUMS[7:])
INDEXES = {
    "message_events": ("organization_id", "message_created_at"),
    "webhook_deliveries": ("organization_id", "at"),
    "credit_entries": ("organization_id", "kind"),
}


def upgrade() -> None:
    told.make("domains", *told.texts("name"))
    told.make("mailboxes", *told.texts("address"), *told.texts("domain_id"))
    told.make("ip_addresses", *told.texts("address"), sa.Column("domain_ids", sa.Text(), nullable=False))
    told.make(
        "ip_checks",
        *told.texts("ip_id"),
        *told.texts("provider"),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        told.moment("at"),
    )
    op.create_index(
        "ix_ip_checks_organization_id_ip_id_provider_at",
        "ip_checks",
        ["organization_id", "ip_id", "provider", "at"],
    )
    told.make(
        "mailbox_days",
        *told.texts("mailbox_id"),
        told.moment("at"),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("health_score", sa.Integer(), nullable=False),
        *told.texts("warmup_status"),
    )
    op.create_table(
        "request_logs",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *told.texts("name"),
        sa.Column("moments", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "name", name="pk_request_logs"),
    )
    rollups.drop("message", ALL_TIERS)
    rollups.make(
        "message",
        ALL_TIERS,
        (*OLD_DIMENSIONS, "bounce_reason"),
        MESSAGE_SUMS,
        (*OLD_WIDE, "bounce_reason"),
    )
    for table, columns in INDEXES.items():
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
    sums = ("days", "scored_days", "sent", "score", "weighted_score")
    rollups.make("mailbox_day", ("quarter",), ("mailbox",), sums)


def downgrade() -> None:
    rollups.drop("mailbox_day", ("quarter",))
    rollups.drop("message", ALL_TIERS)
    rollups.make("message", ALL_TIERS, OLD_DIMENSIONS, OLD_MESSAGE_SUMS, OLD_WIDE)
    for table, columns in INDEXES.items():
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
    for table in ("request_logs", "mailbox_days", "ip_checks", "ip_addresses", "mailboxes", "domains"):
        op.drop_table(table)
