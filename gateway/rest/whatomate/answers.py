"""What Whatomate answers: for its OpenAPI document; tests hold real answers against it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from gateway.rest.typed import Told


class ContactCounts(Told):
    """Contacts, whatever account is asked for."""

    total: int = Field(description="All there are now.")
    new_today: int
    new_this_week: int = Field(description="Since Monday.")
    growth_percent: float = Field(description="By how much the total grew in the period.")


class MessageCounts(Told):
    """Messages of the period."""

    total: int
    sent: int
    received: int
    today: int = Field(description="Of both directions, whatever the period is.")


class CampaignCounts(Told):
    """Campaigns, whatever account is asked for."""

    total: int
    active: int = Field(description="Scheduled, queued or being sent.")
    completed_this_month: int


class ChatbotToday(Told):
    """Conversations of the chatbot that started today and are over, or were handed to an agent."""

    conversations_today: int
    auto_resolved: int
    transferred_to_agent: int
    resolution_rate: float


class Stats(Told):
    """What was created between from and to, and by how much percent it differs from as long a time before."""

    total_messages: int
    messages_change: float
    total_contacts: int = Field(description="New contacts, despite its name.")
    contacts_change: float
    chatbot_sessions: int
    chatbot_change: float
    campaigns_sent: int
    campaigns_change: float


class RecentMessage(Told):
    """One of the newest messages."""

    id: str
    contact_name: str
    content: str
    direction: Literal["incoming", "outgoing"]
    created_at: datetime
    status: Literal["pending", "sent", "delivered", "read", "failed", "received"]


class Dashboard(Told):
    """An organization at a glance; `stats` and `recent_messages` come with from and to only."""

    contacts: ContactCounts
    messages: MessageCounts
    campaigns: CampaignCounts
    chatbot: ChatbotToday
    stats: Stats | None = None
    recent_messages: list[RecentMessage] | None = Field(None, max_length=5)


class MessageSummary(Told):
    """Messages added up."""

    total_sent: int = Field(description="All outgoing ones, failed ones included.")
    total_received: int
    total_delivered: int = Field(description="Delivered or read.")
    total_read: int
    total_failed: int
    delivery_rate: float = Field(description="total_delivered ÷ total_sent × 100.")
    read_rate: float = Field(description="total_read ÷ total_delivered × 100.")


class Point(Told):
    """Messages of one hour, day, week or month."""

    date: str
    sent: int
    received: int
    delivered: int
    read: int


class Messages(Told):
    """Messages of a time."""

    summary: MessageSummary
    by_type: dict[str, int] = Field(description="Of both directions, the commonest type first.")
    timeline: list[Point]


class ChatbotSummary(Told):
    """Conversations that are over or were handed to an agent."""

    total_conversations: int
    auto_resolved: int
    transferred_to_agent: int
    abandoned: int
    resolution_rate: float
    avg_messages_per_conversation: float
    avg_resolution_time_seconds: int = Field(description="Of those that the bot resolved.")


class Flow(Told):
    """A flow."""

    flow_name: str
    conversations: int
    completion_rate: float


class Keyword(Told):
    """A keyword."""

    keyword: str
    count: int


class AiUsage(Told):
    """Calls of language models."""

    total_requests: int
    avg_tokens_per_request: int
    total_tokens: int
    estimated_cost: float = Field(description="What the records told, in dollars.")


class Chatbot(Told):
    """What the chatbot did."""

    summary: ChatbotSummary
    by_flow: list[Flow]
    top_keywords: list[Keyword] = Field(max_length=10)
    ai_usage: AiUsage


class Agent(Told):
    """One agent; `current_break_start` comes during a break only."""

    agent_id: str
    agent_name: str
    avg_first_response_mins: float = Field(description="From the hand-over to the first answer.")
    avg_resolution_mins: float = Field(description="From the hand-over back to the bot.")
    transfers_handled: int
    active_transfers: int = Field(description="Now, whatever the dates are.")
    messages_sent: int
    total_break_time_mins: float
    break_count: int
    is_available: bool
    current_break_start: datetime | None = None


class AgentSummary(Told):
    """All agents together."""

    total_transfers_handled: int
    active_transfers: int
    avg_queue_time_mins: float = Field(description="From the hand-over to an agent.")
    avg_first_response_mins: float
    avg_resolution_mins: float
    transfers_by_source: dict[str, int]
    total_break_time_mins: float
    break_count: int


class TrendPoint(Told):
    """One day or week."""

    date: str
    transfers_handled: int
    avg_response_mins: float


class Agents(Told):
    """What agents did."""

    summary: AgentSummary
    agent_stats: list[Agent]
    trend_data: list[TrendPoint]
    my_stats: Agent | None = Field(description="Of the user whose token asks.")


class OneAgent(Told):
    """What one agent did."""

    agent: Agent
    trend_data: list[TrendPoint]


class Comparison(Told):
    """Agents side by side."""

    agents: list[Agent]


class DashboardAnswer(Told):
    """`/api/analytics/dashboard`."""

    status: Literal["success"]
    data: Dashboard


class MessagesAnswer(Told):
    """`/api/analytics/messages`."""

    status: Literal["success"]
    data: Messages


class ChatbotAnswer(Told):
    """`/api/analytics/chatbot`."""

    status: Literal["success"]
    data: Chatbot


class AgentsAnswer(Told):
    """`/api/analytics/agents`."""

    status: Literal["success"]
    data: Agents


class AgentAnswer(Told):
    """`/api/analytics/agents/{id}`."""

    status: Literal["success"]
    data: OneAgent


class ComparisonAnswer(Told):
    """`/api/analytics/agents/comparison`."""

    status: Literal["success"]
    data: Comparison


class Failure(Told):
    """An error response."""

    status: Literal["error"]
    message: str
    data: None
