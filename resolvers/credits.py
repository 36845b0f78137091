"""What credits an organization has left.

    purchased   what was bought and given back, without what ran out and what grants did not cover
    included    what is left of the grants that are valid today

Messages and debits draw, day by day in the organization's own zone, on the grants that are valid, the one
that runs out first before the others, and then on what was bought. A message counts on the day it was
made, so that what a failed one gives back goes where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import CREDITS, MESSAGES, BillingAccount, CreditEntry, Fact
from resolvers.billing import billing_account
from resolvers.loaders import Loaders
from resolvers.periods import Granularity, Window, day_start, local_day, minute, moment
from resolvers.question import Question, Table
from resolvers.scope import mine

UNLIMITED, PER_MESSAGE = "unlimited", "per_message"
ENTRIES = ("entries", "purchased", "refunded", "expired", "debited")
DRAWN = {"credits_drawn": 1, "credits_returned": -1}


@dataclass(frozen=True)
class Grant:
    """Credits included from the day `first` on, until before the day `end` (for ever when None)."""

    credits: int
    first: int
    end: int | None

    def is_valid(self, day: int) -> bool:
        """Whether they can be drawn on that day."""
        return self.first <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Balance:
    """Credits left: bought ones, which may be overdrawn, and those included with a subscription."""

    purchased: int
    included: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.purchased + self.included


async def pricing_model(loaders: Loaders, account: BillingAccount | None) -> str:
    """As told; before that, per message as soon as there is a ledger, and unlimited without one."""
    if account is not None:
        return account.pricing_model
    entries = (await _ask(loaders, CREDITS, ENTRIES)).total()["entries"]
    return PER_MESSAGE if entries else UNLIMITED


async def balance(loaders: Loaders, now: datetime) -> Balance:
    """What is left of the organization's credits."""
    organization = loaders.caller.organization
    async with loaders.store.reading() as db:
        account = await billing_account(db, organization.id)
        grants = await _grants(db, organization.id, organization.timezone)
    is_metered = await pricing_model(loaders, account) != UNLIMITED
    today = local_day(organization.timezone, minute(now))
    covered, included = draw(grants, await _drawn_by_day(loaders, grants, today, is_metered), today)
    entries = (await _ask(loaders, CREDITS, ENTRIES)).total()
    drawn = entries["debited"] + (await _drawn_ever(loaders) if is_metered else 0)
    bought = entries["purchased"] + entries["refunded"] - entries["expired"]
    return Balance(bought - (drawn - covered), included)


def draw(grants: Iterable[Grant], drawn: Iterable[tuple[int, int]], today: int) -> tuple[int, int]:
    """How much of what was drawn, as (day, credits), grants covered; and what the valid ones have left."""
    order = sorted(grants, key=lambda grant: (grant.end is None, grant.end, grant.first))
    left = [grant.credits for grant in order]
    covered = 0
    for day, wanted in drawn:
        open_credits = wanted
        for place, grant in enumerate(order):
            if grant.is_valid(day):
                taken = max(min(left[place], open_credits), 0)
                left[place] -= taken
                open_credits -= taken
                covered += taken
    return covered, sum(rest for rest, grant in zip(left, order, strict=True) if grant.is_valid(today))


async def _grants(db: AsyncConnection, organization_id: int, zone: str) -> list[Grant]:
    columns = (CreditEntry.credits, CreditEntry.at, CreditEntry.expires_at)
    select = mine(sa.select(*columns).where(CreditEntry.kind == "grant"), organization_id)
    day = lambda at: local_day(zone, minute(at))  # noqa: E731
    return [
        Grant(row.credits, day(row.at), None if row.expires_at is None else day(row.expires_at))
        for row in await db.execute(select)
    ]


async def _drawn_ever(loaders: Loaders) -> int:
    sums = (await _ask(loaders, MESSAGES, tuple(DRAWN))).total()
    return sum(sign * sums[name] for name, sign in DRAWN.items())


async def _drawn_by_day(
    loaders: Loaders, grants: list[Grant], today: int, is_metered: bool
) -> list[tuple[int, int]]:
    """What was drawn on each day on which a grant was valid, oldest first."""
    first = min((grant.first for grant in grants), default=today + 1)
    end = max((today + 1 if grant.end is None else min(grant.end, today + 1) for grant in grants), default=0)
    if end <= first:
        return []
    zone = loaders.caller.organization.timezone
    window = Window(moment(day_start(zone, first)), moment(day_start(zone, end)))
    debits = await _ask(loaders, CREDITS, ("debited",), window)
    drawn = _by_bucket(debits, {"debited": 1})
    if is_metered:
        messages = _by_bucket(await _ask(loaders, MESSAGES, tuple(DRAWN), window), DRAWN)
        drawn = [debit + message for debit, message in zip(drawn, messages, strict=True)]
    assert debits.buckets is not None
    return list(zip(debits.buckets.keys, drawn, strict=True))


async def _ask(
    loaders: Loaders, fact: Fact, measures: tuple[str, ...], window: Window | None = None
) -> Table:
    organization = loaders.caller.organization
    grain = None if window is None else Granularity.DAY
    return await loaders.tables.load(
        Question(fact, organization.id, measures, window, grain, organization.timezone)
    )


def _by_bucket(table: Table, weights: dict[str, int]) -> list[int]:
    """The weighted sums of a table, bucket by bucket."""
    assert table.buckets is not None
    totals = [0] * len(table.buckets)
    for sums in table.groups.values():
        for name, weight in weights.items():
            totals = [total + weight * value for total, value in zip(totals, sums[name], strict=True)]
    return totals
