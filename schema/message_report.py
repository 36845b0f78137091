"""Messages of one account or of all: added up, by what they consist of, and over time."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import MESSAGES
from models.messages import STATUSES
from resolvers.filters import Where
from resolvers.limits import check_page
from resolvers.messages import recent_messages
from resolvers.periods import Window
from resolvers.question import Question
from resolvers.series import begun
from schema.answering import Asked, ask, totals
from schema.arguments import Clipped, Last30Days, Zone
from schema.context import context
from schema.enums import enum_of
from schema.families import MESSAGE
from schema.metrics import Measures, asked
from schema.senders import Account, through
from schema.time import Clock, Granularity, WindowInput, WindowType

NOTHING = ("direction", ())
MessageStatus: Any = enum_of("MessageStatus", "How far a message has come.", STATUSES)
MessageDirection: Any = enum_of(
    "MessageDirection",
    "Which way a message goes.",
    {"outbound": "To a contact.", "inbound": "From a contact."},
)


@strawberry.type(description="The messages of one type of content.")
class MessageType:
    content_type: str = strawberry.field(description="text, image, template, …; '' where none was told.")
    metrics: MESSAGE.metrics = strawberry.field(description="Its messages.")


@strawberry.type(description="Messages of a window: added up, by type, and over time.")
class MessageReport:
    counted: strawberry.Private[Window]
    given: strawberry.Private[WindowInput | None]
    zone: strawberry.Private[str]
    where: strawberry.Private[Where]
    granularity: strawberry.Private[Granularity]
    clip: strawberry.Private[bool]
    window: WindowType = strawberry.field(description="The span that is counted.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")

    @strawberry.field(graphql_type=MESSAGE.metrics, description="All of them.")
    async def summary(self, info: Info) -> Any:
        return await totals(MESSAGE, info, self.counted, self.zone, self.where)

    @strawberry.field(description="By what they consist of, the commonest type first.")
    async def by_type(self, info: Info) -> list[MessageType]:
        here = context(info)
        names = tuple(dict.fromkeys(("total", *asked(info, MESSAGES))))
        question = Question(
            MESSAGES,
            here.caller.organization.id,
            names,
            self.counted,
            None,
            self.zone,
            ("content_type",),
            self.where,
        )
        await here.loaders.mark(MESSAGES.mark)
        table = await here.loaders.tables.load(question)
        groups = [(str(key[0]), table.total(sums)) for key, sums in table.groups.items()]
        return [
            MessageType(content_type=kind, metrics=Measures(MESSAGES, sums))
            for kind, sums in sorted(groups, key=lambda one: (-one[1]["total"], one[0]))
        ]

    @strawberry.field(graphql_type=MESSAGE.buckets, description="Bucket by bucket.")
    async def timeline(
        self,
        info: Info,
        metric: Annotated[
            MESSAGE.metric, strawberry.argument(description="What to count.")
        ] = MESSAGE.metric.TOTAL,
    ) -> Any:
        senders = dict(self.where).get("sender")
        kept = MESSAGE.filter(sender=None if senders is None else list(senders))
        wanted = Asked(
            *(metric, self.given, self.granularity, self.zone, None, kept, Clock.CREATED),
            *(None, None, None, None, self.clip),
        )
        return await ask(MESSAGE, info, wanted)


@strawberry.type(description="One message, as a list shows it.")
class RecentMessage:
    id: strawberry.ID = strawberry.field(description="What its sender calls it.")
    contact_name: str = strawberry.field(description="The name of the contact; '' where none is known.")
    contact_phone: str = strawberry.field(description="The phone number of the contact; '' likewise.")
    content_type: str = strawberry.field(description="text, image, template, …; '' where none was told.")
    body: str = strawberry.field(description="Its text; '' where none was told.")
    direction: MessageDirection = strawberry.field(description="To or from the contact.")
    status: MessageStatus = strawberry.field(description="How far it has come.")
    created_at: datetime = strawberry.field(description="When it was created.")


@strawberry.type
class MessageReportFields:
    """The root fields of messages of an account."""

    @strawberry.field(description="Messages of a window: added up, by type, and over time.")
    async def message_report(
        self,
        info: Info,
        window: Last30Days = None,
        granularity: Annotated[
            Granularity, strawberry.argument(description="How wide the buckets of the timeline are.")
        ] = Granularity.DAY,
        account: Account = None,
        timezone: Zone = None,
        clip: Clipped = False,
    ) -> MessageReport:
        here = context(info)
        zone = here.zone(timezone)
        span = here.window(window, zone)
        as_of = (await here.loaders.mark(MESSAGES.mark)).as_of
        counted = begun(span, granularity, zone, as_of)
        where = await through(here, account)
        return MessageReport(
            counted=counted or span,
            where=where if counted else (*where, NOTHING),  # like the timeline
            given=window,
            zone=zone,
            granularity=granularity,
            clip=clip,
            window=WindowType(start=span.start, end=span.end),
            as_of=as_of,
        )

    @strawberry.field(description="The newest messages of both directions, test messages left out.")
    async def recent_messages(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, up to 100.")] = 5,
        account: Account = None,
    ) -> list[RecentMessage]:
        here = context(info)
        check_page(first)
        senders = dict(await through(here, account)).get("sender")
        async with here.loaders.store.reading() as db:
            rows = await recent_messages(db, here.caller.organization.id, first, senders)
        return [
            RecentMessage(
                id=strawberry.ID(row["id"]),
                **{name: row[name] for name in ("contact_name", "contact_phone", "content_type", "body")},
                direction=MessageDirection(row["direction"]),
                status=MessageStatus(row["status"]),
                created_at=row["created_at"],
            )
            for row in rows
        ]
