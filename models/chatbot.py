"""The chatbot: sessions with contacts, the flows they go through, keywords that were heard, calls of models.

Only what happened is told. How a session ended follows from its status and from the transfers that name it,
whichever of them comes first.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.agents import Transfer
from models.base import Base, BigId, Utc, millis_between
from models.contacts import CONTACTS
from models.fact import (
    ONE,
    ZERO,
    Dimension,
    Fact,
    Guard,
    Ratio,
    Span,
    Sum,
    count,
    everything,
    happened,
    loss,
    rate,
    weights,
)
from models.messages import Message


class BotSession(Base):
    """One conversation of the bot with a contact."""

    __tablename__ = "bot_sessions"
    __table_args__ = (sa.Index(None, "organization_id", "started_at"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str]
    sender_id: Mapped[str]
    status: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class BotFlow(Base):
    """A way through a conversation that somebody has drawn."""

    __tablename__ = "bot_flows"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


class FlowRun(Base):
    """One way of one session through a flow, until it was completed or left."""

    __tablename__ = "flow_runs"
    __table_args__ = (sa.Index(None, "organization_id", "started_at"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    sender_id: Mapped[str]
    flow_id: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Utc)
    completed_at: Mapped[datetime | None] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class KeywordHit(Base):
    """A contact wrote a word that the bot listens for."""

    __tablename__ = "keyword_hits"
    __table_args__ = (sa.Index(None, "organization_id", "at"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    sender_id: Mapped[str]
    keyword: Mapped[str]
    at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class AiCall(Base):
    """The bot asked a language model. What it cost is told, never worked out from a price list."""

    __tablename__ = "ai_calls"
    __table_args__ = (sa.Index(None, "organization_id", "at"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    sender_id: Mapped[str]
    model: Mapped[str]
    tokens_in: Mapped[int] = mapped_column(sa.BigInteger)
    tokens_out: Mapped[int] = mapped_column(sa.BigInteger)
    cost_micros: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class SaidBefore(Base):
    """How many messages of a session retention has taken; see `resolvers/retention.py`."""

    __tablename__ = "said_before"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  it is how SQLAlchemy wants it

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    session_id: Mapped[str] = mapped_column(primary_key=True)
    messages: Mapped[int] = mapped_column(sa.BigInteger)


SESSION_STATUSES = ("active", "completed", "cancelled", "timeout")
TIERS = ("month", "day", "quarter")


def _outcomes(only: Guard, _: Span | None = None) -> sa.Subquery:
    """Each session with how it came out, and how many messages belong to it.

    A plain SELECT with correlated parts: a window on `started_at` reaches the index of the table.
    """
    session, transfer, message = BotSession.__table__, Transfer.__table__, Message.__table__
    handed = sa.exists().where(
        only(transfer),
        transfer.c.organization_id == session.c.organization_id,
        transfer.c.session_id == session.c.id,
    )
    said = (
        sa.select(sa.func.count())
        .select_from(message)
        .where(
            only(message),
            message.c.organization_id == session.c.organization_id,
            message.c.session_id == session.c.id,
            message.c.session_id != "",
            message.c.is_test == sa.false(),
        )
        .correlate(session)
        .scalar_subquery()
    )
    before = SaidBefore.__table__
    gone = (
        sa.select(before.c.messages)
        .where(
            only(before),
            before.c.organization_id == session.c.organization_id,
            before.c.session_id == session.c.id,
        )
        .correlate(session)
        .scalar_subquery()
    )
    outcome = sa.case(
        (handed.correlate(session), "transferred"),
        (session.c.status == "completed", "auto_resolved"),
        (session.c.status == "active", "active"),
        else_="abandoned",
    )
    return (
        sa.select(
            *(session.c.organization_id, session.c.id, session.c.contact_id, session.c.sender_id),
            *(session.c.status, session.c.started_at, session.c.ended_at),
            outcome.label("outcome"),
            (said + sa.func.coalesce(gone, ZERO)).label("messages"),
        )
        .where(only(session))
        .subquery("session_outcomes")
    )


_session = _outcomes(everything).c
_over = _session.outcome != "active"
_resolved = _session.outcome == "auto_resolved"


def _came_out(outcome: str, about: str) -> Sum:
    return count(outcome, about, _session.outcome == outcome, "sessions")


SESSIONS = Fact(
    name="session",
    about="Conversations of the bot, by when they started, with how they came out.",
    table=_outcomes(everything),
    view=_outcomes,
    time=_session.started_at,
    key=_session.id,
    leaves_out=("Test messages are not among the messages of a conversation.",),
    sums=(
        count("started", "Conversations of any outcome.", unit="sessions"),
        count("concluded", "Conversations that are over or were handed to a person.", _over, "sessions"),
        _came_out("auto_resolved", "Conversations that the bot brought to their end by itself."),
        _came_out("transferred", "Conversations that were handed to a person, whatever became of them."),
        _came_out("abandoned", "Conversations that were cancelled or timed out without a person."),
        _came_out("active", "Conversations that go on with the bot."),
        Sum(
            "messages",
            "messages",
            "Messages of both directions in concluded conversations.",
            sa.case((_over, _session.messages), else_=ZERO),
        ),
        Sum(
            "resolution_time_millis",
            "milliseconds",
            "From start to end, of conversations that the bot resolved.",
            sa.case((_resolved, millis_between(_session.started_at, _session.ended_at)), else_=ZERO),
        ),
    ),
    ratios=(
        rate(
            "resolution_rate",
            "auto_resolved",
            "concluded",
            "Share of concluded conversations that the bot resolved by itself.",
        ),
        loss(
            "transfer_rate",
            "transferred",
            "concluded",
            "Share of concluded conversations that needed a person.",
        ),
        loss("abandonment_rate", "abandoned", "concluded", "Share of concluded conversations given up."),
        Ratio(
            "messages_per_session",
            weights("messages"),
            weights("concluded"),
            "How many messages a concluded conversation takes.",
            unit="messages",
            times=1,
        ),
        Ratio(
            "average_resolution_time",
            {"resolution_time_millis": Fraction(1, 1000)},
            weights("auto_resolved"),
            "Mean time from start to end of what the bot resolved.",
            unit="seconds",
            times=1,
            low_is_good=True,
        ),
    ),
    dimensions=(
        Dimension("outcome", "auto_resolved, transferred, abandoned or active.", _session.outcome),
        Dimension("status", f"What was told of it: {', '.join(SESSION_STATUSES)}.", _session.status),
        Dimension("sender", "The account that it went through.", _session.sender_id, wide=True),
    ),
    details=(
        Dimension("id", "What its sender calls it.", _session.id, wide=True),
        Dimension("contact", "With whom.", _session.contact_id, wide=True, of=CONTACTS),
    ),
    tiers=(),
    counted_with="message",
)
FLOW_RUNS = Fact(
    name="flow_run",
    about="Ways of conversations through flows, by when they entered.",
    table=FlowRun.__table__,
    time=FlowRun.started_at,
    key=FlowRun.id,
    sums=(
        count("started", "Flows begun.", unit="runs"),
        happened("completed", "Flows gone through to their end.", FlowRun.completed_at, unit="runs"),
    ),
    ratios=(rate("completion_rate", "completed", "started", "Share of begun flows that were completed."),),
    dimensions=(
        Dimension("flow", "The flow.", FlowRun.flow_id),
        Dimension("sender", "The account that it went through.", FlowRun.sender_id),
    ),
    details=(Dimension("session", "The conversation.", FlowRun.session_id, wide=True),),
    tiers=TIERS,
)
KEYWORD_HITS = Fact(
    name="keyword_hit",
    about="Words that the bot listens for, each time one was written.",
    table=KeywordHit.__table__,
    time=KeywordHit.at,
    key=KeywordHit.id,
    sums=(Sum("hits", "hits", "Times a keyword was written.", ONE),),
    dimensions=(
        Dimension("keyword", "The keyword.", KeywordHit.keyword, wide=True),
        Dimension("sender", "The account that it went to.", KeywordHit.sender_id),
    ),
    details=(Dimension("session", "The conversation.", KeywordHit.session_id, wide=True),),
    tiers=TIERS,
)
AI_CALLS = Fact(
    name="ai_call",
    about="Calls of language models.",
    table=AiCall.__table__,
    time=AiCall.at,
    key=AiCall.id,
    sums=(
        Sum("requests", "requests", "Calls of any model.", ONE),
        Sum("tokens", "tokens", "Tokens in and out.", AiCall.tokens_in + AiCall.tokens_out),
        Sum("input_tokens", "tokens", "Tokens that the models read.", AiCall.tokens_in),
        Sum("output_tokens", "tokens", "Tokens that the models wrote.", AiCall.tokens_out),
        Sum(
            "cost_micros",
            "micros",
            "What the calls cost, in millionths of the currency unit.",
            AiCall.cost_micros,
        ),
    ),
    ratios=(
        Ratio(
            "tokens_per_request",
            weights("tokens"),
            weights("requests"),
            "How many tokens a call takes.",
            unit="tokens",
            times=1,
        ),
    ),
    dimensions=(
        Dimension("model", "The model.", AiCall.model),
        Dimension("sender", "The account that it was for.", AiCall.sender_id),
    ),
    details=(Dimension("session", "The conversation.", AiCall.session_id, wide=True),),
    tiers=TIERS,
)
