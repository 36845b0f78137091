"""A family: the GraphQL types of one fact and the root field that asks for its buckets."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import (
    AI_CALLS,
    CAMPAIGNS,
    CONTACTS,
    CREDITS,
    ENGAGEMENTS,
    FLOW_RUNS,
    INBOX,
    INBOX_TAGS,
    KEYWORD_HITS,
    MAILBOX_DAYS,
    MESSAGES,
    OPT_INS,
    ORDERS,
    RECIPIENTS,
    SESSIONS,
    TRANSFERS,
    WEBHOOKS,
    WORKFLOW_ENTRIES,
    Fact,
)
from models.errors import InvalidInput
from resolvers.filters import Where, about_campaign
from resolvers.limits import check_page
from resolvers.periods import Window
from resolvers.question import Question
from resolvers.series import Series, series, series_of_campaigns
from schema.context import Context, context
from schema.metrics import (
    asked,
    chosen,
    dimension_enum,
    filter_input,
    metric_enum,
    metrics_type,
    of_table,
    of_tables,
    selected,
)
from schema.rows import FOR_ALL, Rows
from schema.series import Answered, Page, Place, answered, bucket_type, buckets_type, opened
from schema.sizes import NUMBERS
from schema.time import Clock, Comparison, Granularity, WindowInput, lifetime_of, since

MAX_GROUP_BY = 2
SHOW_MARK = {"as_of", "explain", "page_info"}  # cursors pin it


@dataclass(frozen=True)
class Family:
    """The types of one fact, and the metric that is meant when none is named."""

    fact: Fact
    usual: Any
    metric: Any
    dimension: Any
    filter: Any
    metrics: Any
    bucket: Any
    buckets: Any


_FILTERS: dict[Fact, Any] = {}


def _filter(fact: Fact, name: str) -> Any:
    _FILTERS[fact] = filter_input(fact, name, _FILTERS)
    return _FILTERS[fact]


def _family(fact: Fact, name: str, usual: str) -> Family:
    metric = metric_enum(fact, f"{name}Metric")
    metrics = metrics_type(fact, f"{name}Metrics")
    bucket = bucket_type(fact, f"{name}Bucket", metrics)
    return Family(
        fact,
        metric[usual],
        metric,
        dimension_enum(fact, f"{name}Dimension"),
        _filter(fact, f"{name}Filter"),
        metrics,
        bucket,
        buckets_type(fact, f"{name}Buckets", bucket),
    )


CAMPAIGN = _family(CAMPAIGNS, "Campaign", "TOTAL")  # those that filters of others lead to come first
CONTACT = _family(CONTACTS, "Contact", "TOTAL")
OPT_IN = _family(OPT_INS, "OptIn", "CHANGES")
MESSAGE = _family(MESSAGES, "Message", "LOGGED")
ENGAGEMENT = _family(ENGAGEMENTS, "Engagement", "CLICKS")
RECIPIENT = _family(RECIPIENTS, "Recipient", "RECIPIENTS")
ORDER = _family(ORDERS, "Order", "ORDERS")
WORKFLOW_ENTRY = _family(WORKFLOW_ENTRIES, "WorkflowEntry", "ENTRANCES")
INBOX_WORK = _family(INBOX, "InboxWork", "CLOSURES")
INBOX_TAG_WORK = _family(INBOX_TAGS, "InboxTagWork", "ADDITIONS")
WEBHOOK = _family(WEBHOOKS, "Webhook", "ATTEMPTED")
CREDIT = _family(CREDITS, "Credit", "PURCHASED")
MAILBOX_DAY = _family(MAILBOX_DAYS, "MailboxDay", "HEALTH_SCORE")
SESSION = _family(SESSIONS, "Session", "STARTED")
FLOW_RUN = _family(FLOW_RUNS, "FlowRun", "STARTED")
KEYWORD_HIT = _family(KEYWORD_HITS, "KeywordHit", "HITS")
AI_CALL = _family(AI_CALLS, "AiCall", "REQUESTS")
TRANSFER = _family(TRANSFERS, "Transfer", "TRANSFERS")
FAMILIES = (
    MESSAGE,
    ENGAGEMENT,
    WEBHOOK,
    CAMPAIGN,
    CONTACT,
    CREDIT,
    MAILBOX_DAY,
    OPT_IN,
    RECIPIENT,
    ORDER,
    WORKFLOW_ENTRY,
    INBOX_WORK,
    INBOX_TAG_WORK,
    SESSION,
    FLOW_RUN,
    KEYWORD_HIT,
    AI_CALL,
    TRANSFER,
)


@dataclass(frozen=True)
class Asked:
    """The arguments of a question for buckets, as GraphQL gave them."""

    metric: Any
    window: WindowInput | None
    granularity: Granularity
    timezone: str | None
    group_by: list[Any] | None
    filter: Any
    clock: Clock
    compare_to: Comparison | None
    first: int | None
    after: str | None
    as_of: datetime | None
    clip: bool = False

    def zone(self, here: Context) -> str:
        """The zone that cuts the buckets."""
        return here.zone(self.timezone)

    def question(
        self, family: Family, here: Context, measures: tuple[str, ...], span: Window, campaign: str | None
    ) -> Question:
        """The question about a span, of one campaign or of the whole organization."""
        groups = check_groups(self.group_by)
        check_clock(family, self.clock)
        where = chosen(family.fact, self.filter)
        if campaign is not None:
            check_campaign_groups(groups)
            where = about_campaign(campaign, where)
        return Question(
            family.fact,
            here.caller.organization.id,
            measures,
            span,
            self.granularity,
            self.zone(here),
            groups,
            where,
            self.clock,
            self.clip,
        )

    def shape(self, question: Question) -> list[Any]:
        """What a cursor pins, apart from the ends of the window: those move, so it keeps them itself."""
        return [
            self.metric.value,
            repr(self.window),
            self.granularity,
            question.zone,
            question.by,
            question.where,
            self.clock,
            self.compare_to,
            self.clip,
        ]


async def span_of(family: Family, here: Context, given: WindowInput | None, zone: str) -> Window:
    """The window meant; where all time begins is read from the store."""
    lifetime = lifetime_of(given)
    if lifetime is None:
        return here.window(given, zone)
    return since(await here.loaders.first(family.fact) or here.now, lifetime, zone, here.now)


def span_in(here: Context, given: WindowInput | None, timezone: str | None) -> Window | None:
    """The window meant; None for all time, where none is given."""
    return None if given is None else here.window(given, here.zone(timezone))


@dataclass(frozen=True)
class _Meant:
    """A question for buckets as it was understood: the page of it that is wanted, and its watermark."""

    family: Family
    here: Context
    asked: Asked
    names: set[str]
    question: Question
    place: Place

    @property
    def as_of(self) -> datetime | None:
        """The watermark that is pinned, by the cursor or by the caller."""
        return min((mark for mark in (self.place.as_of, self.asked.as_of) if mark is not None), default=None)

    @property
    def shows_mark(self) -> bool:
        """Whether the watermark is seen in the answer."""
        return bool(self.names & SHOW_MARK)

    def told(self, found: Series) -> Answered:
        """A series as its page."""
        page = Page(found, self.asked.metric.value, self.place.start, self.asked.first, self.names)
        return answered(self.here, page, lambda: self.asked.shape(found.asked))


async def _meant(family: Family, info: Info, asked: Asked, campaign: str | None) -> _Meant:
    """What a question for buckets means. Raises what is wrong with it."""
    here, names = context(info), selected(info)
    several = selected(info, "metrics") if "metrics" in names else set()
    measures = (asked.metric.value, *(name for name in family.fact.measures if name in several))
    span = await span_of(family, here, asked.window, asked.zone(here))
    question = asked.question(family, here, tuple(dict.fromkeys(measures)), span, campaign)
    if asked.first is not None:
        check_page(asked.first, here.caller.plan.max_buckets)
    place = opened(here, asked.after, asked.shape(question))
    if place.window is not None:
        question = replace(question, window=place.window)
    return _Meant(family, here, asked, names, question, place)


async def ask(family: Family, info: Info, asked: Asked, campaign: str | None = None) -> Answered:
    """Answer a question for buckets."""
    meant = await _meant(family, info, asked, campaign)
    loaders, totals = meant.here.loaders, "comparison" in meant.names
    found = await series(loaders, meant.question, asked.compare_to, meant.as_of, totals, meant.shows_mark)
    await asyncio.sleep(0)  # others may go first: what follows takes its time
    return meant.told(found)


async def ask_each(family: Family, info: Info, asked: Asked, campaigns: list[str]) -> list[Answered]:
    """Answer a question for buckets of each of some campaigns; one statement for all of them."""
    if asked.compare_to is not None or asked.after is not None:
        return await asyncio.gather(*(ask(family, info, asked, campaign) for campaign in campaigns))
    meant = await _meant(family, info, asked, None)
    check_campaign_groups(meant.question.by)
    loaders = meant.here.loaders
    found = await series_of_campaigns(loaders, meant.question, campaigns, meant.as_of, meant.shows_mark)
    return [meant.told(one) for one in found]


async def totals(
    family: Family, info: Info, window: Window | None, zone: str, where: Where, clock: Clock = Clock.CREATED
) -> Any:
    """Every measure that is selected, over a window or all time, as the family's type."""
    question = await _totals(family, info, window, zone, where, clock)
    return of_table(family.metrics, family.fact, await context(info).loaders.tables.load(question))


async def totals_each(
    family: Family,
    info: Info,
    window: Window | None,
    zone: str,
    where: Where,
    clock: Clock,
    campaigns: list[str],
) -> Rows:
    """The same of each of some campaigns; one statement for all of them."""
    question = await _totals(family, info, window, zone, where, clock)
    tables = await context(info).loaders.of_campaigns(question, campaigns)
    return of_tables(family.fact, [tables[campaign] for campaign in campaigns])


async def _totals(
    family: Family, info: Info, window: Window | None, zone: str, where: Where, clock: Clock
) -> Question:
    here = context(info)
    check_clock(family, clock)
    measures = asked(info, family.fact) or (next(iter(family.fact.measures)),)
    organization_id = here.caller.organization.id
    await here.loaders.progress()  # before the numbers: these may be newer, never older
    return Question(family.fact, organization_id, measures, window, None, zone, where=where, clock=clock)


def check_groups(group_by: list[Any] | None) -> tuple[str, ...]:
    """The names of the dimensions to split by. Raises InvalidInput."""
    groups = tuple(dimension.value for dimension in group_by or ())
    if len(groups) > MAX_GROUP_BY or len(set(groups)) != len(groups):
        raise InvalidInput(f"'groupBy' takes up to {MAX_GROUP_BY} different dimensions.")
    return groups


def check_campaign_groups(groups: tuple[str, ...]) -> None:
    """Raises InvalidInput for groups that a campaign's own series cannot have."""
    if "campaign" in groups:
        raise InvalidInput("A campaign's own series cannot be grouped by CAMPAIGN.")


def check_clock(family: Family, clock: Clock) -> None:
    """Raises InvalidInput when the fact does not know the clock."""
    if clock not in family.fact.clocks:
        raise InvalidInput(f"The clock {clock.name} is for messages only.")


def _told(kind: Any, about: str) -> Any:
    return Annotated[kind, strawberry.argument(description=about)]


def buckets_arguments(family: Family) -> dict[str, Any]:
    """The annotations of a field that asks for buckets of this family."""
    return {
        "info": Info,
        "metric": _told(family.metric, "What to count."),
        "window": _told(WindowInput | None, "Over which time; the last 30 days when absent."),
        "granularity": _told(Granularity, "How wide the buckets are."),
        "timezone": _told(str | None, "IANA zone that cuts the buckets; the organization's own when absent."),
        "group_by": _told(list[family.dimension] | None, "Split by up to two dimensions."),
        "filter": _told(family.filter | None, "Which ones count."),
        "clock": _told(Clock, "Which moment puts something into a bucket."),
        "compare_to": _told(Comparison | None, "An earlier window to hold it against."),
        "first": _told(int | None, "At most so many buckets; all when absent."),
        "after": _told(
            str | None, "The `endCursor` of the page before; everything else must stay as it was."
        ),
        "as_of": _told(
            datetime | None,
            "Take nothing after this for counted, so that questions agree; the watermark when absent.",
        ),
        "clip": _told(
            bool, "Cut the first and the last bucket at the ends of the window, instead of widening it."
        ),
        "return": family.buckets,
    }


def buckets_field(
    family: Family,
    about: str,
    campaign_of: Callable[[Any], str] | None = None,
    usual: Clock = Clock.CREATED,
    metric: str | None = None,
) -> Any:
    """A field that asks for buckets of this family, of the campaign that its parent is or of everything; on
    the `usual` clock and of the family's usual metric unless others are named."""
    first_metric = family.usual if metric is None else family.metric[metric]

    async def resolve(  # noqa: PLR0917
        self: Any,
        info: Info,
        metric: Any = first_metric,
        window: Any = None,
        granularity: Granularity = Granularity.DAY,
        timezone: str | None = None,
        group_by: Any = None,
        filter: Any = None,
        clock: Clock = usual,
        compare_to: Comparison | None = None,
        first: int | None = None,
        after: str | None = None,
        as_of: datetime | None = None,
        clip: bool = False,
    ) -> Any:
        wanted = Asked(
            *(metric, window, granularity, timezone, group_by, filter, clock),
            *(compare_to, first, after, as_of, clip),
        )
        if campaign_of is None:
            return await ask(family, info, wanted)
        if isinstance(self, list | Rows):
            return await ask_each(family, info, wanted, [campaign_of(one) for one in self])
        return await ask(family, info, wanted, campaign_of(self))

    resolve.__annotations__ = buckets_arguments(family)
    for_all = {} if campaign_of is None else {FOR_ALL: resolve}
    return strawberry.field(resolver=resolve, description=about, metadata={**NUMBERS, **for_all})


def totals_field(family: Family, about: str) -> Any:
    """A field with every measure of this family, over the window of its parent."""

    async def resolve(self: Any, info: Info, filter: Any = None, clock: Clock = Clock.CREATED) -> Any:
        return await totals(family, info, self.span, self.timezone, chosen(family.fact, filter), clock)

    arguments = buckets_arguments(family)
    resolve.__annotations__ = {name: arguments[name] for name in ("info", "filter", "clock")}
    resolve.__annotations__["return"] = family.metrics
    return strawberry.field(resolver=resolve, description=about)


def trend_field(family: Family, about: str) -> Any:
    """A field with buckets of this family, over the window and in the buckets of its parent."""

    async def resolve(
        self: Any,
        info: Info,
        metric: Any = family.usual,
        group_by: Any = None,
        filter: Any = None,
        clock: Clock = Clock.CREATED,
        compare_to: Comparison | None = None,
    ) -> Any:
        wanted = Asked(
            *(metric, self.window, self.granularity, self.timezone, group_by, filter, clock),
            *(compare_to, None, None, None, self.clip),
        )
        return await ask(family, info, wanted)

    arguments = buckets_arguments(family)
    kept = ("info", "metric", "group_by", "filter", "clock", "compare_to", "return")
    resolve.__annotations__ = {name: arguments[name] for name in kept}
    return strawberry.field(resolver=resolve, description=about)
