"""What credits an organization has left.

    purchased   what was bought and given back, without what ran out and what grants did not cover
    included    what is left of the grants that are valid now

The ledger begins with its first entry. From that day on messages and debits draw, day by day in the
organization's own zone, on the grants that are valid, the one that runs out first before the others, and
then on what was bought. A message counts on the day it was made, so that what a failed one gives back goes
where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import CREDITS, MESSAGES, BillingAccount, CreditEntry, Fact
from resolvers.billing import billing_account
from resolvers.loaders import Loaders
from resolvers.periods import Granularity, Window, day_start, local_day, minute, moment
from resolvers.plan import expired_of
from resolvers.question import Question, Table
from resolvers.scope import mine

UNLIMITED, PER_MESSAGE = "unlimited", "per_message"
BOUGHT = {"purchased": 1, "refunded": 1, "expired": -1}
DRAWN = {"credits_drawn": 1, "credits_returned": -1}
NEVER = 1 << 31  # a day that does not come


@dataclass(frozen=True)
class Grant:
    """Credits included from the day `first` on, to be drawn until before the day `end`, valid if `is_valid`
    now."""

    credits: int
    first: int
    end: int = NEVER
    is_valid: bool = True


@dataclass(frozen=True)
class Balance:
    """Credits left: bought ones, which may be overdrawn, and those included with a subscription."""

    purchased: int
    included: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.purchased + self.included


@dataclass(frozen=True)
class Ledger:
    """Since when there is a ledger, and its grants."""

    since: datetime | None
    grants: list[Grant]


async def pricing_model(db: AsyncConnection, organization_id: int, account: BillingAccount | None) -> str:
    """As told; before that, per message as soon as there is a ledger, and unlimited without one."""
    if account is not None:
        return account.pricing_model
    return UNLIMITED if await _since(db, organization_id) is None else PER_MESSAGE


async def balance(loaders: Loaders, now: datetime) -> Balance:
    """What is left of the organization's credits."""
    organization = loaders.caller.organization
    async with loaders.store.reading() as db:
        account = await billing_account(db, organization.id)
        is_metered = await pricing_model(db, organization.id, account) != UNLIMITED
        ledger = await _ledger(db, organization.id, organization.timezone, now)
    if ledger.since is None:
        return Balance(0, 0)
    window = _days(organization.timezone, ledger.since, now)
    entries = await _by_day(loaders, CREDITS, (*BOUGHT, "debited"), window)
    drawn = _added(entries, {"debited": 1})
    if is_metered:
        messages = _added(await _by_day(loaders, MESSAGES, tuple(DRAWN), window), DRAWN)
        drawn = [debit + message for debit, message in zip(drawn, messages, strict=True)]
    assert entries.buckets is not None
    covered, included = draw(ledger.grants, zip(entries.buckets.keys, drawn, strict=True))
    return Balance(sum(_added(entries, BOUGHT)) - sum(drawn) + covered, included)


def draw(grants: Iterable[Grant], drawn: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """How much of what was drawn, by day, the grants covered; and what those valid now have left."""
    order = sorted(grants, key=lambda grant: grant.first, reverse=True)
    coming, left = list(order), [grant.credits for grant in order]
    running: list[tuple[int, bool, int]] = []  # (end, is it valid still, place), the first to run out on top
    covered = 0
    for day, credits in drawn:
        while coming and coming[-1].first <= day:
            grant = coming.pop()
            heappush(running, (grant.end, grant.is_valid, len(coming)))
        wanted = credits
        while running and (wanted > 0 or running[0][0] <= day):
            end, _, place = running[0]
            if end > day:
                taken = min(left[place], wanted)
                left[place], wanted, covered = left[place] - taken, wanted - taken, covered + taken
            if end <= day or not left[place]:
                heappop(running)
    return covered, sum(rest for rest, grant in zip(left, order, strict=True) if grant.is_valid)


async def _since(db: AsyncConnection, organization_id: int) -> datetime | None:
    first = mine(sa.select(sa.func.min(CreditEntry.at)), organization_id)
    return (await db.execute(first)).scalar_one()


async def _ledger(db: AsyncConnection, organization_id: int, zone: str, now: datetime) -> Ledger:
    columns = (CreditEntry.credits, CreditEntry.at, CreditEntry.expires_at)
    select = mine(sa.select(*columns).where(CreditEntry.kind == "grant"), organization_id)
    grants = [_grant(row.credits, row.at, row.expires_at, zone, now) for row in await db.execute(select)]
    return Ledger(await _since(db, organization_id), grants)


def _grant(credits: int, at: datetime, expires_at: datetime | None, zone: str, now: datetime) -> Grant:
    first = local_day(zone, minute(at))
    if expires_at is None:
        return Grant(credits, first, NEVER, at <= now)
    last = local_day(zone, minute(expires_at))
    is_midnight = expires_at == moment(day_start(zone, last))  # then that day is none of its own any more
    return Grant(credits, first, last if is_midnight else last + 1, at <= now < expires_at)


def _days(zone: str, since: datetime, now: datetime) -> Window:
    """The days of the ledger, tomorrow included: records may be a few minutes ahead."""
    first = local_day(zone, minute(since))
    end = local_day(zone, minute(max(now, since) + timedelta(days=1))) + 1
    return Window(moment(day_start(zone, first)), moment(day_start(zone, end)))


async def _by_day(loaders: Loaders, fact: Fact, measures: tuple[str, ...], window: Window) -> Table:
    organization = loaders.caller.organization
    asked = Question(fact, organization.id, measures, window, Granularity.DAY, organization.timezone)
    table = await loaders.tables.load(asked)
    if table.expired:
        raise expired_of(asked, await loaders.home())
    return table


def _added(table: Table, weights: dict[str, int]) -> list[int]:
    """The weighted sums of a table, bucket by bucket."""
    assert table.buckets is not None
    totals = [0] * len(table.buckets)
    for sums in table.groups.values():
        for name, weight in weights.items():
            totals = [total + weight * value for total, value in zip(totals, sums[name], strict=True)]
    return totals
