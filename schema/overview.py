"""Dashboards: every kind of number over one window, as totals and as series."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models import MESSAGES
from resolvers.periods import Window
from schema.context import Context
from schema.families import CAMPAIGN, CONTACT, CREDIT, ENGAGEMENT, MESSAGE, totals_field, trend_field
from schema.time import Granularity, WindowInput, WindowType, window_of


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
    messages = trend_field(MESSAGE, "LOGGED", "Messages over time.")
    engagements = trend_field(ENGAGEMENT, "CLICKS", "Opens, clicks and replies over time.")
    campaigns = trend_field(CAMPAIGN, "TOTAL", "Campaigns by when they were created.")
    contacts = trend_field(CONTACT, "TOTAL", "Contacts by when they were created.")
    credits = trend_field(CREDIT, "PURCHASED", "Entries of the credit ledger over time.")


async def overview(here: Context, window: WindowInput | None, timezone: str | None) -> Overview:
    """The overview of a window."""
    name = timezone or here.caller.organization.timezone
    span = window_of(window, name, here.now)
    as_of = (await here.loaders.mark(MESSAGES.name)).as_of
    return Overview(span=span, timezone=name, window=WindowType(start=span.start, end=span.end), as_of=as_of)
