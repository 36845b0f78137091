"""Campaigns."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc


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
