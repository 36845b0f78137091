"""What may be asked of Whatomate's endpoints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.rest.read import Iso
from gateway.rest.typed import Asked
from gateway.rest.vendor import CHOICE

ACCOUNT = "Only this WhatsApp account: its id, or (as in their code) its name."


class AccountParams(Asked):
    """An account."""

    account: str | None = Field(None, alias="account_id", min_length=1, description=ACCOUNT)


class FromToParams(Asked):
    """Days of UTC, both included. They are read by hand: each endpoint says something else of bad ones."""

    first: str | None = Field(
        None, alias="from", description="The first day, YYYY-MM-DD; it counts only together with `to`."
    )
    last: str | None = Field(None, alias="to", description="The last day, which counts as a whole.")


class DashboardParams(AccountParams, FromToParams):
    """`/api/analytics/dashboard`."""

    period: Literal["today", "week", "month", "year"] | None = Field(
        None,
        description="Until now from midnight, from Monday, from the first of the month or of the year, UTC "
        "(our choice); month when neither it nor from and to are given.",
        json_schema_extra=CHOICE,
    )


class ChatbotParams(AccountParams):
    """`/api/analytics/chatbot`."""

    start: Iso | None = Field(
        None,
        alias="start_date",
        description="An ISO 8601 date or moment; without an offset it is UTC. Our choice: 29 days before the "
        "end when absent.",
        json_schema_extra=CHOICE,
    )
    end: Iso | None = Field(
        None,
        alias="end_date",
        description="The same; a date includes its day, a moment is exclusive. Our choice: now when absent.",
        json_schema_extra=CHOICE,
    )


class MessagesParams(ChatbotParams):
    """`/api/analytics/messages`."""

    granularity: Literal["hour", "day", "week", "month"] = Field(
        "day",
        description="How wide the points of the timeline are. Our choice: day when absent.",
        json_schema_extra=CHOICE,
    )


class AgentParams(FromToParams):
    """`/api/analytics/agents/{id}`."""

    group_by: Literal["day", "week"] = Field("day", description="How wide the points of the trend are.")


class AgentsParams(AgentParams):
    """`/api/analytics/agents`."""

    agent: str | None = Field(None, alias="agent_id", min_length=1, description="Only this agent.")
