"""Billing: how an organization pays, and the ledger of its credits.

What messages draw is no entry of the ledger: it is counted from the messages, so it cannot drift from them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc
from models.fact import ZERO, Dimension, Fact, Sum, count

CHARACTERS_PER_CREDIT = 480
MMS_CREDITS = 2


class BillingAccount(Base):
    """How an organization pays; of several accounts the last updated is it."""

    __tablename__ = "billing_accounts"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    brand: Mapped[str]
    status: Mapped[str]
    pricing_model: Mapped[str]
    customer_portal_url: Mapped[str | None]
    subscription_management_url: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(Utc)


class Subscription(Base):
    """What an organization pays for again and again."""

    __tablename__ = "subscriptions"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    plan_type: Mapped[str]
    billing_interval: Mapped[str]
    status: Mapped[str]
    paid_through: Mapped[date | None] = mapped_column(sa.Date)
    current_period_end: Mapped[datetime | None] = mapped_column(Utc)
    next_billing_date: Mapped[date | None] = mapped_column(sa.Date)
    provider: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


class CreditProduct(Base):
    """Credits that can be bought."""

    __tablename__ = "credit_products"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    credits: Mapped[int] = mapped_column(sa.BigInteger)
    price_cents: Mapped[int] = mapped_column(sa.BigInteger)
    is_active: Mapped[bool]
    updated_at: Mapped[datetime] = mapped_column(Utc)


class CreditEntry(Base):
    """One entry of the ledger of credits."""

    __tablename__ = "credit_entries"
    __table_args__ = (sa.Index(None, "organization_id", "kind"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    credits: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    amount_micros: Mapped[int] = mapped_column(sa.BigInteger)
    reference: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


def credits_drawn(channel: Any, characters: Any, told: Any) -> sa.ColumnElement[int]:
    """What handing a message over draws: what was told, else by its channel and length."""
    parts = (characters + sa.literal_column(str(CHARACTERS_PER_CREDIT - 1), sa.BigInteger)) // (
        sa.literal_column(str(CHARACTERS_PER_CREDIT), sa.BigInteger)
    )
    return sa.case(
        (told > 0, told),
        (channel == "mms", sa.literal_column(str(MMS_CREDITS), sa.BigInteger)),
        (sa.and_(channel == "sms", characters > 0), parts),
        (channel == "sms", sa.literal_column("1", sa.BigInteger)),
        else_=ZERO,
    )


def _of_kind(name: str, kind: str, about: str) -> Sum:
    return Sum(name, "credits", about, sa.case((CreditEntry.kind == kind, CreditEntry.credits), else_=ZERO))


CREDITS = Fact(
    name="credit",
    about="Entries of the credit ledger; what messages draw is counted with the messages.",
    table=CreditEntry.__table__,
    time=CreditEntry.at,
    key=CreditEntry.id,
    leaves_out=("What messages draw is no entry: CREDITS_DRAWN of the messages tells it.",),
    sums=(
        count("entries", "Entries of any kind.", unit="entries"),
        _of_kind("purchased", "purchase", "Credits bought."),
        _of_kind("granted", "grant", "Credits included with a subscription."),
        _of_kind("debited", "debit", "Credits drawn by something else than messages."),
        _of_kind("refunded", "refund", "Bought credits given back."),
        _of_kind("expired", "expire", "Bought credits that ran out."),
        Sum(
            "amount_micros",
            "micros",
            "What was paid, in millionths of the currency unit.",
            CreditEntry.amount_micros,
        ),
    ),
    dimensions=(Dimension("kind", "purchase, grant, debit, refund or expire.", CreditEntry.kind),),
    tiers=("month", "day", "quarter"),
)
