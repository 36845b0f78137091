"""Buckets that are told anew whenever they move."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from time import monotonic
from typing import Any

import strawberry

from models.engine import is_outage
from resolvers.changes import Row, Told, Watch
from resolvers.periods import Window
from resolvers.pulse import Beat, is_over, told
from resolvers.series import Series
from schema.answering import Asked
from schema.context import Context
from schema.families import (
    AI_CALL,
    CAMPAIGN,
    CONTACT,
    CREDIT,
    ENGAGEMENT,
    FLOW_RUN,
    KEYWORD_HIT,
    MAILBOX_DAY,
    MESSAGE,
    OPT_IN,
    ORDER,
    RECIPIENT,
    SESSION,
    TRANSFER,
    WEBHOOK,
    WORKFLOW_ENTRY,
    Family,
)
from schema.pages import key_of
from schema.questions import input_of, question_fields
from schema.scalars import BigInt, Number
from schema.sizes import PER_BUCKET, PER_GROUP
from schema.time import Granularity, State, WindowType, lifetime_of, since

FAMILIES = {
    "messages": (MESSAGE, "Messages."),
    "engagements": (ENGAGEMENT, "Opens, clicks and replies."),
    "webhooks": (WEBHOOK, "Webhook deliveries."),
    "campaigns": (CAMPAIGN, "Campaigns."),
    "contacts": (CONTACT, "Contacts."),
    "opt_ins": (OPT_IN, "Changes of what contacts want."),
    "orders": (ORDER, "Orders."),
    "workflow_entries": (WORKFLOW_ENTRY, "Ways of contacts through workflows."),
    "recipients": (RECIPIENT, "Contacts that campaigns reached."),
    "credits": (CREDIT, "Entries of the credit ledger."),
    "mailbox_days": (MAILBOX_DAY, "The health of mailboxes."),
    "sessions": (SESSION, "Conversations of the bot."),
    "flow_runs": (FLOW_RUN, "Ways of conversations through flows."),
    "keyword_hits": (KEYWORD_HIT, "Keywords."),
    "ai_calls": (AI_CALL, "Calls of language models."),
    "transfers": (TRANSFER, "Conversations handed to persons."),
}


def _questions() -> Any:
    """One question of any family."""
    body: dict[str, Any] = {"__annotations__": {}}
    maybe: Any = strawberry.Maybe
    for name, (family, about) in FAMILIES.items():
        told_of = f"Which buckets to tell of. {family.fact.about}"
        question = input_of(f"{family.buckets.__name__}Question", told_of, question_fields(family))
        body["__annotations__"][name] = maybe[question]
        body[name] = strawberry.field(default=None, description=about)
    made = type("BucketsQuestion", (), body)
    return strawberry.input(made, one_of=True, description="Buckets of one kind; give exactly one.")


BucketsQuestion: Any = _questions()


@strawberry.type(description="The value of one group in one bucket.")
class ChangedGroup:
    key: list[str] = strawberry.field(
        description="The group: one text for each dimension of `groupBy`, '' for none."
    )
    value: Number | None = strawberry.field(description="The metric of this group.")


@strawberry.type(
    description="One bucket as it is now; it takes the place of what was told of the same `start`."
)
class ChangedBucket:
    start: datetime = strawberry.field(description="Where it starts.")
    end: datetime = strawberry.field(description="Where it ends: the first moment outside.")
    state: State = strawberry.field(description="How much of it is counted.")
    value: Number | None = strawberry.field(
        description="The metric asked for; null when nothing is counted yet, or no longer kept."
    )
    groups: list[ChangedGroup] | None = strawberry.field(
        description="Each group that has anything in it: of those not named a sum is 0, a ratio null. Null "
        "without `groupBy`, and where nothing is counted.",
        metadata=PER_GROUP,
    )


@strawberry.type(description="What has moved since the last time, or first of all the whole series.")
class BucketsChange:
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")
    revision: BigInt = strawberry.field(description="Grows whenever numbers of this kind have moved.")
    is_whole: bool = strawberry.field(
        description="Whether `buckets` are all of the window: what was told before is to be forgotten."
    )
    granularity: Granularity = strawberry.field(description="The width of the buckets.")
    timezone: str = strawberry.field(description="The IANA zone that cuts them.")
    window: WindowType = strawberry.field(
        description="The window, widened to whole buckets. It moves on: buckets that start before it are to "
        "be forgotten."
    )
    bucket_count: int = strawberry.field(description="How many buckets the window has.")
    total: Number | None = strawberry.field(
        description="The metric over the whole window; null when some of it is no longer kept."
    )
    buckets: list[ChangedBucket] = strawberry.field(
        description="Those that are new or have moved, oldest first.", metadata=PER_BUCKET
    )


async def bucket_changes(here: Context, question: Any) -> AsyncGenerator[BucketsChange]:
    """The series, then whatever moves in it, for as long as somebody listens. Raises what the field of the
    same buckets would, and Unavailable when the store has been away for a minute."""
    [name] = [name for name in FAMILIES if getattr(question, name)]
    live = Live(FAMILIES[name][0], getattr(question, name).value)
    beat, away_since = None, None
    async with here.pulse.listen(here.caller) as heart:
        while True:
            beat = await heart.after(beat)
            try:
                # others wait for the same answers: they must come when this one hangs up
                change = await asyncio.shield(live.look(here.at(beat), beat))
                away_since = None
            except Exception as error:
                away_since = away_since or monotonic()
                if not live.has_begun or not is_outage(error) or is_over(away_since):
                    raise told(error) from error
                continue
            if change is not None:
                yield change


class Live:
    """A question of one listener, and what that listener has been told."""

    def __init__(self, family: Family, wanted: Any) -> None:
        self._family, self._metric = family, wanted.metric.value
        given = (wanted.metric, wanted.window, wanted.granularity, wanted.timezone, wanted.group_by)
        self._asked = Asked(*given, wanted.filter, wanted.clock, None, None, None, None, wanted.clip)
        self._watch, self._told = Watch(), Told()
        self._first: tuple[object, datetime | None] = None, None
        self.has_begun = False

    async def look(self, here: Context, beat: Beat) -> BucketsChange | None:
        """What has moved at this beat; None when nothing has."""
        span = await self._span(here, beat)
        question = self._asked.question(self._family, here, (self._metric,), span, None)
        found = await self._watch.look(beat, question)
        here.budget.spend(len(found.buckets) * (4 + 2 * len(found.groups)))
        news = self._told.news(found, self._metric)
        self.has_begun = True
        return None if news is None else self._change(beat, found, *news)

    async def _span(self, here: Context, beat: Beat) -> Window:
        """The window as it lies now; where all time begins is read again only when something came in."""
        zone = self._asked.zone(here)
        lifetime = lifetime_of(self._asked.window)
        if lifetime is None:
            return here.window(self._asked.window, zone)
        moves = (beat.progress.batches, beat.progress.kept)
        if self._first[0] != moves:
            self._first = moves, await here.loaders.first(self._family.fact)
        return since(self._first[1] or here.now, lifetime, zone, here.now)

    def _change(self, beat: Beat, found: Series, is_whole: bool, rows: list[Row]) -> BucketsChange:
        window, question = found.buckets.window, found.question
        assert question.granularity is not None
        return BucketsChange(
            as_of=found.as_of,
            revision=BigInt(beat.progress.marks[question.fact.mark].revision),
            is_whole=is_whole,
            granularity=question.granularity,
            timezone=question.zone,
            window=WindowType(start=window.start, end=window.end),
            bucket_count=len(found.buckets),
            total=found.total(self._metric),
            buckets=[_bucket(row) for row in rows],
        )


def _bucket(row: Row) -> ChangedBucket:
    groups = None if row.groups is None else [ChangedGroup(key=key_of(g), value=v) for g, v in row.groups]
    return ChangedBucket(start=row.start, end=row.end, state=row.state, value=row.value, groups=groups)
