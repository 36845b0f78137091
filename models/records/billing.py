"""Records of billing: the account, its subscription, what credits cost, and the ledger of credits."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from models.records.base import BaseRecord, Count, Id, Label, Moment

Url = Annotated[str, Field(max_length=2000)]


class BillingAccountRecord(BaseRecord):
    """How an organization pays. It has one account; of several the last updated is it."""

    type: Literal["billing_account"]
    id: Id
    brand: Label = Field("", description="Under whose name it is billed.")
    status: Literal["active", "past_due", "suspended", "overage_warning", "archived"] = "active"
    pricing_model: Literal["unlimited", "per_message", "full_service"] = Field(
        "per_message",
        description="unlimited: messages draw no credits. per_message: they draw bought ones. full_service: "
        "those included with the subscription first.",
    )
    customer_portal_url: Url | None = None
    subscription_management_url: Url | None = None
    updated_at: Moment


class SubscriptionRecord(BaseRecord):
    """What an organization pays for again and again. The record with the latest `updated_at` is the truth."""

    type: Literal["subscription"]
    id: Id
    plan_type: Label = ""
    billing_interval: Label = "monthly"
    status: Label = Field("active", description="canceled, cancelled, expired and ended ones are over.")
    paid_through: date | None = None
    current_period_end: Moment | None = None
    next_billing_date: date | None = None
    provider: Label = ""
    updated_at: Moment


class CreditProductRecord(BaseRecord):
    """Credits that can be bought. The record with the latest `updated_at` is the truth."""

    type: Literal["credit_product"]
    id: Id
    name: Label = ""
    credits: Count
    price_cents: Count
    is_active: bool = Field(True, description="Whether it can still be bought.")
    updated_at: Moment


class CreditEntryRecord(BaseRecord):
    """One entry of the ledger of credits.

    What messages draw is worked out from the messages themselves; a debit is what something else draws.
    """

    type: Literal["credit_entry"]
    id: Id
    kind: Literal["purchase", "grant", "debit", "refund", "expire"] = Field(
        description="purchase: bought. grant: included with a subscription. debit: drawn. refund: bought "
        "ones given back. expire: bought ones that ran out."
    )
    credits: Count
    at: Moment
    expires_at: Moment | None = Field(
        None, description="When what is left of a grant runs out; never when absent."
    )
    amount_micros: Count = Field(0, description="What it cost, in millionths of the currency unit.")
    reference: Label = Field("", description="An invoice, an order, a campaign.")
    updated_at: Moment | None = Field(None, description="`at` when absent.")
