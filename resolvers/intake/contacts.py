"""Contacts and what they want, with the source that events copy from their contact."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from models import CONTACTS, OPT_INS, Contact, ContactEvent, Organization
from resolvers.intake.fold import Told, later
from resolvers.intake.rows import Row, merged, rows_of


async def take_contacts(
    db: AsyncConnection, organization: Organization, contacts: dict[str, Told], events: dict[str, Told]
) -> int:
    """Merge contacts and their events; says how many rows changed."""
    sources: dict[str, str] = {}
    moved: list[str] = []

    def merge(held: Row | None, news: Told) -> Row:
        row = later(held, news)
        sources[row["id"]] = row["source"]
        if row["source"] != (held["source"] if held else ""):
            moved.append(row["id"])
        return row

    changed = await merged(db, organization, Contact.__table__, contacts, merge, CONTACTS)
    table = ContactEvent.__table__
    found = await rows_of(db, organization.id, table, table.c.contact_id, moved)
    rows = {**{row["id"]: row for row in found}, **events}
    before = await rows_of(db, organization.id, table, table.c.id, events)  # they may name other contacts
    strangers = {row["contact_id"] for row in (*rows.values(), *before)} - sources.keys()
    for row in await rows_of(db, organization.id, Contact.__table__, Contact.__table__.c.id, strangers):
        sources[row["id"]] = row["source"]

    def copied(held: Row | None, news: Told) -> Row:
        row = later(held and {**held, "contact_source": ""}, {**news, "contact_source": ""})
        return {**row, "contact_source": sources.get(row["contact_id"], "")}

    return len(changed) + len(await merged(db, organization, table, rows, copied, OPT_INS))
