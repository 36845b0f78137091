"""The one way to read a number: a question goes to the store, part by part, and comes back as a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import TIERS, Clock, Fact
from models.errors import TooManyGroups
from resolvers.counting import lines
from resolvers.filters import Where, dimension, kept
from resolvers.kept import left_out
from resolvers.periods import Granularity, day_start, first_day, moment
from resolvers.plan import parts, plan
from resolvers.question import Home, Question, Table
from resolvers.scope import own
from resolvers.statement import prepared, raw

MAX_CELLS = 2_000_000


async def answer(db: AsyncConnection, question: Question, home: Home) -> Table:
    """Ask the store. Raises TooManyGroups, and Expired when there are no buckets to say so."""
    table = Table(question.buckets, question.fact.parts(question.measures))
    asked = parts(question, home)
    if table.buckets is not None and asked != [question]:
        table.expired = left_out(table.buckets, [part.window for part in asked if part.window is not None])
    for part in asked:
        found = await db.execute(*prepared(part, plan(part, home), home))
        _add(table, question, found.all())
    return table


async def first_moment(
    db: AsyncConnection, fact: Fact, organization_id: int, home: Home, where: Where = ()
) -> datetime | None:
    """The first moment by which a fact counts anything that a filter keeps, to the minute with one; None when
    there is nothing. Where retention has taken raw rows, its first month of anything knows."""
    if home.kept.since(fact, None) and TIERS[fact]:
        months = TIERS[fact][0].table
        first = sa.select(sa.func.min(months.c.slot)).where(own(months, organization_id))
        slot = (await db.execute(first)).scalar_one()
        return None if slot is None else moment(day_start(home.zone, first_day(Granularity.MONTH, slot)))
    rows = raw(fact, organization_id)
    if not where:
        return (await db.execute(sa.select(sa.func.min(rows.c[fact.time.key])))).scalar_one()
    splits = tuple(fact.split(name) for name in sorted({dimension(fact, name) for name, _ in where}))
    source = lines(fact, rows, (Clock.CREATED,), (fact.sums[0].name,), None, splits)
    wanted = kept(fact, organization_id, where, source.c.__getitem__)
    first = (await db.execute(sa.select(sa.func.min(source.c.minute)).where(*wanted))).scalar_one()
    return None if first is None else moment(first)


def _add(table: Table, question: Question, rows: Any) -> None:
    """Add the rows of a statement into the answer."""
    size = 1 if table.buckets is None else len(table.buckets)
    place = {} if table.buckets is None else {key: i for i, key in enumerate(table.buckets.keys)}
    skip = 0 if table.buckets is None else 1
    first = skip + len(question.by)
    for row in rows:
        group = tuple(row[skip:first])
        held = table.groups.get(group)
        if held is None:
            if size * (len(table.groups) + 1) * len(table.sums) > MAX_CELLS:
                raise TooManyGroups(max_cells=MAX_CELLS)
            held = table.groups[group] = {name: [0] * size for name in table.sums}
        at = place[row[0]] if skip else 0
        for name, value in zip(table.sums, row[first:], strict=True):
            held[name][at] += value or 0
