"""Who asks: the organization a key belongs to, and what the key may do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from models import Organization, Plan
from models.errors import MissingScope
from resolvers.organizations import plan_of

METRICS_READ, EVENTS_WRITE, EXPLAIN_SQL = "metrics:read", "events:write", "explain:sql"
SCOPES: tuple[str, ...] = (METRICS_READ, EVENTS_WRITE, EXPLAIN_SQL)


@dataclass(frozen=True)
class Caller:
    """One authenticated organization; `subject` is the user that a token speaks for."""

    organization: Organization
    scopes: frozenset[str]
    key_prefix: str
    subject: str = ""

    @cached_property
    def rights(self) -> tuple[int, str, str, frozenset[str]]:
        """All of who asks that an answer depends on: the organization, its zone and plan, and the scopes."""
        organization = self.organization
        return organization.id, organization.timezone, organization.plan, self.scopes

    @cached_property
    def plan(self) -> Plan:
        """What the organization has bought."""
        return plan_of(self.organization)

    def need(self, scope: str) -> None:
        """Raises MissingScope unless the key carries the scope."""
        if scope not in self.scopes:
            raise MissingScope(f"This key does not carry the scope '{scope}'.", required_scope=scope)
