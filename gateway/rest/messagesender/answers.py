"""What MessageSender answers: for its OpenAPI document; tests hold real answers against it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field, RootModel

from gateway.rest.typed import Told


class DateRange(Told):
    """The range that was counted, [start, end)."""

    start: datetime
    end: datetime


class CampaignCounts(Told):
    """Campaigns created in the range, by the status they have now."""

    total: int = Field(description="Of any status; those that are not listed count here too.")
    completed: int
    sending: int
    scheduled: int
    failed: int


class MessageCounts(Told):
    """Outbound messages logged in the range; test messages never count."""

    total: int
    sent: int = Field(description="Handed to the carrier and not failed.")
    delivered: int = Field(description="Those of them that were confirmed.")
    failed: int


class ContactCounts(Told):
    """All contacts, as they are now."""

    total: int
    textable: int
    optedOut: int  # noqa: N815  the vendor's spelling


class Overview(Told):
    """`/api/analytics/overview`."""

    dateRange: DateRange  # noqa: N815
    campaigns: CampaignCounts
    messages: MessageCounts
    contacts: ContactCounts
    deliveryRate: float = Field(  # noqa: N815
        description="delivered ÷ total × 100, two decimals, 0 of nothing."
    )


class MessageDay(Told):
    """The messages of one day."""

    date: date
    total: int
    sent: int
    delivered: int
    failed: int


class CampaignDay(Told):
    """The campaigns of one day."""

    date: date
    total: int
    completed: int
    sending: int
    failed: int


class Trends(RootModel[list[MessageDay] | list[CampaignDay]]):
    """`/api/analytics/trends`: every UTC day of the range, oldest first."""


class TopCampaign(Told):
    """A completed campaign and what became of its messages."""

    id: str
    name: str
    createdAt: datetime  # noqa: N815
    totalCount: int  # noqa: N815
    sentCount: int  # noqa: N815
    deliveredCount: int  # noqa: N815
    failedCount: int  # noqa: N815
    deliveryRate: float = Field(description="deliveredCount ÷ totalCount × 100.")  # noqa: N815


class TopCampaigns(RootModel[list[TopCampaign]]):
    """`/api/analytics/top-campaigns`: the highest delivery rate first."""


class SendHour(Told):
    """Messages sent in one hour of the day."""

    hour: int
    totalSent: int  # noqa: N815
    delivered: int
    deliveryRate: float = Field(description="delivered ÷ totalSent × 100.")  # noqa: N815


class SendDay(Told):
    """Messages sent on one day of the week."""

    dayOfWeek: int = Field(description="0 is Sunday.")  # noqa: N815
    totalSent: int  # noqa: N815
    delivered: int
    deliveryRate: float = Field(description="delivered ÷ totalSent × 100.")  # noqa: N815


class BestSendTimes(Told):
    """`/api/analytics/best-send-times`: hours and days of the organization's own zone."""

    byHour: list[SendHour]  # noqa: N815
    byDayOfWeek: list[SendDay]  # noqa: N815


class Subscription(Told):
    """The running subscription."""

    id: str
    plan_type: str
    billing_interval: str
    status: str
    paid_through: date | None
    current_period_end: datetime | None
    next_billing_date: date | None
    provider: str


class Credits(Told):
    """Credits that are left."""

    available: int = Field(description="Bought ones; below 0 when more was sent than paid for.")
    included: int = Field(description="Those left of what the running subscription includes.")
    total: int


class PortalUrls(Told):
    """Where the customer goes."""

    customer_portal: str | None
    subscription_management: str | None


class CreditProduct(Told):
    """Credits that can be bought."""

    id: str
    name: str
    credits_amount: int
    price_cents: int


class BillingStatus(Told):
    """`/api/billing/status`."""

    organization_id: str
    brand: str
    billing_status: Literal["active", "past_due", "suspended", "overage_warning", "archived"]
    pricing_model: Literal["unlimited", "per_message", "full_service"]
    subscription: Subscription | None
    credits: Credits
    portal_urls: PortalUrls
    available_credit_products: list[CreditProduct]


class CreditBalance(Told):
    """`/api/credits/balance`."""

    balance: int = Field(description="The same as `credits.available` of the billing status.")


class Failure(Told):
    """An error response."""

    error: str
    statusCode: int  # noqa: N815
