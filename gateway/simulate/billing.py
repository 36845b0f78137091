"""The account of an organization that pays ahead: a subscription that includes credits, and purchases.

messages handed off, campaigns to come → what is left, by an estimate → purchases
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count, pairwise, takewhile
from math import ceil, log10
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from gateway.simulate.calendar import Calendar, Record
from gateway.simulate.moments import DAY, HOUR, local, of, text
from gateway.simulate.tenants import Tenant, Terms
from models.zones import zone

MONTH = 30 * DAY
CREDITS_EACH = 1.5  # of a message, measured
INCLUDED = 0.5  # of a month's credits, about
SMALLEST = 0.4  # of a month's credits: the smallest product is the next round number below
PRODUCTS = ((1, 4_900), (5, 3_980), (25, 3_196))  # how many times the smallest; cents for 10,000 credits
LEAST = 10  # credits of a product
AHEAD = HOUR  # of a campaign: when its credits are made sure of


def months(start: int, there: ZoneInfo) -> Iterator[datetime]:
    """The first midnight of each month there, from the month of `start` on."""
    clock = local(start, there)
    for number in count(clock.year * 12 + clock.month - 1):
        yield datetime(number // 12, number % 12 + 1, 1, tzinfo=there)


def round_number(most: float) -> int:
    """The greatest of 10, 20, 50, 100, 200 … that is not above `most`; 10 when all are."""
    most = max(most, LEAST)
    power = 10 ** int(log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most)


class Billing:
    """What one organization is told to have paid and got; nothing of one without terms."""

    def __init__(self, tenant: Tenant, messages: int, calendar: Calendar, random: Random) -> None:
        month = messages * CREDITS_EACH * MONTH / (calendar.end - calendar.start)
        self._tenant = tenant
        self._calendar = calendar
        self._zone = zone(tenant.timezone)
        self._smallest = round_number(month * SMALLEST)
        self._low = self._smallest // 2
        self._included = max(round(month * INCLUDED / self._smallest), 1) * self._smallest
        self._prefix = f"pur_{random.getrandbits(24):06x}_"
        self._purchases = 0
        self._bought = 0  # and not used up in an earlier period
        self._used = 0  # in the present period
        self._turns = map(of, months(calendar.start, self._zone))
        self._until = next(self._turns)
        self._coming: list[tuple[int, int, int]] = []  # when, how many are drawn, how many soon will be

    def open(self) -> None:
        """Put into the calendar the account, its products and all its periods."""
        terms = self._tenant.billing
        if terms is None:
            return
        start, end = self._calendar.start, self._calendar.end
        for record in (self._account(terms), *self._products()):
            self._calendar.put(start, record)
        for first, following in takewhile(
            lambda period: of(period[0]) < end, pairwise(months(start, self._zone))
        ):
            for record in (self._subscription(terms, first, following), self._grant(first, following)):
                self._calendar.put(max(of(first), start), record)

    def expect(self, at: int, credits: int) -> None:
        """Know of a campaign at `at`: it would fail without the credits."""
        if credits:
            heappush(self._coming, (max(at - AHEAD, self._calendar.start), 0, credits))

    def draw(self, at: int, credits: int) -> None:
        """Know of a message that takes `credits`, or gives them back when they are below zero."""
        heappush(self._coming, (at, credits, 0))

    def live(self, until: int) -> None:
        """Put into the calendar the purchases before `until`; everything that draws by then must be known."""
        while self._coming and self._coming[0][0] < until:
            at, drawn, expected = heappop(self._coming)
            while at >= self._until:
                self._turn()
            self._used = max(self._used + drawn, 0)
            wanted = self._low + expected - self._left()
            if wanted > 0:
                self._buy(at, wanted)

    def _left(self) -> int:
        return self._included + self._bought - self._used

    def _turn(self) -> None:
        """What was included and is left is lost; the new period has its own."""
        self._bought -= max(self._used - self._included, 0)
        self._used = 0
        self._until = next(self._turns)

    def _buy(self, at: int, wanted: int) -> None:
        """Several at once of the largest product that is not more than wanted, or one of the smallest."""
        size, cents = next(
            (product for product in reversed(self._sizes()) if product[0] <= wanted), self._sizes()[0]
        )
        number = ceil(wanted / size)
        self._bought += number * size
        self._purchases += 1
        record = self._record(
            "credit_entry",
            f"{self._prefix}{self._purchases:05d}",
            kind="purchase",
            credits=number * size,
            at=text(at),
            amount_micros=number * cents * 10_000,
            reference=f"{number} × {size:,} Credits",
        )
        self._calendar.put(at, record)

    def _sizes(self) -> tuple[tuple[int, int], ...]:
        """Each product's credits and cents, the smallest first."""
        sizes = ((times * self._smallest, rate) for times, rate in PRODUCTS)
        return tuple((size, max(size * rate // 10_000, 1)) for size, rate in sizes)

    def _account(self, terms: Terms) -> Record:
        portal = f"https://billing.example/{self._tenant.slug}"
        return self._record(
            "billing_account",
            f"acct_{self._tenant.slug}",
            brand=terms.brand,
            status="active",
            pricing_model=terms.pricing_model,
            customer_portal_url=f"{portal}/portal",
            subscription_management_url=f"{portal}/subscription",
            updated_at=text(self._calendar.start),
        )

    def _products(self) -> Iterator[Record]:
        for place, (credits, cents) in enumerate(self._sizes(), start=1):
            yield self._record(
                "credit_product",
                f"prod_credits_{place}",
                name=f"{credits:,} Credits",
                credits=credits,
                price_cents=cents,
                is_active=True,
                updated_at=text(self._calendar.start),
            )

    def _subscription(self, terms: Terms, first: datetime, following: datetime) -> Record:
        return self._record(
            "subscription",
            f"sub_{self._tenant.slug}",
            plan_type=terms.plan_type,
            billing_interval="monthly",
            status="active",
            paid_through=str(following.date() - timedelta(days=1)),
            current_period_end=text(of(following)),
            next_billing_date=str(following.date()),
            provider=terms.provider,
            updated_at=text(of(first)),
        )

    def _grant(self, first: datetime, following: datetime) -> Record:
        return self._record(
            "credit_entry",
            f"grant_{self._tenant.slug}_{first:%Y_%m}",
            kind="grant",
            credits=self._included,
            at=text(of(first)),
            expires_at=text(of(following)),
            reference=f"sub_{self._tenant.slug}",
        )

    def _record(self, kind: str, name: str, /, **fields: Any) -> Record:
        return {"type": kind, "organization": self._tenant.slug, "id": name, **fields}
