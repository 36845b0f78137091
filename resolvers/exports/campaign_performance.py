"""How campaigns did in a window: a row for each of them, or for each of them and each day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from models import MESSAGES, Campaign
from models.errors import NotFound
from resolvers.caller import Caller
from resolvers.campaigns import CampaignFilter, campaigns_by_id
from resolvers.exports.campaigns import about, campaign_pages, sums_of
from resolvers.exports.measures import measure_cells, measure_columns
from resolvers.exports.performance import DATE, MEASURES, PerformanceParams, by_date, check_performance
from resolvers.exports.source import Asking, Rows, Source
from resolvers.formats.columns import Column, Row, moment, text
from resolvers.periods import buckets
from resolvers.question import Question, Table

PAGE = 100
CELLS = 250_000  # numbers asked for at once


class CampaignPerformanceParams(PerformanceParams):
    """Of these campaigns; without any, of all that were created in the window or did anything in it."""

    campaigns: tuple[str, ...] | None = None


def _columns(params: CampaignPerformanceParams) -> tuple[Column, ...]:
    return (
        *((DATE,) if params.granularity else ()),
        *(text("campaign_id"), text("campaign_name")),
        *(moment("created_at"), moment("started_at"), text("status")),
        *measure_columns(MESSAGES, MEASURES),
    )


async def _check(db: AsyncConnection, caller: Caller, params: CampaignPerformanceParams) -> None:
    await check_performance(db, caller, params)
    named = params.campaigns or ()
    known = await campaigns_by_id(db, caller.organization.id, named) if named else {}
    for name in named:
        if name not in known:
            raise NotFound(f"There is no campaign '{name}'.", campaign=name)


async def _rows(asking: Asking, params: CampaignPerformanceParams) -> Rows:
    question = params.question(asking.organization.id, ("campaign",))
    async for page in _pages(asking, params, question):
        asked = about(question, page)
        table = await asking.table(asked)
        chosen = [one for one in page if _takes_part(one, params, table)]
        yield await asyncio.to_thread(
            lambda asked=asked, table=table, chosen=chosen: [
                row for one in chosen for row in _of_one(asking, asked, table, one)
            ]
        )


async def _pages(
    asking: Asking, params: CampaignPerformanceParams, question: Question
) -> AsyncIterator[Sequence[Campaign]]:
    """The campaigns, so many at a time that one question about them all is not too much."""
    size = _size(params, question)
    if params.campaigns is None:
        async for page in campaign_pages(asking, CampaignFilter(end=params.window.end), size):
            yield page
        return
    for first in range(0, len(params.campaigns), size):
        ids = params.campaigns[first : first + size]
        found = await campaigns_by_id(asking.db, asking.organization.id, ids)
        yield [found[name] for name in ids if name in found]


def _size(params: CampaignPerformanceParams, question: Question) -> int:
    if params.granularity is None:
        return PAGE
    places = len(buckets(params.window, params.granularity, params.zone))
    return max(1, min(PAGE, CELLS // (places * len(question.fact.sums))))


def _takes_part(one: Campaign, params: CampaignPerformanceParams, table: Table) -> bool:
    return params.campaigns is not None or one.created_at >= params.window.start or (one.id,) in table.groups


def _of_one(asking: Asking, question: Question, table: Table, one: Campaign) -> Iterator[Row]:
    labels = (one.id, one.name, one.created_at, one.started_at, one.status)
    for day, sums in by_date(asking, question, table, sums_of(table, one)):
        yield (*day, *labels, *measure_cells(MESSAGES, MEASURES, sums))


CAMPAIGN_PERFORMANCE = Source(
    "campaign_performance",
    "How each campaign did in a window: a row for each of them, or for each of them and each day.",
    MESSAGES,
    CampaignPerformanceParams,
    _columns,
    _rows,
    _check,
)
