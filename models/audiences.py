"""Lists and segments of contacts, and which of them each campaign was meant for."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc


class ContactList(Base):
    """A list that contacts were put on by hand, by form or by import."""

    __tablename__ = "contact_lists"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


class Segment(Base):
    """The contacts that fit a rule."""

    __tablename__ = "segments"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


class CampaignAudience(Base):
    """A part of those that a campaign was meant for: everybody, a list or a segment."""

    __tablename__ = "campaign_audiences"
    __table_args__ = (sa.Index(None, "organization_id", "campaign_id"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[str]
    is_everybody: Mapped[bool]
    list_id: Mapped[str]
    segment_id: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)
