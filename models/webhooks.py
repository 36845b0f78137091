"""Webhook deliveries, and what can be counted about them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc
from models.fact import Dimension, Fact, count, rate


class WebhookDelivery(Base):
    """One attempt to hand an event to a subscriber."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (sa.Index(None, "organization_id", "at"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)
    endpoint_id: Mapped[str]
    kind: Mapped[str]
    http_status_class: Mapped[str]
    outcome: Mapped[str]


WEBHOOKS = Fact(
    name="webhook",
    about="Attempts to hand an event to a subscriber's URL.",
    table=WebhookDelivery.__table__,
    time=WebhookDelivery.at,
    key=WebhookDelivery.id,
    expires=True,
    sums=(
        count("attempted", "Attempts of any outcome.", unit="attempts"),
        count(
            "delivered",
            "Attempts that the subscriber accepted.",
            WebhookDelivery.outcome == "success",
            "attempts",
        ),
        count(
            "retried",
            "Attempts that failed and will be tried again.",
            WebhookDelivery.outcome == "retry",
            "attempts",
        ),
        count(
            "failed",
            "Attempts that failed and will not be tried again.",
            WebhookDelivery.outcome == "dead",
            "attempts",
        ),
    ),
    ratios=(
        rate("success_rate", "delivered", "attempted", "Share of attempts that the subscriber accepted."),
    ),
    dimensions=(
        Dimension("endpoint", "The subscriber's endpoint.", WebhookDelivery.endpoint_id),
        Dimension("kind", "The event it told of, such as message.delivered.", WebhookDelivery.kind),
        Dimension(
            "http_status_class",
            "2xx, 3xx, 4xx, 5xx, or none when nobody answered.",
            WebhookDelivery.http_status_class,
        ),
    ),
    tiers=("month", "day", "quarter", "minute"),
)
