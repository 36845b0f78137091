"""Records of deliverability: domains, mailboxes, addresses, checks and days of mailboxes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from models.records.base import BaseRecord, Count, Id, Label, Moment

Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]


class DomainRecord(BaseRecord):
    """A domain that is sent from. The record with the latest `updated_at` is the truth."""

    type: Literal["domain"]
    id: Id
    name: Label = ""
    updated_at: Moment


class MailboxRecord(BaseRecord):
    """An address that is sent from. The record with the latest `updated_at` is the truth."""

    type: Literal["mailbox"]
    id: Id = Field(description="The `sender_id` of its messages.")
    address: Label = ""
    domain_id: Label = ""
    updated_at: Moment


class IpAddressRecord(BaseRecord):
    """A machine that mail leaves from. The record with the latest `updated_at` is the truth."""

    type: Literal["ip_address"]
    id: Id
    address: Label = ""
    domain_ids: list[Id] = Field(default_factory=list, max_length=1000, description="The domains it serves.")
    updated_at: Moment


class IpCheckRecord(BaseRecord):
    """One look into a blacklist; the latest of each provider counts."""

    type: Literal["ip_check"]
    id: Id
    ip_id: Id
    provider: Label = Field("", description="Whose list it is.")
    is_listed: bool
    at: Moment


class MailboxDayRecord(BaseRecord):
    """The health of a mailbox on one day. Told again with a later `updated_at`, it replaces what was told."""

    type: Literal["mailbox_day"]
    mailbox_id: Id
    day: Day = Field(description="The day, in UTC.")
    sent: Count = Field(0, description="How much the mailbox sent; days of much sending count more.")
    health_score: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None, description="0–100; nothing was measured when absent."
    )
    warmup_status: Label = ""
    updated_at: Moment | None = Field(None, description="The end of the day when absent.")

    @property
    def id(self) -> str:
        """The mailbox and the day together."""
        return f"{self.day.isoformat()}:{self.mailbox_id}"
