"""Records that come too late: retention took the rows they are about, which must not count twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, MESSAGES, Forgotten
from models.records import EventRecord, MessageRecord, Record
from resolvers.bulk import keys_parameter
from resolvers.counting import among
from resolvers.intake.fold import KEPT
from resolvers.scope import mine
from resolvers.watermarks import horizon_of

TOO_LATE = "it is about something older than what is kept (retention)"
_EXPIRING = {fact.table: fact.name for fact in FACTS if fact.expires and fact.part_of is None}


async def too_late(db: AsyncConnection, organization_id: int, records: Sequence[Record]) -> frozenset[int]:
    """The places of the records about rows that are gone."""
    if not (await horizon_of(db, organization_id)).detailed:
        return frozenset()
    places: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, record in enumerate(records):
        if (row := _row_of(record)) is not None:
            places[row[0]][row[1]].append(place)
    found: list[int] = []
    for fact, by_id in places.items():
        dialect = db.dialect.name
        gone = sa.select(Forgotten.id).where(Forgotten.fact == fact, among(_ids(), dialect))
        rows = await db.execute(mine(gone, organization_id), {"keys": keys_parameter(list(by_id), dialect)})
        found += [place for key in rows.scalars() for place in by_id[key]]
    return frozenset(found)


def _ids() -> sa.ColumnElement[str]:
    return Forgotten.__table__.c.id


def _row_of(record: Record) -> tuple[str, str] | None:
    """The fact and the id of the row that a record is about, if retention may take it."""
    if isinstance(record, EventRecord):
        return MESSAGES.name, record.message_id
    if isinstance(record, MessageRecord):
        return MESSAGES.name, record.id
    fact = _EXPIRING.get(KEPT[type(record)][0])
    return None if fact is None else (fact, record.id)
