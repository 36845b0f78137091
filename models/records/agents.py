"""Records of agents: conversations handed to them, and when they were there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from models.records.base import BaseRecord, Id, Label, Moment


class TransferRecord(BaseRecord):
    """A conversation handed to a person. The record with the latest `updated_at` is the truth."""

    type: Literal["transfer"]
    id: Id
    session_id: Label = ""
    contact_id: Label = ""
    sender_id: Label = Field("", description="The account it went through.")
    user_id: Label = Field("", description="Who has it; '' while it waits.")
    source: Literal["manual", "flow", "keyword", "chatbot_disabled"] = "manual"
    status: Literal["active", "resumed", "expired"] = "active"
    transferred_at: Moment
    assigned_at: Moment | None = Field(None, description="When a person took it.")
    first_response_at: Moment | None = Field(None, description="When a person first answered.")
    resumed_at: Moment | None = Field(None, description="When it went back to the bot.")
    updated_at: Moment | None = Field(None, description="The latest of the other moments when absent.")

    @model_validator(mode="after")
    def _begins_with_the_transfer(self) -> TransferRecord:
        for name in ("assigned_at", "first_response_at", "resumed_at"):
            moment = getattr(self, name)
            if moment is not None and moment < self.transferred_at:
                raise ValueError(f"{name} lies before transferred_at")
        return self


class AvailabilityRecord(BaseRecord):
    """A span in which a user was there or away. The record with the latest `updated_at` is the truth."""

    type: Literal["availability"]
    id: Id
    user_id: Id
    is_available: bool
    started_at: Moment
    ended_at: Moment | None = Field(None, description="When it ended; absent while it lasts.")
    updated_at: Moment | None = Field(None, description="The latest of the other moments when absent.")
