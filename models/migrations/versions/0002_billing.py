"""Billing and its credits; campaigns and contacts are counted; messages know the clock SENT."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.base import Utc
from models.migrations import rollups

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ALL_TIERS = ("month", "day", "slim_quarter", "quarter", "minute")
MESSAGE_DIMENSIONS = ("campaign", "channel", "direction", "error_code", "content_type", "source", "sender")
MESSAGE_WIDE = ("campaign", "content_type", "source", "sender")
OLD_MESSAGE_SUMS = (
    *("total", "logged", "received", "attempted", "sent", "handed_off", "delivered", "delivered_or_read"),
    *("read", "failed", "bounced", "hard_bounced", "soft_bounced", "opened", "machine_opened", "clicked"),
    *("machine_clicked", "replied", "complained", "unsubscribed", "segments", "credits", "cost_micros"),
)
MESSAGE_SUMS = (*OLD_MESSAGE_SUMS[:-1], "credits_drawn", "credits_returned", "cost_micros")
CAMPAIGN_SUMS = (
    *("total", "draft", "scheduled", "queued", "sending", "paused", "completed", "failed", "cancelled"),
    *("started", "finished", "audience"),
)
CREDIT_SUMS = ("entries", "purchased", "granted", "debited", "refunded", "expired", "amount_micros")


def upgrade() -> None:
    _table(
        "billing_accounts",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("brand", "status", "pricing_model")),
        sa.Column("customer_portal_url", sa.String(), nullable=True),
        sa.Column("subscription_management_url", sa.String(), nullable=True),
    )
    _table(
        "subscriptions",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("plan_type", "billing_interval", "status")
        ),
        sa.Column("paid_through", sa.Date(), nullable=True),
        sa.Column("current_period_end", Utc(), nullable=True),
        sa.Column("next_billing_date", sa.Date(), nullable=True),
        sa.Column("provider", sa.String(), nullable=False),
    )
    _table(
        "credit_products",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
    )
    _table(
        "credit_entries",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=True),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
    )
    op.add_column("messages", sa.Column("characters", sa.BigInteger(), nullable=False, server_default="0"))
    for table in ("messages", "contacts"):
        op.create_index(f"ix_{table}_organization_id_created_at", table, ["organization_id", "created_at"])
    rollups.drop("message", ALL_TIERS)
    rollups.make("message", ALL_TIERS, MESSAGE_DIMENSIONS, MESSAGE_SUMS, MESSAGE_WIDE)
    rollups.make("campaign", ("day", "quarter"), ("status", "channel"), CAMPAIGN_SUMS)
    rollups.make(
        "contact", ("month", "day", "quarter"), ("source",), ("total", "textable", "opted_in", "opted_out")
    )
    rollups.make("credit", ("month", "day", "quarter"), ("kind",), CREDIT_SUMS)


def downgrade() -> None:
    rollups.drop("credit", ("month", "day", "quarter"))
    rollups.drop("contact", ("month", "day", "quarter"))
    rollups.drop("campaign", ("day", "quarter"))
    rollups.drop("message", ALL_TIERS)
    rollups.make("message", ALL_TIERS, MESSAGE_DIMENSIONS, OLD_MESSAGE_SUMS, MESSAGE_WIDE)
    for table in ("messages", "contacts"):
        op.drop_index(f"ix_{table}_organization_id_created_at", table)
    op.drop_column("messages", "characters")
    for table in ("credit_entries", "credit_products", "subscriptions", "billing_accounts"):
        op.drop_table(table)


def _table(name: str, *columns: sa.Column[Any]) -> None:
    """A tenant's table of rows that are told whole."""
    op.create_table(
        name,
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        *columns,
        sa.Column("updated_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=f"pk_{name}"),
    )
