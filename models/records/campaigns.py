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
    media_url: Annotated[str, Field(max_length=2000)] | None = None
    audience_size: Count = 0
    status_detail: Annotated[str, Field(max_length=2000)] | None = None
    status_at: Moment | None = Field(None, description="When it came to its status.")
    completion_percent: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None, description="How much of it is sent; 100 when it is completed and this is absent."
    )
    created_by: Label = Field("", description="The user who made it.")
    created_at: Moment
    scheduled_at: Moment | None = None
    started_at: Moment | None = None
    completed_at: Moment | None = None
    updated_at: Moment | None = Field(None, description="The latest of the other moments when absent.")


class CampaignAudienceRecord(BaseRecord):
    """A part of those that a campaign is meant for: everybody, a list or a segment."""

    type: Literal["campaign_audience"]
    id: Id
    campaign_id: Id
    is_everybody: bool = False
    list_id: Label = ""
    segment_id: Label = ""
    size: Count = 0
    created_at: Moment
    updated_at: Moment | None = Field(None, description="`created_at` when absent.")
