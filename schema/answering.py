"""Questions for buckets and for totals of a family: understood, and answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from strawberry.types import Info

from models.errors import InvalidInput
from resolvers.filters import CAMPAIGN, Where, about_campaign
from resolvers.limits import check_page
from resolvers.periods import Window
from resolvers.question import Question
from resolvers.series import Series, series, series_of_campaigns
from schema.context import Context, context
from schema.metrics import asked, chosen, of_table, of_tables, selected
from schema.pages import Answered, Page, Place, answered, opened
from schema.rows import Rows
from schema.time import Clock, Comparison, Granularity, WindowInput, lifetime_of, since

if TYPE_CHECKING:
    from schema.families import Family

MAX_GROUP_BY = 2
SHOW_MARK = {"as_of", "explain", "page_info"}  # cursors pin it


@dataclass(frozen=True)
class Asked:
    """The arguments of a question for buckets, as GraphQL gave them."""

    metric: Any
    window: WindowInput | None
    granularity: Granularity
    timezone: str | None
    group_by: list[Any] | None
    filter: Any
    clock: Clock
    compare_to: Comparison | None
    first: int | None
    after: str | None
    as_of: datetime | None
    clip: bool = False

    def zone(self, here: Context) -> str:
        """The zone that cuts the buckets."""
        return here.zone(self.timezone)

    def question(
        self, family: Family, here: Context, measures: tuple[str, ...], span: Window, campaign: str | None
    ) -> Question:
        """The question about a span, of one campaign or of the whole organization."""
        groups = check_groups(self.group_by)
        check_clock(family, self.clock)
        where = chosen(family.fact, self.filter)
        if campaign is not None:
            check_campaign_groups(groups)
            where = about_campaign(campaign, where)
        return Question(
            family.fact,
            here.caller.organization.id,
            measures,
            span,
            self.granularity,
            self.zone(here),
            groups,
            where,
            self.clock,
            self.clip,
        )

    def shape(self, question: Question) -> list[Any]:
        """What a cursor pins, apart from the ends of the window: those move, so it keeps them itself."""
        return [
            self.metric.value,
            repr(self.window),
            self.granularity,
            question.zone,
            question.by,
            question.where,
            self.clock,
            self.compare_to,
            self.clip,
        ]


async def span_of(family: Family, here: Context, given: WindowInput | None, zone: str) -> Window:
    """The window meant; where all time begins is read from the store."""
    lifetime = lifetime_of(given)
    if lifetime is None:
        return here.window(given, zone)
    return since(await here.loaders.first(family.fact) or here.now, lifetime, zone, here.now)


def span_in(here: Context, given: WindowInput | None, timezone: str | None) -> Window | None:
    """The window meant; None for all time, where none is given."""
    return None if given is None else here.window(given, here.zone(timezone))


@dataclass(frozen=True)
class _Meant:
    """A question for buckets as it was understood: the page of it that is wanted, and its watermark."""

    family: Family
    here: Context
    asked: Asked
    names: frozenset[str]
    question: Question
    place: Place

    @property
    def as_of(self) -> datetime | None:
        """The watermark that is pinned, by the cursor or by the caller."""
        return min((mark for mark in (self.place.as_of, self.asked.as_of) if mark is not None), default=None)

    @property
    def shows_mark(self) -> bool:
        """Whether the watermark is seen in the answer."""
        return bool(self.names & SHOW_MARK)

    def told(self, found: Series) -> Answered:
        """A series as its page."""
        page = Page(found, self.asked.metric.value, self.place.start, self.asked.first, self.names)
        return answered(self.here, page, lambda: self.asked.shape(found.asked))


async def _meant(family: Family, info: Info, asked: Asked, campaign: str | None) -> _Meant:
    """What a question for buckets means. Raises what is wrong with it."""
    here, names = context(info), selected(info)
    several = selected(info, "metrics") if "metrics" in names else set()
    measures = (asked.metric.value, *(name for name in family.fact.measures if name in several))
    span = await span_of(family, here, asked.window, asked.zone(here))
    question = asked.question(family, here, tuple(dict.fromkeys(measures)), span, campaign)
    if asked.first is not None:
        check_page(asked.first, here.caller.plan.max_buckets)
    place = opened(here, asked.after, lambda: asked.shape(question))
    if place.window is not None:
        question = replace(question, window=place.window)
    return _Meant(family, here, asked, names, question, place)


async def ask(family: Family, info: Info, asked: Asked, campaign: str | None = None) -> Answered:
    """Answer a question for buckets."""
    meant = await _meant(family, info, asked, campaign)
    loaders, totals = meant.here.loaders, "comparison" in meant.names
    found = await series(loaders, meant.question, asked.compare_to, meant.as_of, totals, meant.shows_mark)
    await asyncio.sleep(0)  # others may go first: what follows takes its time
    return meant.told(found)


async def ask_each(family: Family, info: Info, asked: Asked, campaigns: list[str]) -> list[Answered]:
    """Answer a question for buckets of each of some campaigns; one statement for all of them."""
    if asked.compare_to is not None or asked.after is not None:
        return await asyncio.gather(*(ask(family, info, asked, campaign) for campaign in campaigns))
    meant = await _meant(family, info, asked, None)
    check_campaign_groups(meant.question.by)
    loaders = meant.here.loaders
    found = await series_of_campaigns(loaders, meant.question, campaigns, meant.as_of, meant.shows_mark)
    return [meant.told(one) for one in found]


async def totals(
    family: Family, info: Info, window: Window | None, zone: str, where: Where, clock: Clock = Clock.CREATED
) -> Any:
    """Every measure that is selected, over a window or all time, as the family's type."""
    question = await _totals(family, info, window, zone, where, clock)
    return of_table(family.fact, await context(info).loaders.tables.load(question))


async def totals_each(
    family: Family,
    info: Info,
    window: Window | None,
    zone: str,
    where: Where,
    clock: Clock,
    campaigns: list[str],
) -> Rows:
    """The same of each of some campaigns; one statement for all of them."""
    question = await _totals(family, info, window, zone, where, clock)
    tables = await context(info).loaders.of_campaigns(question, campaigns)
    return of_tables(family.fact, [tables[campaign] for campaign in campaigns])


async def _totals(
    family: Family, info: Info, window: Window | None, zone: str, where: Where, clock: Clock
) -> Question:
    here = context(info)
    check_clock(family, clock)
    measures = asked(info, family.fact) or (next(iter(family.fact.measures)),)
    organization_id = here.caller.organization.id
    await here.loaders.progress()  # before the numbers: these may be newer, never older
    return Question(family.fact, organization_id, measures, window, None, zone, where=where, clock=clock)


def check_groups(group_by: list[Any] | None) -> tuple[str, ...]:
    """The names of the dimensions to split by. Raises InvalidInput."""
    groups = tuple(dimension.value for dimension in group_by or ())
    if len(groups) > MAX_GROUP_BY or len(set(groups)) != len(groups):
        raise InvalidInput(f"'groupBy' takes up to {MAX_GROUP_BY} different dimensions.")
    return groups


def check_campaign_groups(groups: tuple[str, ...]) -> None:
    """Raises InvalidInput for groups that a campaign's own series cannot have."""
    if CAMPAIGN in groups:
        raise InvalidInput("A campaign's own series cannot be grouped by CAMPAIGN.")


def check_clock(family: Family, clock: Clock) -> None:
    """Raises InvalidInput when the fact does not know the clock."""
    if clock not in family.fact.clocks:
        raise InvalidInput(f"The clock {clock.name} is for messages only.")
