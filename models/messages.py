"""Messages, and everything that can be counted about them.

A message is a state that only grows: each column knows how two tellings of it become one, so records
may come late, twice and in any order.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc, iso_second, some_index
from models.billing import credits_drawn
from models.campaigns import CAMPAIGNS
from models.contacts import CONTACTS, phone_of, source_of
from models.fact import (
    ZERO,
    Dimension,
    Fact,
    Ratio,
    Sum,
    count,
    happened,
    loss,
    rate,
    weights,
)


def _moment() -> Any:
    return mapped_column(Utc, info={"merge": min})


def _label() -> Any:
    return mapped_column(sa.String, default="", info={"merge": max})


def _amount() -> Any:
    return mapped_column(sa.BigInteger, default=0, info={"merge": max})


class Message(Base):
    """One message to or from one contact, with the first moment each thing happened to it.

    `announced` says that the message itself has been told of, not only events of it; until then
    `created_at` is the earliest moment any event gave.
    """

    __tablename__ = "messages"
    __table_args__ = (
        sa.Index(None, "organization_id", "created_at"),
        some_index(("organization_id", "campaign_id", "contact_id"), "campaign_id <> ''"),
        some_index(("organization_id", "contact_id", "created_at"), "contact_id <> ''"),
        some_index(("organization_id", "source_id"), "source = 'workflow'"),
        some_index(("organization_id", "session_id"), "session_id <> ''"),
    )

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    announced: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Utc)
    direction: Mapped[str] = mapped_column(default="outbound", info={"merge": min})
    channel: Mapped[str] = _label()
    campaign_id: Mapped[str] = _label()
    contact_id: Mapped[str] = _label()
    sender_id: Mapped[str] = _label()
    content_type: Mapped[str] = _label()
    source: Mapped[str] = _label()
    source_id: Mapped[str] = _label()
    sub_source_id: Mapped[str] = _label()
    user_id: Mapped[str] = _label()
    session_id: Mapped[str] = _label()
    body: Mapped[str] = _label()
    encoding: Mapped[str] = _label()
    error_code: Mapped[str] = _label()
    bounce_reason: Mapped[str] = _label()
    segments: Mapped[int] = _amount()
    characters: Mapped[int] = _amount()
    credits: Mapped[int] = _amount()
    cost_micros: Mapped[int] = _amount()
    is_test: Mapped[bool] = mapped_column(default=False, info={"merge": max})
    sent_at: Mapped[datetime | None] = _moment()
    delivered_at: Mapped[datetime | None] = _moment()
    read_at: Mapped[datetime | None] = _moment()
    failed_at: Mapped[datetime | None] = _moment()
    hard_bounced_at: Mapped[datetime | None] = _moment()
    soft_bounced_at: Mapped[datetime | None] = _moment()
    opened_at: Mapped[datetime | None] = _moment()
    machine_opened_at: Mapped[datetime | None] = _moment()
    clicked_at: Mapped[datetime | None] = _moment()
    machine_clicked_at: Mapped[datetime | None] = _moment()
    replied_at: Mapped[datetime | None] = _moment()
    complained_at: Mapped[datetime | None] = _moment()
    unsubscribed_at: Mapped[datetime | None] = _moment()
    charged_at: Mapped[datetime | None] = _moment()


_out = Message.direction != "inbound"
_bounced_at = sa.func.coalesce(Message.hard_bounced_at, Message.soft_bounced_at)
_left_at = sa.func.coalesce(Message.sent_at, Message.delivered_at, Message.failed_at, _bounced_at)
_charged_at = sa.func.coalesce(Message.charged_at, Message.sent_at, Message.created_at)
_arrived_at = sa.func.coalesce(Message.delivered_at, Message.read_at)
_handed_at = sa.func.coalesce(Message.sent_at, Message.delivered_at)  # what arrived was handed over
_REACHED = (
    ("received", Message.direction == "inbound"),
    ("failed", Message.failed_at.is_not(None)),
    ("bounced", _bounced_at.is_not(None)),
    ("read", Message.read_at.is_not(None)),
    ("delivered", Message.delivered_at.is_not(None)),
    ("sent", Message.sent_at.is_not(None)),
)
STATUSES = {
    "received": "It came in.",
    "failed": "It will never arrive.",
    "bounced": "It came back.",
    "read": "Its reader's app reported it read.",
    "delivered": "The carrier or the mailbox confirmed it.",
    "sent": "It was handed to the carrier.",
    "logged": "It is recorded, and nothing has happened to it yet.",
}
# the furthest a message has come; what speaks against it weighs more
STATUS: sa.ColumnElement[str] = sa.case(
    *((when, sa.literal_column(f"'{name}'", sa.String)) for name, when in _REACHED),
    else_=sa.literal_column("'logged'", sa.String),
)
_contacts_phone = phone_of(Message.organization_id, Message.contact_id)
_drawn = credits_drawn(Message.channel, Message.characters, Message.credits)


def _drawn_if(name: str, about: str, at: Any, when: sa.ColumnElement[bool]) -> Sum:
    return Sum(name, "credits", about, sa.case((sa.and_(at.is_not(None), when), _drawn), else_=ZERO), at)


ACCEPTED = {"attempted": 1, "bounced": -1}  # what left us and did not come back

MESSAGES = Fact(
    name="message",
    about="Messages to and from contacts, each counted once; test messages never count.",
    table=Message.__table__,
    time=Message.created_at,
    key=Message.id,
    where=Message.is_test == sa.false(),
    leaves_out=("Test messages never count.",),
    left=_left_at,
    expires=True,
    sums=(
        count("total", "Messages of both directions."),
        count("logged", "Outbound messages recorded, whatever became of them.", _out),
        count("received", "Inbound messages.", ~_out),
        happened(
            "attempted", "Outbound messages that left us, failed and bounced ones included.", _left_at, _out
        ),
        happened(
            "sent",
            "Outbound messages handed to the carrier, whatever became of them later.",
            Message.sent_at,
            _out,
        ),
        happened(
            "handed_off",
            "Outbound messages handed to the carrier that have not failed.",
            _handed_at,
            sa.and_(_out, Message.failed_at.is_(None)),
        ),
        happened(
            "delivered", "Messages that the carrier or the mailbox confirmed.", Message.delivered_at, _out
        ),
        happened(
            "confirmed",
            "Delivered messages that have not failed.",
            Message.delivered_at,
            sa.and_(_out, Message.failed_at.is_(None)),
        ),
        happened(
            "delivered_or_read",
            "Messages delivered, where having been read proves delivery.",
            _arrived_at,
            _out,
        ),
        happened("read", "Messages that their reader's app reported read.", Message.read_at, _out),
        happened(
            "failed", "Messages that will never arrive, undelivered ones included.", Message.failed_at, _out
        ),
        happened("bounced", "Messages that came back, hard or soft.", _bounced_at, _out),
        happened("hard_bounced", "Messages that came back for good.", Message.hard_bounced_at, _out),
        happened("soft_bounced", "Messages that came back for now.", Message.soft_bounced_at, _out),
        happened("opened", "Messages that a person opened at least once.", Message.opened_at, _out),
        happened(
            "machine_opened", "Messages that a machine opened at least once.", Message.machine_opened_at, _out
        ),
        happened("clicked", "Messages in which a person clicked at least once.", Message.clicked_at, _out),
        happened(
            "machine_clicked",
            "Messages in which a machine clicked at least once.",
            Message.machine_clicked_at,
            _out,
        ),
        happened("replied", "Messages that were answered at least once.", Message.replied_at, _out),
        happened("complained", "Messages reported as spam.", Message.complained_at, _out),
        happened("unsubscribed", "Messages that made their reader opt out.", Message.unsubscribed_at, _out),
        Sum("segments", "segments", "Parts that the carrier counted.", Message.segments, _charged_at),
        Sum("credits", "credits", "Credits that the messages took.", Message.credits, _charged_at),
        _drawn_if(
            "credits_drawn",
            "Credits drawn when the messages were handed over: as told, else one for each 480 characters of "
            "an SMS and two for an MMS.",
            _handed_at,
            _out,
        ),
        _drawn_if(
            "credits_returned",
            "Credits given back for messages that failed after they had been handed over.",
            Message.failed_at,
            sa.and_(_out, _handed_at.is_not(None)),
        ),
        Sum(
            "cost_micros",
            "micros",
            "What the messages cost, in millionths of the currency unit.",
            Message.cost_micros,
            _charged_at,
        ),
    ),
    ratios=(
        rate("delivery_rate", "confirmed", "logged", "Share of logged messages that were delivered."),
        rate(
            "confirmation_rate",
            "confirmed",
            "handed_off",
            "Share of messages handed to the carrier, failed ones left out, that were delivered.",
        ),
        loss("failure_rate", "failed", "logged", "Share of logged messages that failed."),
        rate("read_rate", "read", "delivered_or_read", "Share of delivered messages that were read."),
        loss("bounce_rate", "bounced", "attempted", "Share of attempted messages that came back."),
        loss("hard_bounce_rate", "hard_bounced", "attempted", "Share of attempted messages gone for good."),
        loss("soft_bounce_rate", "soft_bounced", "attempted", "Share of attempted messages gone for now."),
        rate("open_rate", "opened", "delivered", "Share of delivered messages that a person opened."),
        rate("click_rate", "clicked", "delivered", "Share of delivered messages in which a person clicked."),
        rate(
            "click_to_open_rate", "clicked", "opened", "Share of opened messages in which a person clicked."
        ),
        rate("reply_rate", "replied", "delivered", "Share of delivered messages that were answered."),
        loss("complaint_rate", "complained", "attempted", "Share of attempted messages reported as spam."),
        loss(
            "unsubscribe_rate",
            "unsubscribed",
            "delivered",
            "Share of delivered messages that made their reader opt out.",
        ),
        rate("acceptance_rate", ACCEPTED, "attempted", "Share of attempted messages that did not come back."),
        rate(
            "inbox_placement_rate",
            {**ACCEPTED, "complained": -1},
            "attempted",
            "Share of attempted messages that neither came back nor were reported as spam: an estimate of "
            "those that reached the inbox.",
        ),
        rate(
            "accepted_open_rate", "opened", ACCEPTED, "Opened messages out of those that did not come back."
        ),
        rate(
            "accepted_click_rate",
            "clicked",
            ACCEPTED,
            "Clicked messages out of those that did not come back.",
        ),
        rate(
            "accepted_reply_rate",
            "replied",
            ACCEPTED,
            "Answered messages out of those that did not come back.",
        ),
        loss(
            "accepted_unsubscribe_rate",
            "unsubscribed",
            ACCEPTED,
            "Messages that made their reader opt out, of those that did not come back.",
        ),
        rate("attempted_open_rate", "opened", "attempted", "Opened messages out of all that left us."),
        Ratio(
            "engagement_score",
            {"opened": Fraction(3, 10), "clicked": Fraction(4, 10), "replied": Fraction(3, 10)},
            weights("attempted"),
            "How much people did with what was sent to them.",
            unit="points",
        ),
    ),
    dimensions=(
        Dimension("campaign", "The campaign it belongs to.", Message.campaign_id, wide=True, of=CAMPAIGNS),
        Dimension("channel", "How it travelled: sms, mms, email, whatsapp or chat.", Message.channel),
        Dimension("direction", "outbound or inbound.", Message.direction),
        Dimension("error_code", "Why it failed, in the carrier's code.", Message.error_code),
        Dimension("content_type", "text, image, template, …", Message.content_type, wide=True),
        Dimension(
            "source", "What caused it: campaign, workflow, api, inbox, keyword, …", Message.source, wide=True
        ),
        Dimension("sender", "The number, mailbox or account it went through.", Message.sender_id, wide=True),
        Dimension("bounce_reason", "Why it came back.", Message.bounce_reason, wide=True),
    ),
    details=(
        Dimension("id", "What its sender calls it.", Message.id, wide=True),
        Dimension("status", f"How far it has come: {', '.join(STATUSES)}.", STATUS),
        Dimension("contact", "Whom it went to or came from.", Message.contact_id, wide=True, of=CONTACTS),
        Dimension(
            "contact_source",
            "Where the contact came from.",
            source_of(Message.organization_id, Message.contact_id),
        ),
        Dimension("source_id", "What exactly caused it.", Message.source_id, wide=True),
        Dimension("sub_source_id", "Which step of that caused it.", Message.sub_source_id, wide=True),
        Dimension(
            "user", "Who wrote it, where a person of the organization did.", Message.user_id, wide=True
        ),
        Dimension("session", "The chatbot's session that it belongs to.", Message.session_id, wide=True),
        Dimension("encoding", "gsm7, ucs2, …", Message.encoding),
        Dimension("body", "Its text, where it was told.", Message.body, wide=True),
        Dimension("credits", "The credits it took.", sa.cast(Message.credits, sa.String)),
        Dimension(
            "created_at", "When it was created, to the second.", iso_second(Message.created_at), wide=True
        ),
        Dimension(
            "to_address",
            "The number it went to: the contact's, or the sender that it came in through.",
            sa.case((_out, _contacts_phone), else_=Message.sender_id),
            wide=True,
        ),
        Dimension(
            "from_address",
            "The number it came from.",
            sa.case((_out, Message.sender_id), else_=_contacts_phone),
            wide=True,
        ),
    ),
)
