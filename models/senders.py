"""Senders: the numbers, mailboxes and accounts that messages go through."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc


class Sender(Base):
    """One number, mailbox or account; messages name it by its id, people by its name or its address."""

    __tablename__ = "senders"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    address: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)
