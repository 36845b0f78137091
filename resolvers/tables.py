"""The one way to read a number: a question goes to the store, part by part, and comes back as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import add
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import TIERS, Clock, Fact, Tier
from models.engine import Store, rows
from models.errors import TooManyGroups
from resolvers.counting import lines
from resolvers.filters import Where, dimension, kept
from resolvers.kept import left_out
from resolvers.periods import Buckets, Granularity, day_start, first_day, moment
from resolvers.plan import planned
from resolvers.question import Home, Question, Table
from resolvers.scope import own
from resolvers.statement import prepared, raw

MAX_CELLS = 2_000_000


async def answer(db: AsyncConnection | Store, question: Question, home: Home) -> Table:
    """Ask the store. Raises TooManyGroups, and Expired when there are no buckets to say so."""
    table = Table(question.buckets, question.fact.parts(question.measures))
    asked = planned(question, home)
    if table.buckets is not None and [part for part, _ in asked] != [question]:
        windows = [part.window for part, _ in asked if part.window is not None]
        table.expired = left_out(table.buckets, windows)
    for part, tier in asked:
        _add(table, part, await _found(db, tier, *prepared(part, tier, home)))
    return table


async def _found(
    db: AsyncConnection | Store, tier: Tier | None, select: sa.Select[Any], values: dict[str, Any]
) -> Sequence[Any]:
    """The rows. Statements over tiers are built once, so the driver can be asked directly."""
    if isinstance(db, Store) and tier is None:
        async with db.reading() as connection:
            return await rows(connection, select, values)
    return await rows(db, select, values)


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
    told = raw(fact, organization_id)
    if not where:
        return (await db.execute(sa.select(sa.func.min(told.c[fact.time.key])))).scalar_one()
    splits = tuple(fact.split(name) for name in sorted({dimension(fact, name) for name, _ in where}))
    source = lines(fact, told, (Clock.CREATED,), (fact.sums[0].name,), None, splits)
    wanted = kept(fact, organization_id, where, source.c.__getitem__)
    first = (await db.execute(sa.select(sa.func.min(source.c.minute)).where(*wanted))).scalar_one()
    return None if first is None else moment(first)


def _add(table: Table, question: Question, found: Sequence[Any]) -> None:
    """Add the rows of a statement into the answer."""
    width, size = len(question.by), 1 if table.buckets is None else len(table.buckets)
    for row in found:
        group, columns = tuple(row[:width]), row[width:]
        if table.buckets is not None:
            keys, columns = columns[0], columns[1:]
            if not columns[0]:
                continue  # nothing at all, of no group
            assert question.buckets is not None
            columns = _spread(table.buckets, keys or question.buckets.listed, columns)
        else:
            columns = [[number or 0] for number in columns]
        held = table.groups.get(group)
        if held is not None:
            for name, column in zip(table.sums, columns, strict=True):
                held[name] = list(map(add, held[name], column))
            continue
        if size * (len(table.groups) + 1) * len(table.sums) > MAX_CELLS:
            raise TooManyGroups(max_cells=MAX_CELLS)
        table.groups[group] = dict(zip(table.sums, columns, strict=True))


def _spread(buckets: Buckets, keys: list[int], columns: Sequence[list[int]]) -> Sequence[list[int]]:
    """Columns with a number for each bucket, of columns that have one for each of these."""
    if keys is buckets.listed or keys == buckets.listed:
        return columns
    places, size = [buckets.places[key] for key in keys], len(buckets)
    first, end = places[0], places[-1] + 1
    if end - first == len(places) and places == list(range(first, end)):
        return [[*[0] * first, *column, *[0] * (size - end)] for column in columns]
    return [_placed(places, column, size) for column in columns]


def _placed(places: list[int], column: list[int], size: int) -> list[int]:
    found = [0] * size
    for place, number in zip(places, column, strict=True):
        found[place] = number
    return found
