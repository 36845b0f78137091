"""Deliverability: sending domains, mailboxes and addresses, what was checked of them, and their health."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc
from models.fact import ZERO, Dimension, Fact, Ratio, Sum, count, weights


class Domain(Base):
    """A domain that is sent from."""

    __tablename__ = "domains"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


class Mailbox(Base):
    """An address that is sent from; its id is the `sender_id` of its messages."""

    __tablename__ = "mailboxes"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    domain_id: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


class IpAddress(Base):
    """A machine that mail leaves from, and the domains it serves, as a JSON list of their ids."""

    __tablename__ = "ip_addresses"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    domain_ids: Mapped[str] = mapped_column(sa.Text)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class IpCheck(Base):
    """One look into a blacklist."""

    __tablename__ = "ip_checks"
    __table_args__ = (sa.Index(None, "organization_id", "ip_id", "provider", "at"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    ip_id: Mapped[str]
    provider: Mapped[str]
    is_listed: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class MailboxDay(Base):
    """The health of a mailbox on one UTC day; `at` is its midnight. -1 where no score was given."""

    __tablename__ = "mailbox_days"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    mailbox_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(Utc)
    sent: Mapped[int] = mapped_column(sa.BigInteger)
    health_score: Mapped[int]
    warmup_status: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


_is_scored = MailboxDay.health_score >= ZERO


def _scored(name: str, unit: str, about: str, value: Any) -> Sum:
    return Sum(name, unit, about, sa.case((_is_scored, value), else_=ZERO))


MAILBOX_DAYS = Fact(
    name="mailbox_day",
    about="The health of mailboxes, day by day.",
    table=MailboxDay.__table__,
    time=MailboxDay.at,
    key=MailboxDay.id,
    leaves_out=("Days without a score count for DAYS only.",),
    sums=(
        count("days", "Days of mailboxes.", unit="days"),
        count("scored_days", "Days of mailboxes with a score.", _is_scored, "days"),
        _scored("sent", "messages", "Messages sent on days with a score.", MailboxDay.sent),
        _scored("score", "points", "Scores added up.", MailboxDay.health_score),
        _scored(
            "weighted_score",
            "points",
            "Scores, each as often as messages were sent that day.",
            MailboxDay.health_score * MailboxDay.sent,
        ),
    ),
    ratios=(
        Ratio(
            "health_score",
            weights("weighted_score"),
            weights("sent"),
            "The mean score, 0–100, days on which more was sent counting more.",
            unit="points",
            times=1,
        ),
        Ratio(
            "plain_health_score",
            weights("score"),
            weights("scored_days"),
            "The mean score, 0–100, every day of every mailbox counting the same.",
            unit="points",
            times=1,
        ),
    ),
    dimensions=(Dimension("mailbox", "The mailbox.", MailboxDay.mailbox_id),),
    tiers=("quarter",),
)
