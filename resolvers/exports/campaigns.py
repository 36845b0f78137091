"""Campaigns as a list, newest first, with everything ever counted of their messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

from models import MESSAGES, Campaign
from resolvers.campaigns import CampaignFilter, campaign_page
from resolvers.exports.measures import at, measure_cells, measure_columns
from resolvers.exports.source import Asking, Params, Rows, Source
from resolvers.formats.columns import Column, Kind, Row, moment, text
from resolvers.question import Question, Table

PAGE = 100
MEASURES = tuple(MESSAGES.measures)


class CampaignsParams(Params):
    """Which campaigns."""

    statuses: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None

    @property
    def chosen(self) -> CampaignFilter:
        """The same as a filter."""
        return CampaignFilter(self.statuses, self.channels, self.start, self.end)


def _columns(_: CampaignsParams) -> tuple[Column, ...]:
    return (
        *(text(name) for name in ("campaign_id", "campaign_name", "channel", "status")),
        Column("audience_size", Kind.WHOLE, "contacts"),
        *(moment(name) for name in ("created_at", "scheduled_at", "started_at", "completed_at")),
        *measure_columns(MESSAGES, MEASURES),
    )


async def _rows(asking: Asking, params: CampaignsParams) -> Rows:
    question = Question(MESSAGES, asking.organization.id, MEASURES, by=("campaign",))
    async for page in campaign_pages(asking, params.chosen, PAGE):
        table = await asking.table(about(question, page))
        yield await asyncio.to_thread(lambda page=page, table=table: [_row(one, table) for one in page])


async def campaign_pages(
    asking: Asking, chosen: CampaignFilter, size: int
) -> AsyncIterator[Sequence[Campaign]]:
    """All the campaigns that are chosen, newest first, `size` at a time."""
    after, has_more = None, True
    while has_more:
        page = await campaign_page(asking.db, asking.organization.id, chosen, size, after)
        if page.rows:
            yield page.rows
            after = (page.rows[-1].created_at, page.rows[-1].id)
        has_more = page.has_more


def about(question: Question, campaigns: Sequence[Campaign]) -> Question:
    """The question narrowed to these campaigns."""
    return replace(question, where=(("campaign", tuple(sorted(one.id for one in campaigns))),))


def sums_of(table: Table, campaign: Campaign) -> dict[str, list[int]]:
    """What was counted of a campaign, bucket by bucket; zeros, when nothing was."""
    size = 1 if table.buckets is None else len(table.buckets)
    return table.groups.get((campaign.id,), {name: [0] * size for name in table.sums})


def _row(one: Campaign, table: Table) -> Row:
    cells = measure_cells(MESSAGES, MEASURES, at(sums_of(table, one), 0))
    return (
        *(one.id, one.name, one.channel, one.status, one.audience_size),
        *(one.created_at, one.scheduled_at, one.started_at, one.completed_at),
        *cells,
    )


CAMPAIGN_LIST = Source(
    "campaigns",
    "Campaigns, newest first, with everything ever counted of their messages.",
    MESSAGES,
    CampaignsParams,
    _columns,
    _rows,
)
