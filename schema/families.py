"""A family: the GraphQL types of one fact and the root field that asks for its buckets."""

from collections.abc import Callable
from dataclasses import dataclass
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
from schema.answering import Asked, ask, ask_each, totals
from schema.metrics import (
    chosen,
    dimension_enum,
    filter_input,
    metric_enum,
    metrics_type,
)
from schema.rows import FOR_ALL, Rows
from schema.series import bucket_type, buckets_type
from schema.sizes import NUMBERS
from schema.time import Clock, Comparison, Granularity, WindowInput

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
