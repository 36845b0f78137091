"""Campaigns held against one another."""

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import MESSAGES
from models.errors import InvalidInput, NotFound
from resolvers.comparisons import SIGNIFICANT_BELOW, Method, Verdict, corrected, judge
from resolvers.question import Question
from resolvers.statistics import SignificanceTest
from schema.arguments import AllTime, WhichMessages, WhichRates, WindowClock, Zone
from schema.campaigns import PREFIX, Campaign, campaign_of
from schema.context import Context, context
from schema.enums import described, enum_of
from schema.families import MESSAGE
from schema.metrics import Measures, chosen
from schema.metrics import asked as asked_of
from schema.rates import Rate, rate_of, rates, share_of
from schema.scalars import Number
from schema.sizes import ROWS
from schema.time import Clock, WindowInput

MOST = 20
described(
    Method,
    "How p-values are found.",
    {
        "AUTO": "Fisher's exact test for small samples, the z-test for others.",
        "Z": "The pooled two-proportion z-test.",
        "EXACT": "Fisher's exact test.",
    },
)
described(
    SignificanceTest,
    "A test of two shares, two-sided.",
    {"Z": "The pooled two-proportion z-test.", "EXACT": "Fisher's exact test."},
)
Correction: Any = enum_of(
    "Correction",
    "What is done about testing several rates at once.",
    {
        "none": "Nothing: each p-value stands for itself.",
        "holm": "Holm's correction over all rates compared.",
    },
)
Finding: Any = enum_of(
    "Finding",
    "What a comparison says.",
    {
        "different": "The best is better than the second best by more than chance.",
        "no_difference": "Chance alone may do as much.",
        "not_enough_data": "There is too little to tell.",
    },
)


@strawberry.type(description="A campaign that is compared, with its rates.")
class ComparedCampaign:
    campaign: Campaign = strawberry.field(description="The campaign.")
    rates: list[Rate] = strawberry.field(description="The rates asked for, in the order asked.")
    metrics: MESSAGE.metrics = strawberry.field(description="Every measure of its messages.")


@strawberry.type(description="One rate: the best campaign against the second best.")
class RateComparison:
    metric: MESSAGE.metric = strawberry.field(description="The rate.")
    winner: Campaign | None = strawberry.field(description="The best; null on a tie, or of fewer than two.")
    runner_up: Campaign | None = strawberry.field(description="The one it is tested against.")
    p_value: Number | None = strawberry.field(
        description="How likely chance alone does as much, 0–1; null when there is too little to tell."
    )
    test: SignificanceTest | None = strawberry.field(description="How the p-value was found.")
    is_significant: bool = strawberry.field(description=f"Whether it is below {SIGNIFICANT_BELOW}.")
    finding: Finding = strawberry.field(description="The same in a word.")


@strawberry.type(description="Campaigns held against one another, rate by rate.")
class CampaignComparison:
    campaigns: list[ComparedCampaign] = strawberry.field(description="The campaigns, in the order asked.")
    comparisons: list[RateComparison] = strawberry.field(description="The rates, in the order asked.")


@dataclass(frozen=True)
class ComparisonAsked:
    """The arguments of `compareCampaigns`, as GraphQL gave them."""

    campaigns: list[strawberry.ID]
    metrics: list[Any] | None
    window: WindowInput | None
    timezone: str | None
    filter: Any
    clock: Clock
    method: Method
    correction: Enum


async def compare_campaigns(
    here: Context, asked: tuple[str, ...], wanted: ComparisonAsked
) -> CampaignComparison:
    """Campaigns held against one another. Raises NotFound, InvalidInput."""
    ids = list(dict.fromkeys(str(key).removeprefix(PREFIX) for key in wanted.campaigns))
    if not 2 <= len(ids) <= MOST:
        raise InvalidInput(f"Between 2 and {MOST} different campaigns can be compared.")
    rows = await here.loaders.campaigns.load_many(ids)
    for key, row in zip(ids, rows, strict=True):
        if row is None:
            raise NotFound(f"There is no campaign '{key}'.", campaign=key)
    ratios = rates(wanted.metrics)
    counted = await asyncio.gather(*(_sums(here, key, asked, wanted) for key in ids))
    campaigns = [campaign_of(row) for row in rows if row is not None]
    verdicts = [
        judge([share_of(ratio, sums) for sums in counted], ratio.low_is_good, wanted.method)
        for ratio in ratios
    ]
    if wanted.correction is Correction.HOLM:
        verdicts = corrected(verdicts)
    return CampaignComparison(
        campaigns=[
            ComparedCampaign(
                campaign=campaign,
                rates=[rate_of(ratio, sums) for ratio in ratios],
                metrics=Measures(MESSAGES, sums),
            )
            for campaign, sums in zip(campaigns, counted, strict=True)
        ],
        comparisons=[
            _comparison(ratio.name, verdict, campaigns)
            for ratio, verdict in zip(ratios, verdicts, strict=True)
        ],
    )


async def _sums(here: Context, key: str, asked: tuple[str, ...], wanted: ComparisonAsked) -> dict[str, int]:
    name = here.zone(wanted.timezone)
    names = tuple(dict.fromkeys((*(ratio.name for ratio in rates(wanted.metrics)), *asked)))
    question = Question(
        MESSAGES,
        here.caller.organization.id,
        names or ("attempted",),
        None if wanted.window is None else here.window(wanted.window, name),
        None,
        name,
        where=(*chosen(MESSAGES, wanted.filter), ("campaign", (key,))),
        clock=wanted.clock,
    )
    return (await here.loaders.tables.load(question)).total()


def _comparison(metric: str, verdict: Verdict, campaigns: list[Campaign]) -> RateComparison:
    finding = Finding.NO_DIFFERENCE
    if verdict.p is None:
        finding = Finding.NOT_ENOUGH_DATA
    elif verdict.is_significant:
        finding = Finding.DIFFERENT
    return RateComparison(
        metric=MESSAGE.metric(metric),
        winner=None if verdict.winner is None else campaigns[verdict.winner],
        runner_up=None if verdict.second is None else campaigns[verdict.second],
        p_value=verdict.p,
        test=verdict.test,
        is_significant=verdict.is_significant,
        finding=finding,
    )


@strawberry.type
class ComparisonFields:
    """The root field of comparisons."""

    @strawberry.field(description="Campaigns held against one another, rate by rate.", metadata=ROWS)
    async def compare_campaigns(  # noqa: PLR0917
        self,
        info: Info,
        campaigns: Annotated[
            list[strawberry.ID], strawberry.argument(description="`id` or `externalId` of 2 to 20 of them.")
        ],
        metrics: WhichRates = None,
        window: AllTime = None,
        timezone: Zone = None,
        filter: WhichMessages = None,
        clock: WindowClock = Clock.CREATED,
        method: Annotated[Method, strawberry.argument(description="How p-values are found.")] = Method.AUTO,
        correction: Annotated[
            Correction, strawberry.argument(description="What is done about testing several rates at once.")
        ] = Correction.NONE,
    ) -> CampaignComparison:
        wanted = ComparisonAsked(campaigns, metrics, window, timezone, filter, clock, method, correction)
        return await compare_campaigns(context(info), asked_of(info, MESSAGES), wanted)
