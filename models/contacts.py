"""Contacts: the people and addresses that messages go to and come from, and what can be counted of them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc
from models.fact import Dimension, Fact, count


class Contact(Base):
    """One person or address."""

    __tablename__ = "contacts"
    __table_args__ = (sa.Index(None, "organization_id", "created_at"),)

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


CONTACTS = Fact(
    name="contact",
    about="Contacts by the moment they were created, as they are now.",
    table=Contact.__table__,  # ty: ignore[invalid-argument-type]
    time=Contact.created_at,
    key=Contact.id,
    sums=(
        count("total", "Contacts of any kind.", unit="contacts"),
        count(
            "textable",
            "Contacts that a text message can reach.",
            Contact.is_textable == sa.true(),
            "contacts",
        ),
        count("opted_in", "Contacts that want messages.", Contact.is_opted_in == sa.true(), "contacts"),
        count("opted_out", "Contacts that want no messages.", Contact.is_opted_in == sa.false(), "contacts"),
    ),
    dimensions=(Dimension("source", "Where the contact came from.", Contact.source),),
    tiers=("month", "day", "quarter"),
)
