"""Contacts: the people and addresses that messages go to and come from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc


class Contact(Base):
    """One person or address."""

    __tablename__ = "contacts"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str]
    timezone: Mapped[str]
    source: Mapped[str]
    is_textable: Mapped[bool]
    is_opted_in: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)
