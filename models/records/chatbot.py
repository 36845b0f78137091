"""Records of the chatbot: sessions, flows, keywords and calls of models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from models.records.base import BaseRecord, Count, Id, Label, Moment

SENDER = "The account it went through."


class BotSessionRecord(BaseRecord):
    """One conversation of the bot with a contact; messages name it as their `session_id`."""

    type: Literal["bot_session"]
    id: Id
    contact_id: Label = ""
    sender_id: Label = Field("", description=SENDER)
    status: Literal["active", "completed", "cancelled", "timeout"] = "active"
    started_at: Moment
    ended_at: Moment | None = Field(None, description="When it ended; every status but active needs it.")
    updated_at: Moment | None = Field(None, description="The latest of the other moments when absent.")

    @model_validator(mode="after")
    def _ends_when_it_is_over(self) -> BotSessionRecord:
        if self.status != "active" and self.ended_at is None:
            raise ValueError(f"a session that is {self.status} needs its ended_at")
        if self.ended_at is not None and self.ended_at < self.started_at:
            raise ValueError("ended_at lies before started_at")
        return self


class BotFlowRecord(BaseRecord):
    """A way through a conversation. The record with the latest `updated_at` is the truth."""

    type: Literal["bot_flow"]
    id: Id
    name: Label = ""
    updated_at: Moment


class FlowRunRecord(BaseRecord):
    """One way of one session through a flow. The record with the latest `updated_at` is the truth."""

    type: Literal["flow_run"]
    id: Id
    session_id: Label = ""
    sender_id: Label = Field("", description=SENDER)
    flow_id: Id
    started_at: Moment
    completed_at: Moment | None = Field(None, description="When it was completed; absent when it was left.")
    updated_at: Moment | None = Field(None, description="The latest of the other moments when absent.")


class KeywordHitRecord(BaseRecord):
    """A contact wrote a word that the bot listens for."""

    type: Literal["keyword_hit"]
    id: Id
    session_id: Label = ""
    sender_id: Label = Field("", description=SENDER)
    keyword: Id
    at: Moment
    updated_at: Moment | None = Field(None, description="`at` when absent.")


class AiCallRecord(BaseRecord):
    """The bot asked a language model."""

    type: Literal["ai_call"]
    id: Id
    session_id: Label = ""
    sender_id: Label = Field("", description=SENDER)
    model: Label = ""
    tokens_in: Count = Field(0, description="Tokens that the model read.")
    tokens_out: Count = Field(0, description="Tokens that the model wrote.")
    cost_micros: Count = Field(0, description="What it cost, in millionths of the currency unit.")
    at: Moment
    updated_at: Moment | None = Field(None, description="`at` when absent.")
