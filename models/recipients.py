"""Recipients: the contacts that campaigns reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc
from models.campaigns import CAMPAIGNS
from models.contacts import CONTACTS, source_of
from models.fact import Dimension, Fact, Guard, Span, count, everything
from models.messages import Message


class Reached(Base):
    """A contact that a campaign reached with messages that retention took: when the first was created."""

    __tablename__ = "reached"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  it is how SQLAlchemy wants it

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    campaign_id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)


def reaching(only: Guard) -> sa.Select[*tuple[Any, ...]]:
    """The messages with which campaigns reached contacts: organization, campaign, contact and when."""
    message = Message.__table__
    return sa.select(
        message.c.organization_id,
        message.c.campaign_id,
        message.c.contact_id,
        message.c.created_at.label("at"),
    ).where(
        only(message),
        message.c.is_test == sa.false(),
        message.c.direction != "inbound",
        message.c.campaign_id != "",
        message.c.contact_id != "",
    )


def _recipients(only: Guard, _: Span | None = None) -> sa.Subquery:
    """Each contact that a campaign reached, when its first message was created."""
    gone = Reached.__table__
    each = sa.union_all(reaching(only), sa.select(gone).where(only(gone))).subquery("reaching")
    key = (each.c.organization_id, each.c.campaign_id, each.c.contact_id)
    return sa.select(*key, sa.func.min(each.c.at).label("at")).group_by(*key).subquery("recipients")


_reached = _recipients(everything).c
RECIPIENTS = Fact(
    name="recipient",
    about="The contacts that campaigns reached, each counted once for a campaign, at its first message.",
    table=_recipients(everything),
    view=_recipients,
    time=_reached.at,
    key=_reached.contact_id,
    leaves_out=("Test messages, inbound ones, and those without a campaign or a contact reach nobody.",),
    sums=(count("recipients", "Contacts that were sent at least one message.", unit="contacts"),),
    dimensions=(
        Dimension("campaign", "The campaign.", _reached.campaign_id, wide=True, of=CAMPAIGNS),
        Dimension(
            "contact_source",
            "Where the contact came from.",
            source_of(_reached.organization_id, _reached.contact_id),
        ),
    ),
    details=(Dimension("contact", "The contact.", _reached.contact_id, wide=True, of=CONTACTS),),
    tiers=(),
    counted_with="message",
)
