"""Records of senders."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from models.records.base import BaseRecord, Id, Label, Moment


class SenderRecord(BaseRecord):
    """A number, mailbox or account that messages go through. The latest `updated_at` is the truth."""

    type: Literal["sender"]
    id: Id = Field(description="The `sender_id` of its messages.")
    name: Label = ""
    kind: Label = Field("", description="phone, whatsapp, mailbox, …")
    address: Label = Field("", description="Its number or e-mail address.")
    updated_at: Moment
