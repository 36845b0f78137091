"""Organizations: enrolling them, and finding one by what somebody calls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, PLANS, Intake, Organization, OrganizationAlias, Plan, Watermark
from models.errors import InvalidInput, NotFound
from models.records import OrganizationRecord
from models.records.organizations import one_case
from models.tenants import OURS
from models.zones import zone
from resolvers.periods import moment
from resolvers.scope import mine
from resolvers.watermarks import horizon_of


@dataclass(frozen=True)
class Enrolled:
    """An organization as it now is, and whether its days begin elsewhere than before."""

    organization: Organization
    is_rezoned: bool


def plan_of(organization: Organization) -> Plan:
    """What the organization has bought."""
    return next(plan for plan in PLANS if plan.code == organization.plan)


async def enroll(db: AsyncConnection, record: OrganizationRecord, now: datetime) -> Enrolled:
    """Create the organization of this slug, or change what the record names of it. Raises InvalidInput."""
    if record.plan not in {plan.code for plan in PLANS}:
        known = ", ".join(plan.code for plan in PLANS)
        raise InvalidInput(f"There is no plan '{record.plan}'; there are {known}.")
    held = await find(db, OURS, record.id)
    values = {"name": record.name or record.id, "timezone": record.timezone, "plan": record.plan}
    if held is None:
        organization_id = await _create(db, record.id, values, now)
    else:
        organization_id = held.id
        told = {name: value for name, value in values.items() if name in record.model_fields_set}
        if told.get("timezone", held.timezone) != held.timezone:
            await _check_zone(db, held)
        if told:
            await db.execute(sa.update(Organization).where(Organization.id == organization_id).values(told))
    for realm, external_id in {OURS: record.id, **record.aliases}.items():
        await _name(db, realm, external_id, organization_id)
    organization = await find(db, OURS, record.id)
    assert organization is not None
    return Enrolled(organization, held is not None and held.timezone != organization.timezone)


async def find(db: AsyncConnection, realm: str, external_id: str) -> Organization | None:
    """The organization that `realm` (a vendor, or ours) calls `external_id`."""
    return await _one(
        db,
        sa.select(Organization.__table__)
        .join(OrganizationAlias, OrganizationAlias.organization_id == Organization.id)
        .where(OrganizationAlias.realm == realm, OrganizationAlias.external_id == _kept(realm, external_id)),
    )


async def find_among(
    db: AsyncConnection, realm: str, external_id: str, names_realm: str, names: tuple[str, ...]
) -> Organization | None:
    """The organization that `realm` calls `external_id`, if `names_realm` calls it one of `names`."""
    called, named = sa.orm.aliased(OrganizationAlias), sa.orm.aliased(OrganizationAlias)
    is_named = sa.exists().where(
        named.organization_id == Organization.id,
        named.realm == names_realm,
        named.external_id.in_([_kept(names_realm, name) for name in names]),
    )
    return await _one(
        db,
        sa.select(Organization.__table__)
        .join(called, called.organization_id == Organization.id)
        .where(called.realm == realm, called.external_id == _kept(realm, external_id), is_named),
    )


def _kept(realm: str, external_id: str) -> str:
    """As it is kept: a vendor's UUID in lower case, our own slugs as they are."""
    return external_id if realm == OURS else one_case(external_id)


async def called(db: AsyncConnection, realm: str, organization_id: int) -> str | None:
    """What `realm` calls the organization; of several names the first."""
    select = sa.select(sa.func.min(OrganizationAlias.external_id)).where(
        OrganizationAlias.realm == realm, OrganizationAlias.organization_id == organization_id
    )
    return (await db.execute(select)).scalar_one()


async def get(db: AsyncConnection, organization_id: int) -> Organization:
    """The organization of that number. Raises NotFound."""
    found = await _one(db, sa.select(Organization.__table__).where(Organization.id == organization_id))
    if found is None:
        raise NotFound("There is no such organization.")
    return found


async def every(db: AsyncConnection) -> list[Organization]:
    """All organizations, by slug."""
    rows = await db.execute(sa.select(Organization.__table__).order_by(Organization.slug))
    return [Organization(**row) for row in rows.mappings()]


async def _one(db: AsyncConnection, select: sa.Select[Any]) -> Organization | None:
    row = (await db.execute(select)).mappings().one_or_none()
    return None if row is None else Organization(**row)


async def _check_zone(db: AsyncConnection, held: Organization) -> None:
    """Raises InvalidInput when days are kept that cannot be counted anew in another zone."""
    await db.execute(mine(sa.update(Intake).values(batches=Intake.batches), held.id))
    kept = await horizon_of(db, held.id)
    if since := max(kept.detailed, kept.daily):
        day = moment(since).astimezone(zone(held.timezone)).date()
        raise InvalidInput(
            f"The time zone of '{held.slug}' cannot change any more: what came before {day} is kept as days "
            f"and months of {held.timezone} only (retention)."
        )


async def _create(db: AsyncConnection, slug: str, values: dict[str, Any], now: datetime) -> int:
    created = sa.insert(Organization).values(slug=slug, created_at=now, **values).returning(Organization.id)
    organization_id = (await db.execute(created)).scalar_one()
    await db.execute(
        sa.insert(Intake).values(organization_id=organization_id, batches=0, records=0, changed=0)
    )
    marks = [{"organization_id": organization_id, "fact": fact.name, "revision": 0} for fact in FACTS]
    await db.execute(sa.insert(Watermark), marks)
    return organization_id


async def _name(db: AsyncConnection, realm: str, external_id: str, organization_id: int) -> None:
    held = await find(db, realm, external_id)
    if held is None:
        row = {"realm": realm, "external_id": external_id, "organization_id": organization_id}
        await db.execute(sa.insert(OrganizationAlias).values(row))
    elif held.id != organization_id:
        raise InvalidInput(f"'{external_id}' is already what {realm} calls another organization.")
