"""Recipients: the contacts that campaigns reached."""

from __future__ import annotations

import sqlalchemy as sa

from models.campaigns import CAMPAIGNS
from models.contacts import CONTACTS, source_of
from models.fact import Dimension, Fact, Guard, count, everything
from models.messages import Message


def _recipients(only: Guard) -> sa.Subquery:
    """Each contact that a campaign reached, when its first message was created."""
    message = Message.__table__
    key = (message.c.organization_id, message.c.campaign_id, message.c.contact_id)
    return (
        sa.select(*key, sa.func.min(message.c.created_at).label("at"))
        .where(
            only(message),
            message.c.is_test == sa.false(),
            message.c.direction != "inbound",
            message.c.campaign_id != "",
            message.c.contact_id != "",
        )
        .group_by(*key)
        .subquery("recipients")
    )


_reached = _recipients(everything).c
RECIPIENTS = Fact(
    name="recipient",
    about="The contacts that campaigns reached, each counted once for a campaign, at its first message.",
    table=_recipients(everything),
    view=_recipients,
    time=_reached.at,
    key=_reached.contact_id,
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
