"""Records of webhook deliveries."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.records.base import BaseRecord, Id, Label, Moment


class WebhookDeliveryRecord(BaseRecord):
    """One attempt to deliver a webhook to a subscriber."""

    type: Literal["webhook_delivery"]
    id: Id
    endpoint_id: Id
    kind: Label = Field(description="The event it told of, such as message.delivered.")
    http_status: Annotated[int, Field(ge=0, le=999)] = Field(0, description="0 when nobody answered.")
    outcome: Literal["success", "retry", "dead"]
    at: Moment
