"""Whatomate: 'Analytics API', three documented URLs, and the three of agents that its code has.

What their document leaves open, and we chose, is listed in docs/vendors/whatomate.md.
"""

from __future__ import annotations

from typing import Any

from gateway.limits import Limit, Standing
from gateway.rest.vendor import Endpoint, Vendor
from gateway.rest.whatomate import answers, documents, ranges, shape
from gateway.rest.whatomate.access import (
    BAD_KEY,
    BAD_TOKEN,
    CREDENTIALS,
    KEY_HEADER,
    MALFORMED,
    NOTHING,
    REALM,
)
from gateway.rest.whatomate.errors import envelope
from gateway.rest.whatomate.params import (
    AgentParams,
    AgentsParams,
    ChatbotParams,
    DashboardParams,
    FromToParams,
    MessagesParams,
)
from gateway.rest.whatomate.ranges import Range
from models.errors import (
    Expired,
    HeliographError,
    InvalidInput,
    InvalidRange,
    MethodNotAllowed,
    MissingScope,
    NotAMember,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
    WindowTooLarge,
)

EVERYTHING = Limit(REALM, 100)  # their docs count all requests together
PERIODS = {"today": "DAY", "week": "WEEK", "month": "MONTH", "year": "YEAR"}


def _dashboard(asked: Range) -> dict[str, Any]:
    return {
        "period": PERIODS[asked.params.period or "month"],
        "window": asked.window if asked.is_given else None,
        "earlier": asked.earlier if asked.is_given else None,
        "account": asked.params.account,
        "some": asked.is_given,
    }


def _messages(asked: Range) -> dict[str, Any]:
    return {**_chatbot(asked), "granularity": asked.params.granularity.upper()}


def _chatbot(asked: Range) -> dict[str, Any]:
    return {"window": asked.window, "account": asked.params.account}


def _trend(asked: Range, agent: str | None) -> dict[str, Any]:
    return {
        "window": asked.window,
        "granularity": asked.params.group_by.upper(),
        "trend": None if agent is None else {"user": [agent]},
    }


def _agents(asked: Range) -> dict[str, Any]:
    agent = asked.params.agent
    return {**_trend(asked, agent), "agent": agent, "me": asked.me, "known": asked.me != ""}


def _agent(asked: Range) -> dict[str, Any]:
    return {**_trend(asked, asked.path["id"]), "id": asked.path["id"]}


def _comparison(asked: Range) -> dict[str, Any]:
    return {"window": asked.window}


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "/api/analytics/dashboard",
        "Dashboard",
        "Contacts, messages, campaigns and the chatbot at a glance. With from and to, and without a period, "
        "also `stats` and `recent_messages`, as their code answers.",
        DashboardParams,
        answers.DashboardAnswer,
        documents.DASHBOARD,
        ranges.dashboard,
        _dashboard,
        shape.dashboard,
        limit=EVERYTHING,
        example="period=month",
    ),
    Endpoint(
        "/api/analytics/messages",
        "Message analytics",
        "Messages added up, by type, and over time, by when they were created; points without any message "
        "are there too (our choice).",
        MessagesParams,
        answers.MessagesAnswer,
        documents.MESSAGES,
        ranges.last_30_days,
        _messages,
        shape.messages,
        limit=EVERYTHING,
        example="granularity=week",
    ),
    Endpoint(
        "/api/analytics/chatbot",
        "Chatbot analytics",
        "Conversations of the chatbot by when they started, its flows, keywords and language models.",
        ChatbotParams,
        answers.ChatbotAnswer,
        documents.CHATBOT,
        ranges.last_30_days,
        _chatbot,
        shape.chatbot,
        limit=EVERYTHING,
    ),
    Endpoint(
        "/api/analytics/agents",
        "Agent analytics",
        "Conversations handed to agents, how long each step took, and when they were away.",
        AgentsParams,
        answers.AgentsAnswer,
        documents.AGENTS,
        ranges.from_to,
        _agents,
        shape.agents,
        limit=EVERYTHING,
        example="group_by=week",
    ),
    Endpoint(
        "/api/analytics/agents/comparison",
        "Agents compared",
        "The same numbers of each agent side by side.",
        FromToParams,
        answers.ComparisonAnswer,
        documents.COMPARISON,
        ranges.from_to,
        _comparison,
        shape.comparison,
        limit=EVERYTHING,
    ),
    Endpoint(
        "/api/analytics/agents/{id}",
        "One agent",
        "The numbers of one agent; dates that cannot be read are the month to date, as in their code.",
        AgentParams,
        answers.AgentAnswer,
        documents.AGENT,
        ranges.forgiving,
        _agent,
        shape.agent,
        limit=EVERYTHING,
        example="group_by=week",
    ),
)


def rate_headers(standing: Standing) -> dict[str, str]:
    """Where a client stands."""
    return {
        "X-RateLimit-Limit": str(standing.limit.per_minute),
        "X-RateLimit-Remaining": str(standing.remaining),
        "X-RateLimit-Reset": str(int(-(-standing.reset_at // 1))),
    }


WHATOMATE = Vendor(
    name=REALM,
    title="Whatomate analytics",
    about="The analytics API of Whatomate, answered by Heliograph. What their document leaves open and we "
    "chose is marked `x-heliograph-choice`.",
    endpoints=ENDPOINTS,
    envelope=envelope,
    error=answers.Failure,
    refusals=(
        InvalidInput(ranges.BAD_START),
        InvalidInput(ranges.BAD_END),
        InvalidRange(ranges.BACKWARDS),
        WindowTooLarge(),
        Expired(),
        *(Unauthenticated(sentence) for sentence in (NOTHING, MALFORMED, BAD_TOKEN, BAD_KEY)),
        NotAMember(),
        MissingScope(),
        NotFound(account="main"),
        NotFound("Agent not found"),
        MethodNotAllowed(),
        RateLimited(),
        HeliographError(),
        Unavailable(),
    ),
    paths=("/api/analytics/agents", "/api/analytics/meta"),
    places={"id": "The agent: the id of a user."},
    examples={"{id}": "7aa795c1-38b9-5959-a375-dc5255389590"},
    ours=(WindowTooLarge, Expired, MethodNotAllowed, RateLimited, HeliographError, Unavailable),
    headers={
        "Cache-Control": "private, no-cache",
        "Vary": f"Authorization, {KEY_HEADER}, X-Organization-ID",
    },
    credentials=CREDENTIALS,
    rate_headers=rate_headers,
)
