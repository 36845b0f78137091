"""Engagements: what must be counted every time it happens, and what can be counted of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc, some_index
from models.campaigns import CAMPAIGNS
from models.contacts import CONTACTS, source_of
from models.fact import ONE, ZERO, Dimension, Fact, Sum
from models.messages import MESSAGES


class MessageEvent(Base):
    """One open, click or reply: what must be counted every time it happens.

    `message_created_at` and all labels are copies of what is known of the message; they follow it when it
    changes.
    """

    __tablename__ = "message_events"
    __table_args__ = (
        sa.Index(None, "organization_id", "message_id"),
        sa.Index(None, "organization_id", "message_created_at"),
        some_index(("organization_id", "campaign_id"), "campaign_id <> ''"),
        some_index(("organization_id", "contact_id", "at"), "contact_id <> ''"),
        some_index(("organization_id", "source_id"), "source = 'workflow'"),
    )

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str]
    kind: Mapped[str]
    actor: Mapped[str]
    link: Mapped[str]
    at: Mapped[datetime] = mapped_column(Utc)
    message_created_at: Mapped[datetime] = mapped_column(Utc)
    campaign_id: Mapped[str]
    channel: Mapped[str]
    contact_id: Mapped[str]
    source: Mapped[str]
    source_id: Mapped[str]
    is_test: Mapped[bool]


def _every(name: str, about: str, kind: str, actor: str | None = None) -> Sum:
    when = MessageEvent.kind == kind
    row = sa.case((when if actor is None else sa.and_(when, MessageEvent.actor == actor), ONE), else_=ZERO)
    return Sum(name, "events", about, row, MessageEvent.at)


ENGAGEMENTS = Fact(
    name="engagement",
    about="Every open, click and reply, repeated ones included.",
    table=MessageEvent.__table__,
    time=MessageEvent.message_created_at,
    key=MessageEvent.id,
    where=MessageEvent.is_test == sa.false(),
    leaves_out=("What was done with test messages never counts.",),
    expires=True,
    part_of=(MESSAGES, MessageEvent.message_id),
    sums=(
        _every("opens", "Every open by a person.", "opened", "human"),
        _every("machine_opens", "Every open by a machine.", "opened", "machine"),
        _every("clicks", "Every click by a person.", "clicked", "human"),
        _every("machine_clicks", "Every click by a machine.", "clicked", "machine"),
        _every("replies", "Every reply.", "replied"),
    ),
    dimensions=(
        Dimension(
            "campaign", "The campaign of the message.", MessageEvent.campaign_id, wide=True, of=CAMPAIGNS
        ),
        Dimension("channel", "How the message travelled.", MessageEvent.channel),
    ),
    details=(
        Dimension("link", "What was clicked.", MessageEvent.link, wide=True),
        Dimension("contact", "The contact of the message.", MessageEvent.contact_id, wide=True, of=CONTACTS),
        Dimension(
            "contact_source",
            "Where the contact came from.",
            source_of(MessageEvent.organization_id, MessageEvent.contact_id),
        ),
        Dimension("source", "What caused the message.", MessageEvent.source),
        Dimension("source_id", "What exactly caused the message.", MessageEvent.source_id, wide=True),
    ),
)
