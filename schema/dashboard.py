"""The dashboard: contacts, messages, campaigns and the chatbot at a glance, of a period that runs."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import CAMPAIGNS, CONTACTS, MESSAGES, Clock, Fact
from resolvers.filters import Where
from resolvers.periods import Granularity, Window
from resolvers.question import Question
from schema.answering import totals
from schema.arguments import Zone
from schema.context import Context, context
from schema.enums import enum_of
from schema.families import CAMPAIGN, MESSAGE, SESSION, Family
from schema.scalars import BigInt, Number
from schema.senders import Account, through
from schema.time import WindowInput, WindowType, running

DashboardPeriod: Any = enum_of(
    "DashboardPeriod",
    "A period that runs: from where it began until now.",
    {
        "day": "Since midnight.",
        "week": "Since Monday.",
        "month": "Since the first of the month.",
        "year": "Since the first of January.",
    },
)
COMPLETED: Where = (("status", ("completed",)),)


@strawberry.type(description="How many contacts there are, and how fast they become more.")
class DashboardContacts:
    total: BigInt = strawberry.field(description="All contacts there are now.")
    created_today: BigInt = strawberry.field(description="Contacts created today, deleted ones included.")
    created_this_week: BigInt = strawberry.field(description="Contacts created since Monday, likewise.")
    at_start: BigInt = strawberry.field(description="How many there were when the window began.")
    growth: BigInt = strawberry.field(description="Contacts created less contacts deleted in the window.")
    growth_percent: Number | None = strawberry.field(
        description="100 × growth ÷ atStart; null when there were none."
    )


@dataclass(frozen=True)
class _Spans:
    """The window of the dashboard, and the running day, week and month."""

    window: Window
    today: Window
    week: Window
    month: Window


@strawberry.type(description="An organization at a glance.")
class Dashboard:
    spans: strawberry.Private[_Spans]
    zone: strawberry.Private[str]
    where: strawberry.Private[Where]
    window: WindowType = strawberry.field(description="The period, until now.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")

    @strawberry.field(description="Contacts, whatever account is asked for: they belong to none.")
    async def contacts(self, info: Info) -> DashboardContacts:
        return await _growth(context(info), self.spans, self.zone)

    @strawberry.field(graphql_type=MESSAGE.metrics, description="The messages of the period.")
    async def messages(self, info: Info) -> Any:
        return await self._totals(MESSAGE, info, self.spans.window)

    @strawberry.field(graphql_type=MESSAGE.metrics, description="The messages of today.")
    async def messages_today(self, info: Info) -> Any:
        return await self._totals(MESSAGE, info, self.spans.today)

    @strawberry.field(graphql_type=CAMPAIGN.metrics, description="All campaigns there are, by status.")
    async def campaigns(self, info: Info) -> Any:
        return await totals(CAMPAIGN, info, None, self.zone, ())

    @strawberry.field(description="Campaigns that were completed since the first of the month.")
    async def campaigns_completed_this_month(self, info: Info) -> BigInt:
        here = context(info)
        found = await _sums(
            here, CAMPAIGNS, ("finished",), self.spans.month, self.zone, Clock.HAPPENED, COMPLETED
        )
        return BigInt(found["finished"])

    @strawberry.field(graphql_type=SESSION.metrics, description="The chatbot's conversations of the period.")
    async def sessions(self, info: Info) -> Any:
        return await self._totals(SESSION, info, self.spans.window)

    @strawberry.field(graphql_type=SESSION.metrics, description="The chatbot's conversations of today.")
    async def sessions_today(self, info: Info) -> Any:
        return await self._totals(SESSION, info, self.spans.today)

    async def _totals(self, family: Family, info: Info, span: Window) -> Any:
        return await totals(family, info, span, self.zone, self.where)


async def _growth(here: Context, spans: _Spans, zone: str) -> DashboardContacts:
    net = ("created", "deleted")
    until_now = Window(spans.window.start, max(spans.window.end, spans.today.end))
    all_, today, week, inside, since = await asyncio.gather(
        _sums(here, CONTACTS, ("total",), None, zone, Clock.CREATED),
        _sums(here, CONTACTS, ("created",), spans.today, zone, Clock.CREATED),
        _sums(here, CONTACTS, ("created",), spans.week, zone, Clock.CREATED),
        _sums(here, CONTACTS, net, spans.window, zone, Clock.HAPPENED),
        _sums(here, CONTACTS, net, until_now, zone, Clock.HAPPENED),
    )
    base = all_["total"] - (since["created"] - since["deleted"])
    growth = inside["created"] - inside["deleted"]
    return DashboardContacts(
        total=BigInt(all_["total"]),
        created_today=BigInt(today["created"]),
        created_this_week=BigInt(week["created"]),
        at_start=BigInt(base),
        growth=BigInt(growth),
        growth_percent=100 * growth / base if base else None,
    )


async def _sums(
    here: Context,
    fact: Fact,
    names: tuple[str, ...],
    span: Window | None,
    zone: str,
    clock: Clock,
    where: Where = (),
) -> dict[str, int]:
    await here.loaders.mark(fact.mark)
    question = Question(fact, here.caller.organization.id, names, span, None, zone, where=where, clock=clock)
    return (await here.loaders.tables.load(question)).total()


@strawberry.type
class DashboardFields:
    """The root field of the dashboard."""

    @strawberry.field(description="Contacts, messages, campaigns and the chatbot of a period at a glance.")
    async def dashboard(
        self,
        info: Info,
        period: Annotated[
            DashboardPeriod, strawberry.argument(description="Which period.")
        ] = DashboardPeriod.MONTH,
        window: Annotated[
            WindowInput | None, strawberry.argument(description="A window instead of a period.")
        ] = None,
        account: Account = None,
        timezone: Zone = None,
    ) -> Dashboard:
        here = context(info)
        zone = here.zone(timezone)
        day, week, month = (
            running(unit, zone, here.now) for unit in (Granularity.DAY, Granularity.WEEK, Granularity.MONTH)
        )
        chosen = running(Granularity(period.value), zone, here.now)
        span = chosen if window is None else here.window(window, zone)
        return Dashboard(
            spans=_Spans(span, day, week, month),
            zone=zone,
            where=await through(here, account),
            window=WindowType(start=span.start, end=span.end),
            as_of=(await here.loaders.mark(MESSAGES.mark)).as_of,
        )
