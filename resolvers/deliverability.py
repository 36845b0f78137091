"""What is known of sending domains: their mailboxes, and what blacklists say of their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import MAILBOX_DAYS, Domain, IpAddress, IpCheck, Mailbox, Ratio
from resolvers.scope import mine, own


@dataclass(frozen=True)
class Blacklists:
    """The latest check of each address by each provider, summed up."""

    is_any_listed: bool
    addresses_checked: int
    last_check: datetime | None


def health_score(sums: dict[str, int]) -> float | None:
    """The score of mailbox days, weighted by what was sent; the plain mean when nothing was."""
    weighted = MAILBOX_DAYS.measures["health_score"], MAILBOX_DAYS.measures["plain_health_score"]
    scores = (score.of(sums) for score in weighted if isinstance(score, Ratio))
    return next((score for score in scores if score is not None), None)


async def has_domain(db: AsyncConnection, organization_id: int, domain: str) -> bool:
    """Whether there is such a domain."""
    select = mine(sa.select(Domain.id).where(Domain.id == domain), organization_id)
    return (await db.execute(select)).first() is not None


async def mailboxes_of(db: AsyncConnection, organization_id: int, domain: str) -> tuple[str, ...]:
    """The ids of a domain's mailboxes."""
    select = mine(sa.select(Mailbox.id).where(Mailbox.domain_id == domain), organization_id)
    return tuple(sorted((await db.execute(select)).scalars()))


async def blacklists(db: AsyncConnection, organization_id: int, domain: str | None) -> Blacklists:
    """What blacklists say of the addresses of a domain, or of all."""
    rank = sa.func.row_number().over(
        partition_by=(IpCheck.ip_id, IpCheck.provider), order_by=(IpCheck.at.desc(), IpCheck.id.desc())
    )
    checks = mine(
        sa.select(IpCheck.ip_id, IpCheck.is_listed, IpCheck.at, rank.label("age")), organization_id
    ).subquery("checks")
    latest = (await db.execute(sa.select(checks).where(checks.c.age == 1))).all()
    if domain is not None:
        served = await _addresses_of(db, organization_id, domain)
        latest = [row for row in latest if row.ip_id in served]
    return Blacklists(
        any(row.is_listed for row in latest),
        len({row.ip_id for row in latest}),
        max((row.at for row in latest), default=None),
    )


async def _addresses_of(db: AsyncConnection, organization_id: int, domain: str) -> set[str]:
    table = IpAddress.__table__
    select = sa.select(table.c.id, table.c.domain_ids).where(own(table, organization_id))
    return {row.id for row in await db.execute(select) if domain in orjson.loads(row.domain_ids)}
