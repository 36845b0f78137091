"""Orders: what contacts bought, and the message that each order is put down to.

The last touch before an order has it: the last human click of the fourteen days before, or the last
message that came within the day before, whichever is later. Intake keeps that up to date.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc
from models.campaigns import CAMPAIGNS
from models.contacts import CONTACTS, source_of
from models.fact import ZERO, Dimension, Fact, Sum, count

CLICK_REACHES, VIEW_REACHES = timedelta(days=14), timedelta(hours=24)


class Order(Base):
    """One order. `touch` says what it is put down to, 'click', 'view' or ''; the labels after it are copies
    from that message."""

    __tablename__ = "orders"
    __table_args__ = (
        sa.Index(None, "organization_id", "contact_id", "at"),
        sa.Index(None, "organization_id", "at"),
    )

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str]
    total_micros: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str]
    at: Mapped[datetime] = mapped_column(Utc)
    touch: Mapped[str]
    message_id: Mapped[str]
    campaign_id: Mapped[str]
    source: Mapped[str]
    source_id: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


_attributed = Order.touch != ""

ORDERS = Fact(
    name="order",
    about="Orders, each put down to the last message its contact clicked or saw before.",
    table=Order.__table__,
    time=Order.at,
    key=Order.id,
    sums=(
        count("orders", "Orders of any kind.", unit="orders"),
        count("attributed_orders", "Orders put down to a message.", _attributed, "orders"),
        Sum(
            "revenue_micros",
            "micros",
            "What was bought, in millionths of the currency unit.",
            Order.total_micros,
        ),
        Sum(
            "attributed_revenue_micros",
            "micros",
            "What was bought after a message, in millionths of the currency unit.",
            sa.case((_attributed, Order.total_micros), else_=ZERO),
        ),
    ),
    dimensions=(
        Dimension("campaign", "The campaign of the message.", Order.campaign_id, wide=True, of=CAMPAIGNS),
        Dimension("touch", "click, view or '': why it is put down to the message.", Order.touch),
        Dimension("source", "What caused the message: campaign, workflow, …", Order.source),
        Dimension("currency", "The currency.", Order.currency),
    ),
    details=(
        Dimension("source_id", "What exactly caused the message.", Order.source_id, wide=True),
        Dimension("contact", "Who ordered.", Order.contact_id, wide=True, of=CONTACTS),
        Dimension(
            "contact_source",
            "Where the contact came from.",
            source_of(Order.organization_id, Order.contact_id),
        ),
    ),
    tiers=("month", "day", "quarter"),
)
