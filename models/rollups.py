"""Rollup tiers, the outbox of differences that feeds them, and the watermark that says how far they are.

    raw rows ──differences──▶ outbox ──refresh──▶ minute, quarter, day, month …

A tier's key holds no NULL, and `slot` counts its unit: UTC minutes or quarters by their first minute
since 1970, the organization's own days since 1970-01-01, its months since year 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.agents import TRANSFERS
from models.base import TENANT_KEY, Base, BigId, Utc, month_of_day
from models.billing import CREDITS
from models.campaigns import CAMPAIGNS
from models.chatbot import AI_CALLS, FLOW_RUNS, KEYWORD_HITS, SESSIONS
from models.contacts import CONTACTS, OPT_INS
from models.deliverability import MAILBOX_DAYS
from models.engagements import ENGAGEMENTS
from models.fact import Clock, Dimension, Fact
from models.inbox import INBOX, INBOX_TAGS
from models.messages import MESSAGES
from models.orders import ORDERS
from models.recipients import RECIPIENTS
from models.webhooks import WEBHOOKS
from models.workflows import WORKFLOW_ENTRIES

FACTS: tuple[Fact, ...] = (
    MESSAGES,
    ENGAGEMENTS,
    WEBHOOKS,
    CAMPAIGNS,
    CONTACTS,
    CREDITS,
    MAILBOX_DAYS,
    OPT_INS,
    ORDERS,
    WORKFLOW_ENTRIES,
    FLOW_RUNS,
    KEYWORD_HITS,
    AI_CALLS,
    TRANSFERS,
)
VIEWS: tuple[Fact, ...] = (
    RECIPIENTS,
    INBOX,
    INBOX_TAGS,
    SESSIONS,
)  # worked out from raw rows, never rolled up
MINUTE, QUARTER, DAY, MONTH = "minute", "quarter", "day", "month"
DETAILED, DAILY = "detailed", "daily"  # the horizons of retention


@dataclass(frozen=True, eq=False)
class Tier:
    """One rollup table: `unit` is its width, `dimensions` what it can still be split by.

    The clock SENT is asked for hours of the week, so only quarters of an hour hold it.
    """

    name: str
    fact: Fact
    unit: str
    dimensions: tuple[Dimension, ...]
    table: sa.Table
    slot_of: Callable[[sa.Table], sa.ColumnElement[Any]]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of its dimensions."""
        return frozenset(one.name for one in self.dimensions)

    @cached_property
    def clocks(self) -> tuple[Clock, ...]:
        """The clocks it is counted on."""
        return tuple(c for c in self.fact.clocks if c is not Clock.SENT or self.unit == QUARTER)

    @property
    def goes_at(self) -> str | None:
        """The horizon below which retention takes its slots, if a coarser tier of the fact knows them too."""
        units = {tier.unit for tier in TIERS[self.fact]} if self.fact.expires else set()
        if self.unit == DAY:
            return DAILY if MONTH in units else None
        coarser = {MINUTE: {QUARTER, DAY}, QUARTER: {DAY}}
        return DETAILED if units & coarser.get(self.unit, set()) else None

    @property
    def is_local(self) -> bool:
        """Whether its slots are days or months of the organization's own zone."""
        return self.unit in (DAY, MONTH)


def _minute(outbox: sa.Table) -> sa.ColumnElement[Any]:
    return outbox.c.minute


def _quarter(outbox: sa.Table) -> sa.ColumnElement[Any]:
    return outbox.c.minute - outbox.c.minute % 15


def _day(outbox: sa.Table) -> sa.ColumnElement[Any]:
    return outbox.c.day


def _month(outbox: sa.Table) -> sa.ColumnElement[Any]:
    return month_of_day(outbox.c.day)


def _columns(fact: Fact, dimensions: tuple[Dimension, ...], keyed: bool) -> list[sa.Column[Any]]:
    return [
        *(sa.Column(d.name, sa.String, primary_key=keyed, nullable=False) for d in dimensions),
        *(sa.Column(s.name, sa.BigInteger, nullable=False) for s in fact.sums),
    ]


def _outbox(fact: Fact) -> sa.Table:
    # A heap without a key: rows are only ever appended, read all at once and deleted.
    return sa.Table(
        f"{fact.name}_outbox",
        Base.metadata,
        sa.Column(TENANT_KEY, sa.BigInteger, nullable=False),
        sa.Column("clock", sa.SmallInteger, nullable=False),
        sa.Column("minute", sa.Integer, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        *_columns(fact, fact.dimensions, keyed=False),
    )


def _tier(fact: Fact, name: str, unit: str, slot_of: Callable[[sa.Table], Any], narrow: bool) -> Tier:
    dimensions = tuple(d for d in fact.dimensions if not (narrow and d.wide))
    table = sa.Table(
        f"{fact.name}_{name}",
        Base.metadata,
        sa.Column(TENANT_KEY, sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("clock", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
        *_columns(fact, dimensions, keyed=True),
        sqlite_with_rowid=False,  # the key is the table: ranges of slots lie side by side
    )
    if any(d.name == "campaign" for d in dimensions):
        sa.Index(None, table.c[TENANT_KEY], table.c.clock, table.c.campaign, table.c.slot)
    if unit == MINUTE:
        sa.Index(None, table.c.slot)  # every refresh looks for minutes to forget
    return Tier(name, fact, unit, dimensions, table, slot_of)


def _tiers(fact: Fact) -> tuple[Tier, ...]:
    """Those the fact wants, coarsest first; a slim tier, without the wide dimensions, before its full one."""
    made = {
        "month": (MONTH, _month, False),
        "day": (DAY, _day, False),
        "slim_quarter": (QUARTER, _quarter, True),
        "quarter": (QUARTER, _quarter, False),
        "minute": (MINUTE, _minute, True),
    }
    return tuple(_tier(fact, name, *shape) for name, shape in made.items() if name in fact.tiers)


OUTBOXES: dict[Fact, sa.Table] = {fact: _outbox(fact) for fact in FACTS}
TIERS: dict[Fact, tuple[Tier, ...]] = {fact: _tiers(fact) for fact in (*FACTS, *VIEWS)}


class Watermark(Base):
    """Up to where a fact of an organization is counted, and how often its numbers have moved.

    `counted_from` is the first minute that its tiers know of: when they were counted, retention had already
    taken the raw rows before. 0 when they have known it all.
    """

    __tablename__ = "watermarks"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    fact: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[datetime] = mapped_column(Utc)
    revision: Mapped[int] = mapped_column(sa.BigInteger)
    counted_from: Mapped[int] = mapped_column(sa.Integer, default=0)


class Intake(Base):
    """What an organization has sent so far. Its row is the lock that makes one batch follow another."""

    __tablename__ = "intake"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    batches: Mapped[int] = mapped_column(sa.BigInteger)
    records: Mapped[int] = mapped_column(sa.BigInteger)
    changed: Mapped[int] = mapped_column(sa.BigInteger)


class RefreshLock(Base):
    """The one row that a refresh or a rebuild holds while it works.

    `minutes_from` is the first minute that every minute tier still holds whole; it only ever rises.
    """

    __tablename__ = "refresh_lock"

    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str]
    minutes_from: Mapped[int] = mapped_column(sa.Integer)
