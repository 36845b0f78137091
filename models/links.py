"""Links: what messages invite to click."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc


class Link(Base):
    """One link, of a campaign, a workflow or anything else. Its clicks are counted from the events."""

    __tablename__ = "links"
    __table_args__ = (sa.Index(None, "organization_id", "source_id"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    url: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str]
    contact_id: Mapped[str]
    source: Mapped[str]
    source_id: Mapped[str]
    sub_source: Mapped[str]
    sub_source_id: Mapped[str]
    is_active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)
