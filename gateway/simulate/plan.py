"""What to simulate: whose traffic, from when to when and how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.simulate.tenants import TENANTS, Tenant
from models.errors import InvalidInput, InvalidRange

DEMO_DAYS = 120
DEMO_EVENTS = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A simulation. The same plan gives the same bytes.

    `messages` is about how many messages each organization sends; `events`, about how many records
    come out of all organizations together, counts when `messages` is None.
    """

    start: datetime
    end: datetime
    seed: int = 1
    organizations: tuple[Tenant, ...] = TENANTS
    messages: int | None = None
    events: int | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise InvalidInput("The start and the end of a simulation need an offset, such as Z.")
        if self.start >= self.end:
            raise InvalidRange
        if (self.messages is None) == (self.events is None):
            raise InvalidInput(
                "Say either how many messages each organization sends or how many events come out."
            )
        if not self.organizations:
            raise InvalidInput("A simulation needs an organization.")

    def messages_of(self, tenant: Tenant) -> int:
        """About how many messages `tenant` sends."""
        if self.messages is not None:
            return self.messages
        weights = sum(each.weight for each in self.organizations)
        return round((self.events or 0) * tenant.weight / weights / tenant.records_per_message)

    @property
    def expected_records(self) -> float:
        """About how many records come out."""
        return sum(self.messages_of(each) * each.records_per_message for each in self.organizations)


def demo_plan(now: datetime) -> Plan:
    """Four months of five small organizations, up to the hour of `now`; about 100,000 records."""
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return Plan(start=end - timedelta(days=DEMO_DAYS), end=end, seed=7, events=DEMO_EVENTS)
