"""What may come in: one typed record per line, told apart by `type`.

Every record may name its `organization` (a slug); without one it belongs to whoever sends it.
Moments are RFC 3339 with an offset. Repeating a record changes nothing, and order does not matter.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from models.errors import UnknownTimezone
from models.zones import zone

# Past the last one no window reaches, and a moment of year 9999 west of Greenwich is one no store gives back.
FIRST_MOMENT, END_OF_MOMENTS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MAX_COUNT = 10**12  # nine million such numbers fit into one total; one that overflows would stop the counting


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except UnknownTimezone as error:
        raise ValueError(str(error)) from error
    return name


Id = Annotated[str, Field(min_length=1, max_length=200)]
Label = Annotated[str, Field(max_length=200)]
Moment = Annotated[AwareDatetime, Field(strict=True, ge=FIRST_MOMENT, lt=END_OF_MOMENTS)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Channel = Literal["sms", "mms", "email", "whatsapp", "chat"]
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


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")

    organization: Id | None = Field(
        None, description="Slug of the organization it belongs to; the sender's own when absent."
    )


class OrganizationRecord(_Record):
    """A tenant: whose messages these are. Of one that is there, only what the record names changes."""

    type: Literal["organization"]
    id: Id = Field(description="Slug, unique in this gateway.")
    name: Label = ""
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC", description="IANA zone of its days and months."
    )
    plan: Label = Field("unlimited", description="Code of its plan; see `limits`.")
    aliases: dict[Id, Id] = Field(default_factory=dict, description="What each vendor calls it: vendor → id.")


class _Attributes(_Record):
    """What is known of a message apart from what happened to it; the greatest value ever told wins."""

    direction: Literal["outbound", "inbound"] | None = Field(None, description="outbound when never told.")
    channel: Channel | None = None
    campaign_id: Id | None = None
    contact_id: Id | None = None
    sender_id: Id | None = Field(None, description="The number, mailbox or account it went through.")
    content_type: Label | None = Field(None, description="text, image, template, …")
    source: Label | None = Field(
        None, description="What caused it: campaign, workflow, api, inbox, keyword, …"
    )
    source_id: Id | None = None
    error_code: Label | None = Field(None, description="Why it failed, in the carrier's code.")
    bounce_reason: Label | None = None
    segments: Count | None = None
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


class CampaignRecord(_Record):
    """One planned sending. The record with the latest `updated_at` is the truth."""

    type: Literal["campaign"]
    id: Id
    name: Label = ""
    channel: Channel | None = None
    status: Literal[
        "draft", "scheduled", "queued", "sending", "paused", "completed", "failed", "cancelled"
    ] = "draft"
    body: Annotated[str, Field(max_length=100_000)] = ""
    audience_size: Count = 0
    created_at: Moment
    scheduled_at: Moment | None = None
    started_at: Moment | None = None
    completed_at: Moment | None = None
    updated_at: Moment | None = Field(None, description="The latest of the other moments when absent.")


class ContactRecord(_Record):
    """One person or address. The record with the latest `updated_at` is the truth."""

    type: Literal["contact"]
    id: Id
    name: Label = ""
    phone: Label = ""
    email: Label = ""
    timezone: Label = ""
    source: Label = ""
    is_textable: bool = True
    is_opted_in: bool = True
    created_at: Moment
    updated_at: Moment | None = Field(None, description="`created_at` when absent.")


class WebhookDeliveryRecord(_Record):
    """One attempt to deliver a webhook to a subscriber."""

    type: Literal["webhook_delivery"]
    id: Id
    endpoint_id: Id
    kind: Label = Field(description="The event it told of, such as message.delivered.")
    http_status: Annotated[int, Field(ge=0, le=999)] = Field(0, description="0 when nobody answered.")
    outcome: Literal["success", "retry", "dead"]
    at: Moment


Record = Annotated[
    OrganizationRecord | CampaignRecord | ContactRecord | MessageRecord | EventRecord | WebhookDeliveryRecord,
    Field(discriminator="type"),
]
RECORD: TypeAdapter[Record] = TypeAdapter(Record)
