"""Contacts: the people and addresses that messages go to and come from, and what can be counted of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc, iso_second
from models.campaigns import CAMPAIGNS
from models.fact import Dimension, Fact, Sum, count, happened


class Contact(Base):
    """One person or address. `custom` is a JSON object of whatever else is known.

    A deleted contact stays, so that the past can be counted; no number of the present counts it.
    """

    __tablename__ = "contacts"
    __table_args__ = (sa.Index(None, "organization_id", "created_at"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    phone: Mapped[str]
    carrier: Mapped[str]
    email: Mapped[str]
    birthdate: Mapped[str]
    address: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip: Mapped[str]
    country: Mapped[str]
    timezone: Mapped[str]
    language: Mapped[str]
    source: Mapped[str]
    source_id: Mapped[str]
    sub_source: Mapped[str]
    sub_source_id: Mapped[str]
    custom: Mapped[str] = mapped_column(sa.Text)
    is_textable: Mapped[bool]
    is_opted_in: Mapped[bool]
    opt_in_status: Mapped[str]
    opt_in_changed_at: Mapped[datetime | None] = mapped_column(Utc)
    created_at: Mapped[datetime] = mapped_column(Utc)
    deleted_at: Mapped[datetime | None] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


OPT_IN_STATUSES = {
    "not_subscribed": "Never asked for messages.",
    "pending": "Was asked, and has not confirmed yet.",
    "subscribed": "Wants messages.",
    "unsubscribed": "Wants no messages any more.",
}
_there = Contact.deleted_at.is_(None)


def source_of(organization_id: Any, contact_id: Any) -> sa.ColumnElement[str]:
    """Where the contact of a row came from; '' for a stranger."""
    return _of(Contact.source, organization_id, contact_id)


def phone_of(organization_id: Any, contact_id: Any) -> sa.ColumnElement[str]:
    """The phone number of the contact of a row; '' for a stranger."""
    return _of(Contact.phone, organization_id, contact_id)


def _of(column: Any, organization_id: Any, contact_id: Any) -> sa.ColumnElement[str]:
    found = sa.select(column).where(Contact.organization_id == organization_id, Contact.id == contact_id)
    return sa.func.coalesce(found.correlate_except(Contact).scalar_subquery(), "")


def _text(name: str, about: str) -> Dimension:
    return Dimension(name, about, Contact.__table__.c[name], wide=True)


def _second(name: str, about: str, column: Any) -> Dimension:
    return Dimension(name, f"{about} To the second: 2026-05-05T08:00:00Z.", iso_second(column), wide=True)


CONTACTS = Fact(
    name="contact",
    about="Contacts by the moment they were created, as they are now; deleted ones only where it says so.",
    table=Contact.__table__,
    time=Contact.created_at,
    key=Contact.id,
    leaves_out=("Deleted contacts count for CREATED and DELETED only.",),
    sums=(
        count("total", "Contacts of any kind.", _there, unit="contacts"),
        count(
            "textable",
            "Contacts that a text message can reach.",
            sa.and_(_there, Contact.is_textable == sa.true()),
            "contacts",
        ),
        count(
            "opted_in",
            "Contacts that want messages.",
            sa.and_(_there, Contact.is_opted_in == sa.true()),
            "contacts",
        ),
        count(
            "opted_out",
            "Contacts that want no messages.",
            sa.and_(_there, Contact.is_opted_in == sa.false()),
            "contacts",
        ),
        count("created", "Contacts ever created, deleted ones included.", unit="contacts"),
        happened("deleted", "Contacts that were deleted.", Contact.deleted_at, unit="contacts"),
    ),
    dimensions=(
        Dimension("source", "Where the contact came from.", Contact.source),
        Dimension(
            "opt_in_status",
            "not_subscribed, pending, subscribed or unsubscribed.",
            Contact.opt_in_status,
        ),
    ),
    details=(
        _text("id", "What its sender calls it."),
        _text("name", "The name."),
        _text("first_name", "The first name."),
        _text("last_name", "The last name."),
        _text("phone", "The phone number."),
        _text("carrier", "The carrier of the phone number."),
        _text("email", "The e-mail address."),
        _text("birthdate", "The birthdate."),
        _text("address", "The street address."),
        _text("city", "The city."),
        _text("state", "The state."),
        _text("zip", "The postal code."),
        _text("country", "The country."),
        _text("timezone", "The IANA zone."),
        _text("language", "The language."),
        _text("source_id", "What exactly of its source it came from."),
        _text("sub_source", "Where it came from, more closely."),
        _text("sub_source_id", "What exactly of that it came from."),
        _second("created_at", "When it was created.", Contact.created_at),
        _second("updated_at", "When it last changed.", Contact.updated_at),
        _second(
            "opt_in_changed_at",
            "When it last subscribed or unsubscribed.",
            Contact.opt_in_changed_at,
        ),
        Dimension(
            "campaign",
            "The campaign that it came from.",
            sa.case((sa.func.lower(Contact.source) == "campaign", Contact.source_id), else_=""),
            wide=True,
            of=CAMPAIGNS,
        ),
    ),
    custom=Contact.custom,
    tiers=("month", "day", "quarter"),
)


class ContactEvent(Base):
    """A contact subscribed or unsubscribed. `contact_source` is a copy that follows the contact."""

    __tablename__ = "contact_events"
    __table_args__ = (
        sa.Index(None, "organization_id", "contact_id"),
        sa.Index(None, "organization_id", "at"),
    )

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str]
    opt_in_status: Mapped[str]
    source: Mapped[str]
    contact_source: Mapped[str]
    at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


def _became(status: str, about: str) -> Sum:
    return count(status, about, ContactEvent.opt_in_status == status, "changes")


OPT_INS = Fact(
    name="opt_in",
    about="Changes of what contacts want, each counted when it happened.",
    table=ContactEvent.__table__,
    time=ContactEvent.at,
    key=ContactEvent.id,
    sums=(
        count("changes", "Changes of any kind.", unit="changes"),
        count(
            "subscribed", "Contacts that subscribed.", ContactEvent.opt_in_status == "subscribed", "changes"
        ),
        count(
            "unsubscribed",
            "Contacts that unsubscribed.",
            ContactEvent.opt_in_status == "unsubscribed",
            "changes",
        ),
    ),
    dimensions=(
        Dimension("opt_in_status", "What the contact became.", ContactEvent.opt_in_status),
        Dimension("contact_source", "Where the contact came from.", ContactEvent.contact_source),
        Dimension("source", "What changed it: keyword, form, api, inbox, import, …", ContactEvent.source),
    ),
    details=(Dimension("contact", "The contact.", ContactEvent.contact_id, wide=True, of=CONTACTS),),
    tiers=("month", "day", "quarter"),
)
