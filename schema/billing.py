"""Billing: how the organization pays, and what credits it has left."""

from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.types import Info

from models import CREDITS, BillingAccount
from models import CreditProduct as CreditProductRow
from models import Subscription as SubscriptionRow
from resolvers.billing import billing
from resolvers.credits import balance, pricing_model
from schema.context import Context, context
from schema.enums import enum_of
from schema.scalars import BigInt

BillingHealth: Any = enum_of(
    "BillingHealth",
    "Whether an account is in good standing.",
    {
        "active": "Everything is paid.",
        "past_due": "A payment is overdue.",
        "suspended": "Sending is stopped until it is paid.",
        "overage_warning": "More is used than was bought.",
        "archived": "The account is closed.",
    },
)
PricingModel: Any = enum_of(
    "PricingModel",
    "What messages cost.",
    {
        "unlimited": "Nothing beside the subscription: messages draw no credits.",
        "per_message": "Bought credits.",
        "full_service": "Credits included with the subscription first, then bought ones.",
    },
)


@strawberry.type(description="What the organization pays for again and again.")
class BillingSubscription:
    id: strawberry.ID = strawberry.field(description="What its provider calls it.")
    plan_type: str = strawberry.field(description="What was subscribed to.")
    billing_interval: str = strawberry.field(description="How often it is paid, such as monthly.")
    status: str = strawberry.field(description="Its state in its provider's word, such as active.")
    paid_through: date | None = strawberry.field(description="The last day that is paid.")
    current_period_end: datetime | None = strawberry.field(description="When the running period ends.")
    next_billing_date: date | None = strawberry.field(description="When it is paid next.")
    provider: str = strawberry.field(description="Who collects the money.")


@strawberry.type(description="Credits that can be bought.")
class CreditProduct:
    id: strawberry.ID = strawberry.field(description="What its seller calls it.")
    name: str = strawberry.field(description="Its name.")
    credits: BigInt = strawberry.field(description="How many credits it holds.")
    price_cents: BigInt = strawberry.field(description="What it costs, in cents.")


@strawberry.type(description="What credits are left: the ledger's entries less what messages drew.")
class Credits:
    purchased: BigInt = strawberry.field(description="Bought ones; below 0 when more was sent than paid for.")
    included: BigInt = strawberry.field(description="Those left of what the running subscription includes.")
    total: BigInt = strawberry.field(description="purchased + included.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")


@strawberry.type(description="How the organization pays. Until a record tells, nothing is owed.")
class BillingStatus:
    brand: str = strawberry.field(description="Under whose name it is billed.")
    status: BillingHealth = strawberry.field(description="Whether it is in good standing.")
    pricing_model: PricingModel = strawberry.field(description="What messages cost.")
    subscription: BillingSubscription | None = strawberry.field(
        description="The running subscription; null when only credits are bought."
    )
    customer_portal_url: str | None = strawberry.field(description="Where the customer sees invoices.")
    subscription_management_url: str | None = strawberry.field(
        description="Where the subscription is changed."
    )
    credit_products: list[CreditProduct] = strawberry.field(description="What can be bought, cheapest first.")

    @strawberry.field(description="What credits are left.")
    async def credits(self, info: Info) -> Credits:
        return await credits(context(info))


async def billing_status(here: Context) -> BillingStatus:
    """How the organization pays."""
    organization = here.caller.organization
    async with here.loaders.store.reading() as db:
        found = await billing(db, organization.id)
        pricing = await pricing_model(db, organization.id, found.account)
    account = found.account or BillingAccount(brand="", status="active")
    return BillingStatus(
        brand=account.brand or organization.name,
        status=BillingHealth(account.status),
        pricing_model=PricingModel(pricing),
        subscription=_subscription(found.subscription),
        customer_portal_url=account.customer_portal_url,
        subscription_management_url=account.subscription_management_url,
        credit_products=[_product(row) for row in found.products],
    )


async def credits(here: Context) -> Credits:
    """What credits the organization has left."""
    mark = await here.loaders.mark(CREDITS.name)
    left = await balance(here.loaders, here.now)
    return Credits(
        purchased=BigInt(left.purchased),
        included=BigInt(left.included),
        total=BigInt(left.total),
        as_of=mark.as_of,
    )


def _subscription(row: SubscriptionRow | None) -> BillingSubscription | None:
    if row is None:
        return None
    return BillingSubscription(
        id=strawberry.ID(row.id),
        plan_type=row.plan_type,
        billing_interval=row.billing_interval,
        status=row.status,
        paid_through=row.paid_through,
        current_period_end=row.current_period_end,
        next_billing_date=row.next_billing_date,
        provider=row.provider,
    )


def _product(row: CreditProductRow) -> CreditProduct:
    return CreditProduct(
        id=strawberry.ID(row.id),
        name=row.name,
        credits=BigInt(row.credits),
        price_cents=BigInt(row.price_cents),
    )


@strawberry.type
class BillingFields:
    """The root fields of billing."""

    @strawberry.field(description="How the organization pays.")
    async def billing_status(self, info: Info) -> BillingStatus:
        return await billing_status(context(info))

    @strawberry.field(description="What credits are left.")
    async def credits(self, info: Info) -> Credits:
        return await credits(context(info))
