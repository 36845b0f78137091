"""Records of messages, and of what happened to them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.records.base import BaseRecord, Channel, Count, Id, Label, Moment, Source

EventKind = Literal[
    "sent",
    "delivered",
    "read",
    "failed",
    "bounced",
    "opened",
    "clicked",
    "replied",
    "complained",
    "unsubscribed",
]


class _Attributes(BaseRecord):
    """What is known of a message apart from what happened to it; the greatest value ever told wins."""

    direction: Literal["outbound", "inbound"] | None = Field(None, description="outbound when never told.")
    channel: Channel | None = None
    campaign_id: Id | None = None
    contact_id: Id | None = None
    sender_id: Id | None = Field(None, description="The number, mailbox or account it went through.")
    content_type: Label | None = Field(None, description="text, image, template, …")
    source: Source | None = Field(
        None, description="What caused it: campaign, workflow, api, inbox, keyword, …"
    )
    source_id: Id | None = None
    sub_source_id: Id | None = Field(None, description="Which step of the source.")
    user_id: Id | None = Field(None, description="Who wrote it, where a person of the organization did.")
    session_id: Id | None = Field(None, description="The chatbot's session that it belongs to.")
    body: Annotated[str, Field(max_length=10_000)] | None = Field(
        None, description="Its text; tell it only where it is to be shown or looked for."
    )
    encoding: Label | None = Field(None, description="gsm7, ucs2, …")
    error_code: Label | None = Field(None, description="Why it failed, in the carrier's code.")
    bounce_reason: Label | None = None
    segments: Count | None = None
    characters: Count | None = Field(None, description="How long the text is.")
    credits: Count | None = None
    cost_micros: Count | None = Field(None, description="What it cost, in millionths of the currency unit.")
    is_test: bool | None = Field(None, description="A seed or test message: kept, never counted.")


class MessageRecord(_Attributes):
    """One message to or from one contact. The moments may come here or as events, first one wins."""

    type: Literal["message"]
    id: Id
    created_at: Moment
    sent_at: Moment | None = None
    delivered_at: Moment | None = None
    read_at: Moment | None = None
    failed_at: Moment | None = None
    hard_bounced_at: Moment | None = None
    soft_bounced_at: Moment | None = None
    opened_at: Moment | None = None
    machine_opened_at: Moment | None = None
    clicked_at: Moment | None = None
    machine_clicked_at: Moment | None = None
    replied_at: Moment | None = None
    complained_at: Moment | None = None
    unsubscribed_at: Moment | None = None
    charged_at: Moment | None = None


class EventRecord(_Attributes):
    """Something happened to a message. It may come before its message, late, twice or out of order."""

    type: Literal["event"]
    id: Id | None = Field(
        None,
        description="Tells opens and clicks apart; made of message, event, actor, link and time when absent.",
    )
    message_id: Id
    event: EventKind
    at: Moment
    actor: Literal["human", "machine"] = Field("human", description="Who opened or clicked.")
    bounce: Literal["hard", "soft"] = Field("hard", description="What kind of bounce.")
    link: Annotated[str, Field(max_length=2000)] = Field("", description="What was clicked.")
