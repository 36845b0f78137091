"""Records of campaigns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.records.base import BaseRecord, Channel, Count, Id, Label, Moment


class CampaignRecord(BaseRecord):
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
