"""Campaigns, and what can be counted about them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc, iso_second
from models.fact import Dimension, Fact, Sum, count, happened


class Campaign(Base):
    """One planned sending. Its numbers are counted from its messages, never kept here."""

    __tablename__ = "campaigns"
    __table_args__ = (sa.Index(None, "organization_id", "created_at", "id"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    channel: Mapped[str]
    status: Mapped[str]
    body: Mapped[str] = mapped_column(sa.Text)
    media_url: Mapped[str | None] = mapped_column(sa.Text)
    audience_size: Mapped[int] = mapped_column(sa.BigInteger)
    status_detail: Mapped[str | None]
    status_at: Mapped[datetime | None] = mapped_column(Utc)
    completion_percent: Mapped[int | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Utc)
    scheduled_at: Mapped[datetime | None] = mapped_column(Utc)
    started_at: Mapped[datetime | None] = mapped_column(Utc)
    completed_at: Mapped[datetime | None] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


def _now(status: str, about: str) -> Sum:
    return count(status, about, Campaign.status == status, "campaigns")


def _text(name: str, about: str) -> Dimension:
    return Dimension(name, about, Campaign.__table__.c[name], wide=True)


def _main_source() -> sa.ColumnElement[str]:
    """The commonest source among a campaign's recipients; '' of none. Of two as common the first by name."""
    messages, contacts = (
        sa.table(name, *map(sa.column, ("organization_id", *columns)))  # their files are above this one
        for name, columns in (
            ("messages", ("campaign_id", "contact_id", "direction", "is_test")),
            ("contacts", ("id", "source")),
        )
    )
    sources = (
        sa.select(contacts.c.source)
        .select_from(messages)
        .join(
            contacts,
            sa.and_(
                contacts.c.organization_id == messages.c.organization_id,
                contacts.c.id == messages.c.contact_id,
            ),
        )
        .where(
            messages.c.organization_id == Campaign.organization_id,
            messages.c.campaign_id == Campaign.id,
            messages.c.campaign_id != "",
            messages.c.direction != "inbound",
            messages.c.is_test == sa.false(),
        )
        .group_by(contacts.c.source)
        .order_by(sa.func.count(messages.c.contact_id.distinct()).desc(), contacts.c.source)
        .limit(1)
    )
    return sa.func.coalesce(sources.correlate_except(messages, contacts).scalar_subquery(), "")


CAMPAIGNS = Fact(
    name="campaign",
    about="Campaigns by the moment they were created, with the status they have now.",
    table=Campaign.__table__,
    time=Campaign.created_at,
    key=Campaign.id,
    sums=(
        count("total", "Campaigns of any status.", unit="campaigns"),
        _now("draft", "Campaigns that are being written."),
        _now("scheduled", "Campaigns that wait for their time."),
        _now("queued", "Campaigns that are due and wait for their turn."),
        _now("sending", "Campaigns on their way."),
        _now("paused", "Campaigns that are stopped for now."),
        _now("completed", "Campaigns wholly sent."),
        _now("failed", "Campaigns given up."),
        _now("cancelled", "Campaigns called off."),
        happened("started", "Campaigns whose sending began.", Campaign.started_at, unit="campaigns"),
        happened("finished", "Campaigns whose sending was over.", Campaign.completed_at, unit="campaigns"),
        Sum("audience", "contacts", "Contacts that the campaigns are meant for.", Campaign.audience_size),
    ),
    dimensions=(
        Dimension("status", "How far the campaign has come.", Campaign.status),
        Dimension("channel", "How it travels: sms, mms, email, whatsapp or chat.", Campaign.channel),
    ),
    details=(
        _text("id", "What its sender calls it."),
        _text("name", "Its name."),
        _text("body", "Its text."),
        _text("created_by", "The user who made it."),
        Dimension("media_url", "Its picture.", sa.func.coalesce(Campaign.media_url, ""), wide=True),
        Dimension("status_detail", "More on its status.", sa.func.coalesce(Campaign.status_detail, "")),
        Dimension(
            "audience_size", "How many contacts it is meant for.", sa.cast(Campaign.audience_size, sa.String)
        ),
        Dimension(
            "completion_percent",
            "How much of it is sent, where it was told.",
            sa.func.coalesce(sa.cast(Campaign.completion_percent, sa.String), ""),
        ),
        *(
            Dimension(name, f"{about} To the second: 2026-05-05T08:00:00Z.", iso_second(column), wide=True)
            for name, about, column in (
                ("created_at", "When it was created.", Campaign.created_at),
                ("status_at", "When it came to its status.", Campaign.status_at),
                ("scheduled_at", "When it is to start.", Campaign.scheduled_at),
                ("started_at", "When its sending began.", Campaign.started_at),
                ("completed_at", "When its sending was over.", Campaign.completed_at),
                ("updated_at", "When it last changed.", Campaign.updated_at),
            )
        ),
        Dimension("contact_source", "Where most of those that it reached came from.", _main_source()),
    ),
    tiers=("day", "quarter"),
)
