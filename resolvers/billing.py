"""Billing: how an organization pays, its subscription, and what it can buy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import BillingAccount, CreditProduct, Subscription
from resolvers.scope import mine

OVER = ("canceled", "cancelled", "expired", "ended")  # states of a subscription that is no more


@dataclass(frozen=True)
class Billing:
    """What records have told of how an organization pays."""

    account: BillingAccount | None
    subscription: Subscription | None
    products: list[CreditProduct]


async def billing(db: AsyncConnection, organization_id: int) -> Billing:
    """The account and the running subscription last told of, and the products that can be bought, cheapest
    first."""
    account = await billing_account(db, organization_id)
    running = sa.select(Subscription.__table__).where(Subscription.status.not_in(OVER))
    subscription = await _latest(db, running, Subscription, organization_id)
    products = sa.select(CreditProduct.__table__).where(CreditProduct.is_active == sa.true())
    products = mine(products, organization_id).order_by(CreditProduct.price_cents, CreditProduct.id)
    rows = (await db.execute(products)).mappings()
    return Billing(
        account,
        None if subscription is None else Subscription(**subscription),
        [CreditProduct(**row) for row in rows],
    )


async def billing_account(db: AsyncConnection, organization_id: int) -> BillingAccount | None:
    """The account last told of."""
    select = sa.select(BillingAccount.__table__)
    row = await _latest(db, select, BillingAccount, organization_id)
    return None if row is None else BillingAccount(**row)


async def _latest(
    db: AsyncConnection, select: sa.Select[Any], kind: Any, organization_id: int
) -> dict[str, Any] | None:
    ordered = mine(select, organization_id).order_by(kind.updated_at.desc(), kind.id).limit(1)
    row = (await db.execute(ordered)).mappings().one_or_none()
    return None if row is None else dict(row)
