"""Records that come too late: retention took the rows they are about, which must not count twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import FACTS, MESSAGES, Forgotten, Order
from models.orders import CLICK_REACHES
from models.records import OrderRecord, Record, quick
from resolvers.bulk import keys_parameter
from resolvers.counting import among
from resolvers.intake.fold import KEPT
from resolvers.intake.rows import rows_of
from resolvers.periods import moment
from resolvers.scope import mine
from resolvers.watermarks import horizon_of

TOO_LATE = "it is about something older than what is kept (retention)"
_EXPIRING = {fact.table: fact.name for fact in FACTS if fact.expires and fact.part_of is None}


async def too_late(db: AsyncConnection, organization_id: int, records: Sequence[Record]) -> frozenset[int]:
    """The places of the records about rows that are gone."""
    since = (await horizon_of(db, organization_id)).detailed
    if not since:
        return frozenset()
    places: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, record in enumerate(records):
        if (row := _row_of(record)) is not None:
            places[row[0]][row[1]].append(place)
    found: list[int] = await _late_orders(db, organization_id, records, since)
    for fact, by_id in places.items():
        dialect = db.dialect.name
        gone = sa.select(Forgotten.id).where(Forgotten.fact == fact, among(_ids(), dialect))
        rows = await db.execute(mine(gone, organization_id), {"keys": keys_parameter(list(by_id), dialect)})
        found += [place for key in rows.scalars() for place in by_id[key]]
    return frozenset(found)


async def _late_orders(
    db: AsyncConnection, organization_id: int, records: Sequence[Record], since: int
) -> list[int]:
    """The places of orders so old that what they would be put down to may be gone; those that are there stay
    put down to what they were."""
    earliest = moment(since) + CLICK_REACHES
    late = [
        (place, record.id)
        for place, record in enumerate(records)
        if isinstance(record, OrderRecord) and record.at < earliest
    ]
    ids = Order.__table__.c.id
    known = {
        row["id"]
        for row in await rows_of(db, organization_id, Order.__table__, ids, (key for _, key in late))
    }
    return [place for place, key in late if key not in known]


def _ids() -> sa.ColumnElement[str]:
    return Forgotten.__table__.c.id


def _row_of(record: Record) -> tuple[str, str] | None:
    """The fact and the id of the row that a record is about, if retention may take it."""
    if quick.is_event(record):
        return MESSAGES.name, record.message_id
    if quick.is_message(record):
        return MESSAGES.name, record.id
    fact = _EXPIRING.get(KEPT[type(record)][0])
    return None if fact is None else (fact, record.id)
