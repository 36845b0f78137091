"""The inbox: what users did, and what happened under each tag."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models.errors import InvalidInput
from models.zones import zone
from resolvers import inbox as resolver
from resolvers.periods import Window
from resolvers.question import Question
from resolvers.shifts import Comparison, shifted
from schema.answering import span_of
from schema.arguments import Against, AllTime, Zone
from schema.context import Context, context
from schema.families import INBOX_TAG_WORK, INBOX_WORK, Family, buckets_field
from schema.metrics import Measures, chosen
from schema.time import WindowInput


@strawberry.type(description="A user and what they did in the inbox.")
class InboxUser:
    external_id: str = strawberry.field(description="What its sender calls them.")
    name: str = strawberry.field(description="Their name.")
    email: str = strawberry.field(description="Their e-mail address.")
    metrics: INBOX_WORK.metrics = strawberry.field(description="Every measure.")
    prior_metrics: INBOX_WORK.metrics | None = strawberry.field(
        description="The same in the window compared with; null without `compareTo`."
    )


@strawberry.type(description="A tag and what happened under it.")
class InboxTag:
    external_id: str = strawberry.field(description="What its sender calls it.")
    name: str = strawberry.field(description="Its name.")
    color: str = strawberry.field(description="Its color, such as #23ddcd.")
    metrics: INBOX_TAG_WORK.metrics = strawberry.field(description="Every measure.")
    prior_metrics: INBOX_TAG_WORK.metrics | None = strawberry.field(
        description="The same in the window compared with; null without `compareTo`."
    )


@strawberry.type(description="Conversations with contacts: who dealt with them, and how long it took.")
class Inbox:
    window: strawberry.Private[WindowInput | None]
    timezone: strawberry.Private[str]
    compare_to: strawberry.Private[Comparison | None]
    work = buckets_field(INBOX_WORK, "What users did over time.")

    @strawberry.field(description="Every user, by name, those who did nothing with zeros.")
    async def users(
        self,
        info: Info,
        filter: Annotated[
            INBOX_WORK.filter | None, strawberry.argument(description="Which conversations count.")
        ] = None,
    ) -> list[InboxUser]:
        rows = await _listed(self, context(info), INBOX_WORK, "user", filter, resolver.users)
        return [
            InboxUser(external_id=one.id, name=one.name, email=one.email, **metrics) for one, metrics in rows
        ]

    @strawberry.field(description="Every tag, by id, those that were not used with zeros.")
    async def tags(
        self,
        info: Info,
        filter: Annotated[
            INBOX_TAG_WORK.filter | None, strawberry.argument(description="Which conversations count.")
        ] = None,
    ) -> list[InboxTag]:
        rows = await _listed(self, context(info), INBOX_TAG_WORK, "tag", filter, resolver.tags)
        return [
            InboxTag(external_id=one.id, name=one.name, color=one.color, **metrics) for one, metrics in rows
        ]


Sums = dict[str, dict[str, int]]
Every = Callable[[Any, int], Awaitable[list[Any]]]  # a connection, an organization → rows


async def _listed(
    inbox: Inbox, here: Context, family: Family, split: str, filter: Any, every: Every
) -> list[tuple[Any, dict[str, Any]]]:
    """Every user or tag with its metrics, in the window and in the one that it is compared with."""
    name, by = inbox.timezone, inbox.compare_to
    if inbox.window is None and by is not None:
        raise InvalidInput("A comparison needs a 'window'; {lifetime: {}} is one.")
    span = None if inbox.window is None else await span_of(family, here, inbox.window, name)
    spans = {"metrics": span}
    if by is not None and span is not None:
        spans["prior_metrics"] = shifted(span, by, None, name)
    found = {field: await _sums(here, family, split, filter, span) for field, span in spans.items()}
    async with here.loaders.store.reading() as db:
        rows = await every(db, here.caller.organization.id)
    none: dict[str, Any] = {"prior_metrics": None}
    return [(row, none | {field: _of(family, sums, row.id) for field, sums in found.items()}) for row in rows]


async def _sums(here: Context, family: Family, split: str, filter: Any, span: Window | None) -> Sums:
    fact = family.fact
    question = Question(
        fact,
        here.caller.organization.id,
        tuple(fact.measures),
        span,
        by=(split,),
        where=chosen(fact, filter),
    )
    table = await here.loaders.tables.load(question)
    return {str(group[0]): table.total(columns) for group, columns in table.groups.items()}


def _of(family: Family, found: Sums, key: str) -> Any:
    none = {one.name: 0 for one in family.fact.sums}
    return Measures(family.fact, found.get(key, none))


@strawberry.type
class InboxFields:
    """The root field of the inbox."""

    @strawberry.field(description="Conversations with contacts, of all time or a window.")
    def inbox(
        self, info: Info, window: AllTime = None, timezone: Zone = None, compare_to: Against = None
    ) -> Inbox:
        name = context(info).zone(timezone)
        zone(name)
        return Inbox(window=window, timezone=name, compare_to=compare_to)
