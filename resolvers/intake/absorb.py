"""Told states into the tables of one organization, with the differences that its rollups will need.

Under the organization's lock and in the caller's transaction: read what is held, tell it the news, take
back what the changed rows counted for, write them, and count them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, Contact, ContactEvent, Intake, Order, Organization
from models.base import TENANT_KEY
from models.records import Record
from resolvers.intake.contacts import take_contacts
from resolvers.intake.fold import fold
from resolvers.intake.late import too_late
from resolvers.intake.messages import take_messages
from resolvers.intake.orders import take_orders
from resolvers.intake.rows import latest, merged
from resolvers.organizations import get
from resolvers.scope import WHOSE, mine

_FACT_OF = {fact.table: fact for fact in FACTS}
# One batch of an organization at a time, so that a row read here is not changed under our hands.
_LOCK = mine(sa.select(Intake.changed).with_for_update(), WHOSE)
# Until statistics know an organization, PostgreSQL takes it for empty and reads all of it to find a few rows.
_LEARN = sa.text("ANALYZE (SKIP_LOCKED) messages (organization_id)")
_COUNTS = {
    "batches": Intake.batches + 1,
    "records": Intake.records + sa.bindparam("told"),
    "changed": Intake.changed + sa.bindparam("moved"),
}
_TALLY = mine(sa.update(Intake).values(_COUNTS), sa.bindparam("whose"))


@dataclass(frozen=True)
class Absorbed:
    """How many rows changed, and the places of the records that came too late to be taken."""

    changed: int
    late: frozenset[int]


async def absorb(db: AsyncConnection, organization: Organization, records: Iterable[Record]) -> Absorbed:
    """Take the records in, but those about rows that retention took. Nothing is committed here."""
    given = list(records)
    before = (await db.execute(_LOCK, {TENANT_KEY: organization.id})).scalar_one()
    organization = await get(db, organization.id)  # its zone may have changed while we waited
    late = await too_late(db, organization.id, given)
    told = [record for place, record in enumerate(given) if place not in late]
    folded = fold(told)
    contacts, events, orders = (folded.kept.pop(one.__table__, {}) for one in (Contact, ContactEvent, Order))
    changed = await take_contacts(db, organization, contacts, events)
    for table, rows in folded.kept.items():
        changed += len(await merged(db, organization, table, rows, latest, _FACT_OF.get(table)))
    taken = await take_messages(db, organization, folded.messages, folded.events)
    changed += taken.changed + await take_orders(db, organization, orders, taken.touched)
    await _tally(db, organization.id, len(told), changed)
    if db.dialect.name == "postgresql" and _has_doubled(before, before + changed):
        await db.execute(_LEARN)
    return Absorbed(changed, late)


def _has_doubled(before: int, after: int) -> bool:
    return (before >> 12).bit_length() < (after >> 12).bit_length()


async def _tally(db: AsyncConnection, organization_id: int, records: int, changed: int) -> None:
    await db.execute(_TALLY, {"whose": organization_id, "told": records, "moved": changed})
