"""Campaigns, and what can be counted about them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc
from models.fact import Dimension, Fact, Sum, count, happened


class Campaign(Base):
    """One planned sending. Its numbers are counted from its messages, never kept here."""

    __tablename__ = "campaigns"
    __table_args__ = (sa.Index(None, "organization_id", "created_at", "id"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    channel: Mapped[str]
    status: Mapped[str]
    body: Mapped[str] = mapped_column(sa.Text)
    audience_size: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(Utc)
    scheduled_at: Mapped[datetime | None] = mapped_column(Utc)
    started_at: Mapped[datetime | None] = mapped_column(Utc)
    completed_at: Mapped[datetime | None] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


def _now(status: str, about: str) -> Sum:
    return count(status, about, Campaign.status == status, "campaigns")


CAMPAIGNS = Fact(
    name="campaign",
    about="Campaigns by the moment they were created, with the status they have now.",
    table=Campaign.__table__,  # ty: ignore[invalid-argument-type]
    time=Campaign.created_at,
    key=Campaign.id,
    sums=(
        count("total", "Campaigns of any status.", unit="campaigns"),
        _now("draft", "Campaigns that are being written."),
        _now("scheduled", "Campaigns that wait for their time."),
        _now("queued", "Campaigns that are due and wait for their turn."),
        _now("sending", "Campaigns on their way."),
        _now("paused", "Campaigns that are stopped for now."),
        _now("completed", "Campaigns wholly sent."),
        _now("failed", "Campaigns given up."),
        _now("cancelled", "Campaigns called off."),
        happened("started", "Campaigns whose sending began.", Campaign.started_at, unit="campaigns"),
        happened("finished", "Campaigns whose sending was over.", Campaign.completed_at, unit="campaigns"),
        Sum("audience", "contacts", "Contacts that the campaigns are meant for.", Campaign.audience_size),
    ),
    dimensions=(
        Dimension("status", "How far the campaign has come.", Campaign.status),
        Dimension("channel", "How it travels: sms, mms, email, whatsapp or chat.", Campaign.channel),
    ),
    tiers=("day", "quarter"),
)
