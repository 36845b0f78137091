"""Agents: what the people who take conversations over from the chatbot did, and when they were away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import MESSAGES, TRANSFERS, Availability, Fact, User
from resolvers.agents import Breaks as BreaksRow
from resolvers.agents import breaks, presence, users
from resolvers.filters import Where
from resolvers.periods import Window
from resolvers.question import Question
from schema.answering import totals
from schema.arguments import Last30Days, Zone
from schema.context import Context, context
from schema.families import TRANSFER, buckets_field
from schema.metrics import Measures, asked, selected
from schema.scalars import BigInt
from schema.time import WindowType

Sums = dict[str, dict[str, int]]
OneAgent = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only this user; all when absent.")
]


@strawberry.type(description="How often and how long somebody was away, as far as it lies in the window.")
class Breaks:
    count: BigInt = strawberry.field(description="How many breaks touch the window.")
    time_millis: BigInt = strawberry.field(
        description="How long they lasted inside it, in milliseconds; one that lasts counts until now."
    )


@strawberry.type(description="The conversations that were handed over for one reason.")
class TransferSource:
    source: str = strawberry.field(description="manual, flow, keyword or chatbot_disabled.")
    metrics: TRANSFER.metrics = strawberry.field(description="What became of them.")


@strawberry.type(description="One user and the conversations handed to them.")
class Agent:
    id: strawberry.ID = strawberry.field(description="The user.")
    name: str = strawberry.field(description="The name; the id where none was told.")
    is_available: bool | None = strawberry.field(
        description="Whether they are there now; null where nothing was told."
    )
    break_started_at: datetime | None = strawberry.field(
        description="When the break began that they are on; null when they are on none."
    )
    transfers: TRANSFER.metrics = strawberry.field(description="Conversations handed to them in the window.")
    active_transfers: BigInt = strawberry.field(
        description="Conversations that they have now, whenever they were handed over."
    )
    messages_sent: BigInt = strawberry.field(description="Messages of the window that they wrote.")
    breaks: Breaks = strawberry.field(description="When they were away.")


@dataclass(frozen=True)
class _Work:
    """Everything that is known of the agents, by user."""

    transfers: Sums
    active: Sums
    messages: Sums
    breaks: dict[str, BreaksRow]
    presence: dict[str, Availability]


@strawberry.type(description="What agents did in a window, together and each.")
class Agents:
    span: strawberry.Private[Window]
    zone: strawberry.Private[str]
    user: strawberry.Private[str | None]
    window: WindowType = strawberry.field(description="The span that is counted.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")

    @strawberry.field(
        graphql_type=TRANSFER.metrics,
        description="Conversations handed over in the window, those that wait for a person included.",
    )
    async def transfers(self, info: Info) -> Any:
        return await totals(TRANSFER, info, self.span, self.zone, _of(self.user))

    @strawberry.field(description="Conversations that are not over now, whenever they were handed over.")
    async def active_transfers(self, info: Info) -> BigInt:
        found = await _sums(context(info), ("active",), None, self.zone, (), _of(self.user))
        return BigInt(found.get("", {}).get("active", 0))

    @strawberry.field(description="The same by why they were handed over, the commonest reason first.")
    async def by_source(self, info: Info) -> list[TransferSource]:
        names = tuple(dict.fromkeys(("transfers", *asked(info, TRANSFERS))))
        found = await _sums(context(info), names, self.span, self.zone, ("source",), _of(self.user))
        return [
            TransferSource(source=source, metrics=Measures(TRANSFERS, sums))
            for source, sums in sorted(found.items(), key=lambda one: (-one[1]["transfers"], one[0]))
        ]

    @strawberry.field(description="How often and how long they were away in all.")
    async def breaks(self, info: Info) -> Breaks:
        here = context(info)
        async with here.loaders.store.reading() as db:
            found = await breaks(db, here.caller.organization.id, self.span, here.now)
            known = {row.id for row in await users(db, here.caller.organization.id, self.user)}
        kept = [one for user, one in found.items() if user in known]
        return _breaks(BreaksRow(sum(one.count for one in kept), sum(one.millis for one in kept)))

    @strawberry.field(
        description="Each user, by name; users that nothing but their conversations tells of, last."
    )
    async def agents(self, info: Info) -> list[Agent]:
        return await agents(context(info), info, self.span, self.zone, self.user)


async def agents(here: Context, info: Info, span: Window, zone: str, only: str | None) -> list[Agent]:
    """The agents and what is selected of them; a fixed number of statements, however many there are."""
    async with here.loaders.store.reading() as db:
        known = await users(db, here.caller.organization.id, only)
    work = await _work(here, info, span, zone, only)
    named = {row.id for row in known}
    strangers = sorted(({*work.transfers, *work.active} - named) - {""})
    return [
        *(_agent(row, work) for row in known),
        *(_agent(User(id=user, name=""), work) for user in strangers),
    ]


async def _work(here: Context, info: Info, span: Window, zone: str, only: str | None) -> _Work:
    wanted = selected(info)
    names = asked(info, TRANSFERS) or ("transfers",)
    where = _of(only)
    transfers = await _sums(here, names, span, zone, ("user",), where)
    active = await _sums(here, ("active",), None, zone, ("user",), where)
    messages: Sums = {}
    if "messages_sent" in wanted:
        messages = await _sums(here, ("logged",), span, zone, ("user",), where, MESSAGES)
    async with here.loaders.store.reading() as db:
        organization_id = here.caller.organization.id
        away = await breaks(db, organization_id, span, here.now) if "breaks" in wanted else {}
        there = await presence(db, organization_id, here.now)
    return _Work(transfers, active, messages, away, there)


async def _sums(
    here: Context,
    names: tuple[str, ...],
    span: Window | None,
    zone: str,
    by: tuple[str, ...],
    where: Where,
    fact: Fact = TRANSFERS,
) -> Sums:
    """Sums by the one dimension, or under '' without one."""
    await here.loaders.mark(fact.mark)
    question = Question(fact, here.caller.organization.id, names, span, None, zone, by, where)
    table = await here.loaders.tables.load(question)
    return {str(key[0]) if key else "": table.total(sums) for key, sums in table.groups.items()}


def _of(user: str | None) -> Where:
    return () if user is None else (("user", (user,)),)


def _breaks(row: BreaksRow) -> Breaks:
    return Breaks(count=BigInt(row.count), time_millis=BigInt(row.millis))


def _agent(row: User, work: _Work) -> Agent:
    there, none = work.presence.get(row.id), dict.fromkeys((one.name for one in TRANSFERS.sums), 0)
    return Agent(
        id=strawberry.ID(row.id),
        name=row.name or row.id,
        is_available=None if there is None else there.is_available,
        break_started_at=None if there is None or there.is_available else there.started_at,
        transfers=Measures(TRANSFERS, work.transfers.get(row.id, none)),
        active_transfers=BigInt(work.active.get(row.id, none)["active"]),
        messages_sent=BigInt(work.messages.get(row.id, {}).get("logged", 0)),
        breaks=_breaks(work.breaks.get(row.id, BreaksRow())),
    )


@strawberry.type
class AgentFields:
    """The root fields of agents."""

    transfer_buckets = buckets_field(TRANSFER, "Conversations handed to persons over time.")

    @strawberry.field(description="What the people did who take conversations over from the chatbot.")
    async def agents(
        self, info: Info, window: Last30Days = None, timezone: Zone = None, agent: OneAgent = None
    ) -> Agents:
        here = context(info)
        zone = here.zone(timezone)
        span = here.window(window, zone)
        return Agents(
            span=span,
            zone=zone,
            user=None if agent is None else str(agent),
            window=WindowType(start=span.start, end=span.end),
            as_of=(await here.loaders.mark(TRANSFERS.mark)).as_of,
        )

    @strawberry.field(description="One agent; null for a stranger.")
    async def agent(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The user.")],
        window: Last30Days = None,
        timezone: Zone = None,
    ) -> Agent | None:
        here = context(info)
        zone = here.zone(timezone)
        found = await agents(here, info, here.window(window, zone), zone, str(id))
        return found[0] if found else None
