"""Dashboards: every kind of number over one window, as totals and as series."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from models import MESSAGES
from resolvers.periods import Window
from schema.arguments import Clipped, Last30Days, Zone
from schema.context import context
from schema.families import CAMPAIGN, CONTACT, CREDIT, ENGAGEMENT, MESSAGE, totals_field, trend_field
from schema.sizes import NUMBERS
from schema.time import Granularity, WindowInput, WindowType


@strawberry.type(description="What happened in a window. Each number can be filtered by itself.")
class Overview:
    span: strawberry.Private[Window]
    timezone: str = strawberry.field(description="The IANA zone of the window.")
    window: WindowType = strawberry.field(description="The span that is counted.")
    as_of: datetime = strawberry.field(description="Up to here every message that had come in is counted.")
    messages = totals_field(MESSAGE, "The messages of the window.")
    engagements = totals_field(ENGAGEMENT, "Opens, clicks and replies, every single one counted.")
    campaigns = totals_field(CAMPAIGN, "The campaigns created in the window, with the status they have now.")
    contacts = totals_field(CONTACT, "The contacts created in the window; see `contacts` for all there are.")
    credits = totals_field(CREDIT, "Entries of the credit ledger.")


@strawberry.type(description="Series of several kinds over the same buckets.")
class Trends:
    window: strawberry.Private[WindowInput | None]
    timezone: strawberry.Private[str]
    granularity: strawberry.Private[Granularity]
    clip: strawberry.Private[bool]
    messages = trend_field(MESSAGE, "Messages over time.")
    engagements = trend_field(ENGAGEMENT, "Opens, clicks and replies over time.")
    campaigns = trend_field(CAMPAIGN, "Campaigns by when they were created.")
    contacts = trend_field(CONTACT, "Contacts by when they were created.")
    credits = trend_field(CREDIT, "Entries of the credit ledger over time.")


async def overview(info: Info, window: WindowInput | None, timezone: str | None) -> Overview:
    """The overview of a window."""
    here = context(info)
    name = here.zone(timezone)
    span = here.window(window, name)
    as_of = await here.as_of(info, MESSAGES.name)
    return Overview(span=span, timezone=name, window=WindowType(start=span.start, end=span.end), as_of=as_of)


@strawberry.type
class OverviewFields:
    """The root fields of dashboards."""

    @strawberry.field(
        description="Every kind of number about one window: the top of a dashboard.", metadata=NUMBERS
    )
    async def overview(self, info: Info, window: Last30Days = None, timezone: Zone = None) -> Overview:
        return await overview(info, window, timezone)

    @strawberry.field(
        description="Series of several kinds over the same buckets: the charts of a dashboard.",
        metadata=NUMBERS,
    )
    def trends(
        self,
        info: Info,
        window: Last30Days = None,
        granularity: Annotated[
            Granularity, strawberry.argument(description="How wide the buckets are.")
        ] = Granularity.DAY,
        timezone: Zone = None,
        clip: Clipped = False,
    ) -> Trends:
        name = context(info).zone(timezone)
        return Trends(window=window, timezone=name, granularity=granularity, clip=clip)
