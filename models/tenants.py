"""Who there is: organizations, what vendors call them, their plans and their API keys.

These tables are small and looked up before a tenant is known, so a cluster keeps a copy on every node.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc

OURS = "heliograph"  # the realm of our own slugs among the aliases


@dataclass(frozen=True)
class Plan:
    """What an organization has bought: how fine its buckets and how long its answers may be, in buckets and
    in values (`max_cost`, see schema/cost.py)."""

    code: str
    max_granularity: str
    max_buckets: int = 10_000
    max_cost: int = 100_000


PLANS: tuple[Plan, ...] = (
    Plan("payg", "day"),
    Plan("starter", "day"),
    Plan("growth", "hour"),
    Plan("scale", "minute", max_cost=200_000),
    Plan("custom", "minute", max_cost=200_000),
    Plan("unlimited", "minute", max_cost=200_000),
)


class Organization(Base):
    """A tenant."""

    __tablename__ = "organizations"
    __table_args__ = (sa.UniqueConstraint("slug"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    timezone: Mapped[str]
    plan: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Utc)


class OrganizationAlias(Base):
    """What a vendor calls an organization; unique inside the vendor."""

    __tablename__ = "organization_aliases"

    realm: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey(Organization.id))


class ApiKey(Base):
    """A key: only a keyed hash of it is stored. `scopes` are separated by spaces."""

    __tablename__ = "api_keys"

    hash: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey(Organization.id), index=True)
    prefix: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    scopes: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)
    last_used_at: Mapped[datetime | None] = mapped_column(Utc)


class Instance(Base):
    """The one row about this installation: the secret that hashes keys and signs cursors."""

    __tablename__ = "instance"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Utc)


SHARED_TABLES: frozenset[str] = frozenset(
    {"organizations", "organization_aliases", "api_keys", "instance", "persisted_documents"}
)
