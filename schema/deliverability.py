"""Deliverability: what came back and why, what mailboxes are worth, what blacklists say."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import MAILBOX_DAYS, MESSAGES, Clock
from models.errors import NotFound
from resolvers.deliverability import blacklists, has_domain, health_score, mailboxes_of
from resolvers.filters import Where
from resolvers.periods import Granularity, Window
from resolvers.question import Question
from resolvers.series import series
from schema.answering import totals
from schema.arguments import Last30Days, WhichMessages, Zone
from schema.campaigns import PREFIX
from schema.context import Context, context
from schema.families import MESSAGE
from schema.metrics import chosen
from schema.scalars import BigInt, Number
from schema.time import WindowInput, WindowType

REASONS = 10


@strawberry.type(description="One reason why messages came back.")
class BounceReason:
    reason: str = strawberry.field(description="The reason; '' when none was given.")
    count: BigInt = strawberry.field(description="How many messages came back for it.")
    share: Number = strawberry.field(description="Out of all that came back, in percent.")


@strawberry.type(description="The health of mailboxes on one day.")
class HealthDay:
    start: datetime = strawberry.field(description="The day's midnight, UTC.")
    score: Number = strawberry.field(description="0–100, mailboxes that sent more counting more.")


@strawberry.type(description="What blacklists say: the latest check of each address by each provider.")
class BlacklistStatus:
    is_any_listed: bool = strawberry.field(description="Whether any address stands on any list.")
    addresses_checked: int = strawberry.field(description="How many addresses were checked.")
    last_check: datetime | None = strawberry.field(description="When the latest check was made.")


@strawberry.type(description="Whether messages arrive, and why not. Each thing counts where it happened.")
class Deliverability:
    span: strawberry.Private[Window]
    timezone: strawberry.Private[str]
    where: strawberry.Private[Where]
    mailboxes: strawberry.Private[tuple[str, ...] | None]
    domain: strawberry.Private[str | None]
    window: WindowType = strawberry.field(description="The span that is counted.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")

    @strawberry.field(graphql_type=MESSAGE.metrics, description="Every measure of the messages.")
    async def messages(self, info: Info) -> Any:
        return await totals(MESSAGE, info, self.span, self.timezone, self.where, Clock.HAPPENED)

    @strawberry.field(description="Why messages came back, the most frequent reason first.")
    async def bounce_reasons(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many reasons, at most.")] = REASONS,
    ) -> list[BounceReason]:
        here = context(info)
        question = Question(
            MESSAGES,
            here.caller.organization.id,
            ("bounced",),
            self.span,
            None,
            self.timezone,
            ("bounce_reason",),
            self.where,
            Clock.HAPPENED,
        )
        table = await here.loaders.tables.load(question)
        counts = {str(group[0]): sums["bounced"][0] for group, sums in table.groups.items()}
        total = sum(counts.values())
        order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [
            BounceReason(reason=reason, count=BigInt(number), share=100 * number / total)
            for reason, number in order[: max(first, 0)]
            if number
        ]

    @strawberry.field(
        description="The mean health score of the mailboxes, 0–100, days of much sending counting more; null "
        "when no score was told."
    )
    async def health_score(self, info: Info) -> Number | None:
        here = context(info)
        return health_score((await here.loaders.tables.load(self._question(here, None))).total())

    @strawberry.field(description="The health score day by day, oldest first; days without one are left out.")
    async def reputation(self, info: Info) -> list[HealthDay]:
        here = context(info)
        found = await series(here.loaders, self._question(here, Granularity.DAY))
        groups = list(found.table.groups.values())
        days = []
        for place, start in enumerate(found.buckets.moments[:-1]):
            score = health_score(
                {name: sum(sums[name][place] for sums in groups) for name in found.table.sums}
            )
            if score is not None:
                days.append(HealthDay(start=start, score=score))
        return days

    @strawberry.field(description="What blacklists say of the addresses.")
    async def blacklists(self, info: Info) -> BlacklistStatus:
        here = context(info)
        async with here.loaders.store.reading() as db:
            found = await blacklists(db, here.caller.organization.id, self.domain)
        return BlacklistStatus(
            is_any_listed=found.is_any_listed,
            addresses_checked=found.addresses_checked,
            last_check=found.last_check,
        )

    def _question(self, here: Context, granularity: Granularity | None) -> Question:
        where: Where = () if self.mailboxes is None else (("mailbox", self.mailboxes),)
        names = ("health_score", "plain_health_score")
        organization_id = here.caller.organization.id
        return Question(MAILBOX_DAYS, organization_id, names, self.span, granularity, "UTC", where=where)


async def deliverability(
    here: Context,
    window: WindowInput | None,
    timezone: str | None,
    campaign: str | None,
    domain: str | None,
    wanted: Where,
) -> Deliverability:
    """Deliverability in a window, of a campaign or a domain or of everything. Raises NotFound."""
    name = here.zone(timezone)
    span = here.window(window, name)
    mailboxes: tuple[str, ...] | None = None
    if domain is not None:
        async with here.loaders.store.reading() as db:
            if not await has_domain(db, here.caller.organization.id, domain):
                raise NotFound(f"There is no domain '{domain}'.", domain=domain)
            mailboxes = await mailboxes_of(db, here.caller.organization.id, domain)
    where = wanted
    if campaign is not None:
        key = campaign.removeprefix(PREFIX)
        if await here.loaders.campaigns.load(key) is None:
            raise NotFound(f"There is no campaign '{key}'.", campaign=key)
        where = (*where, ("campaign", (key,)))
    if mailboxes is not None:
        where = (*where, ("sender", mailboxes))
    return Deliverability(
        span=span,
        timezone=name,
        where=where,
        mailboxes=mailboxes,
        domain=domain,
        window=WindowType(start=span.start, end=span.end),
        as_of=(await here.loaders.mark(MESSAGES.name)).as_of,
    )


@strawberry.type
class DeliverabilityFields:
    """The root field of deliverability."""

    @strawberry.field(description="Whether messages arrive, and why not.")
    async def deliverability(
        self,
        info: Info,
        window: Last30Days = None,
        timezone: Zone = None,
        campaign: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this campaign.")
        ] = None,
        domain: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only what this domain's mailboxes sent.")
        ] = None,
        filter: WhichMessages = None,
    ) -> Deliverability:
        where = chosen(MESSAGES, filter)
        return await deliverability(context(info), window, timezone, campaign, domain, where)
