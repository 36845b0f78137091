"""The chatbot: how its conversations come out, its flows, its keywords and what its models cost."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import AI_CALLS, FLOW_RUNS, KEYWORD_HITS, Fact
from resolvers.bot_flows import flow_names
from resolvers.filters import Where
from resolvers.limits import check_page
from resolvers.periods import Window
from resolvers.question import Question
from schema.answering import totals
from schema.arguments import Last30Days, Zone
from schema.context import Context, context
from schema.families import AI_CALL, FLOW_RUN, KEYWORD_HIT, SESSION, buckets_field
from schema.metrics import Measures, asked
from schema.scalars import BigInt
from schema.senders import Account, through
from schema.time import WindowType


@strawberry.type(description="How often conversations went through a flow, and how far.")
class FlowPerformance:
    id: strawberry.ID = strawberry.field(description="The flow.")
    name: str = strawberry.field(description="Its name; its id where none was told.")
    metrics: FLOW_RUN.metrics = strawberry.field(description="Its runs.")


@strawberry.type(description="How often a keyword was written.")
class KeywordCount:
    keyword: str = strawberry.field(description="The keyword.")
    hits: BigInt = strawberry.field(description="How often.")


@strawberry.type(description="What the chatbot did in a window.")
class Chatbot:
    span: strawberry.Private[Window]
    zone: strawberry.Private[str]
    where: strawberry.Private[Where]
    window: WindowType = strawberry.field(description="The span that is counted.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")

    @strawberry.field(graphql_type=SESSION.metrics, description="Its conversations, by when they started.")
    async def summary(self, info: Info) -> Any:
        return await totals(SESSION, info, self.span, self.zone, self.where)

    @strawberry.field(
        description="Its flows, the one begun most often first; conversations without one are left out."
    )
    async def flows(self, info: Info) -> list[FlowPerformance]:
        names = asked(info, FLOW_RUNS) or ("started",)
        groups = await self._groups(info, FLOW_RUNS, ("started", *names), "flow")
        here = context(info)
        async with here.loaders.store.reading() as db:
            called = await flow_names(db, here.caller.organization.id, list(groups))
        return [
            FlowPerformance(
                id=strawberry.ID(flow),
                name=called.get(flow, flow),
                metrics=Measures(FLOW_RUNS, sums),
            )
            for flow, sums in sorted(groups.items(), key=lambda one: (-one[1]["started"], one[0]))
            if flow and sums["started"]
        ]

    @strawberry.field(
        description="The keywords that were written most often, the first by name of equal ones."
    )
    async def keywords(
        self, info: Info, first: Annotated[int, strawberry.argument(description="How many, up to 100.")] = 10
    ) -> list[KeywordCount]:
        check_page(first)
        groups = await self._groups(info, KEYWORD_HITS, ("hits",), "keyword")
        ranked = sorted((-sums["hits"], word) for word, sums in groups.items())
        return [KeywordCount(keyword=word, hits=BigInt(-hits)) for hits, word in ranked[:first]]

    @strawberry.field(graphql_type=AI_CALL.metrics, description="Its calls of language models.")
    async def ai(self, info: Info) -> Any:
        return await totals(AI_CALL, info, self.span, self.zone, self.where)

    async def _groups(
        self, info: Info, fact: Fact, names: tuple[str, ...], by: str
    ) -> dict[str, dict[str, int]]:
        here = context(info)
        unique = tuple(dict.fromkeys(names))
        question = Question(
            fact, here.caller.organization.id, unique, self.span, None, self.zone, (by,), self.where
        )
        await here.loaders.mark(fact.mark)
        table = await here.loaders.tables.load(question)
        return {str(key[0]): table.total(sums) for key, sums in table.groups.items()}


async def chatbot(here: Context, span: Window, zone: str, where: Where) -> Chatbot:
    """What the chatbot did in a window."""
    return Chatbot(
        span=span,
        zone=zone,
        where=where,
        window=WindowType(start=span.start, end=span.end),
        as_of=(await here.loaders.mark(AI_CALLS.mark)).as_of,
    )


@strawberry.type
class ChatbotFields:
    """The root fields of the chatbot."""

    session_buckets = buckets_field(SESSION, "Conversations of the bot over time, with how they came out.")
    flow_run_buckets = buckets_field(FLOW_RUN, "Ways of conversations through flows over time.")
    keyword_hit_buckets = buckets_field(KEYWORD_HIT, "Keywords over time.")
    ai_call_buckets = buckets_field(AI_CALL, "Calls of language models over time.")

    @strawberry.field(
        description="What the chatbot did: its conversations, flows, keywords and language models."
    )
    async def chatbot(
        self, info: Info, window: Last30Days = None, account: Account = None, timezone: Zone = None
    ) -> Chatbot:
        here = context(info)
        zone = here.zone(timezone)
        where = await through(here, account)
        return await chatbot(here, here.window(window, zone), zone, where)
