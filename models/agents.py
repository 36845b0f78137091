"""Agents: users who take conversations over from the bot, and when they are there to do so."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc, millis_between
from models.contacts import CONTACTS
from models.fact import ZERO, Dimension, Fact, Ratio, Sum, count, happened, weights


class Transfer(Base):
    """A conversation handed to a person: to whom, and when each step came. `user_id` is '' while it waits."""

    __tablename__ = "transfers"
    __table_args__ = (
        sa.Index(None, "organization_id", "transferred_at"),
        sa.Index(None, "organization_id", "session_id"),
    )

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    contact_id: Mapped[str]
    sender_id: Mapped[str]
    user_id: Mapped[str]
    source: Mapped[str]
    status: Mapped[str]
    transferred_at: Mapped[datetime] = mapped_column(Utc)
    assigned_at: Mapped[datetime | None] = mapped_column(Utc)
    first_response_at: Mapped[datetime | None] = mapped_column(Utc)
    resumed_at: Mapped[datetime | None] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class Availability(Base):
    """A span in which a user was there or away; without an end it lasts.

    No fact: a span lies in a window as far as the two overlap, which no bucket of moments can say.
    """

    __tablename__ = "availability"
    __table_args__ = (sa.Index(None, "organization_id", "started_at"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    is_available: Mapped[bool]
    started_at: Mapped[datetime] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


_is_handled = Transfer.status == "resumed"


def _took(name: str, about: str, at: Any, when: sa.ColumnElement[bool] | None = None) -> Sum:
    """How long it was from the transfer to `at`, in milliseconds."""
    seen = at.is_not(None) if when is None else sa.and_(at.is_not(None), when)
    millis = sa.case((seen, millis_between(Transfer.transferred_at, at)), else_=ZERO)
    return Sum(name, "milliseconds", about, millis, at)


def _mean(name: str, millis: str, of: str, about: str) -> Ratio:
    return Ratio(
        name,
        {millis: Fraction(1, 1000)},
        weights(of),
        about,
        unit="seconds",
        times=1,
        low_is_good=True,
    )


TRANSFERS = Fact(
    name="transfer",
    about="Conversations handed to persons, by when they were handed over, with the status they have now.",
    table=Transfer.__table__,
    time=Transfer.transferred_at,
    key=Transfer.id,
    sums=(
        count("transfers", "Conversations handed over.", unit="transfers"),
        count(
            "active",
            "Those that are not over.",
            Transfer.status == "active",
            "transfers",
        ),
        count("handled", "Those that went back to the bot.", _is_handled, "transfers"),
        count("expired", "Those that nobody brought to an end.", Transfer.status == "expired", "transfers"),
        happened("assigned", "Those that a person took.", Transfer.assigned_at, unit="transfers"),
        happened("answered", "Those that a person answered.", Transfer.first_response_at, unit="transfers"),
        happened(
            "resolved",
            "Handled ones with a known end.",
            Transfer.resumed_at,
            _is_handled,
            "transfers",
        ),
        _took("queue_time_millis", "From the hand-over to the person.", Transfer.assigned_at),
        _took(
            "first_response_time_millis",
            "From the hand-over to the first answer.",
            Transfer.first_response_at,
        ),
        _took(
            "resolution_time_millis", "From the hand-over back to the bot.", Transfer.resumed_at, _is_handled
        ),
    ),
    ratios=(
        _mean("average_queue_time", "queue_time_millis", "assigned", "Mean wait for a person."),
        _mean(
            "average_first_response_time",
            "first_response_time_millis",
            "answered",
            "Mean time from the hand-over to the first answer.",
        ),
        _mean(
            "average_resolution_time",
            "resolution_time_millis",
            "resolved",
            "Mean time from the hand-over back to the bot.",
        ),
    ),
    dimensions=(
        Dimension("user", "The person.", Transfer.user_id),
        Dimension("source", "Why: manual, flow, keyword or chatbot_disabled.", Transfer.source),
        Dimension("status", "active, resumed or expired.", Transfer.status),
        Dimension("sender", "The account that it went through.", Transfer.sender_id),
    ),
    details=(
        Dimension("session", "The conversation.", Transfer.session_id, wide=True),
        Dimension("contact", "Whose conversation.", Transfer.contact_id, wide=True, of=CONTACTS),
    ),
    tiers=("month", "day", "quarter"),
)
