"""What can be asked to be exported, and the same as the parameters of its source.

A new source needs an input here, what makes parameters of it, and a line in `OFFERS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import strawberry

from models.errors import InvalidInput
from resolvers.exports.buckets import BucketsParams
from resolvers.exports.campaign_performance import CampaignPerformanceParams
from resolvers.exports.campaigns import CampaignsParams
from resolvers.exports.messages import MessagesParams
from resolvers.exports.performance import PerformanceParams
from resolvers.exports.registry import SOURCES
from resolvers.exports.source import Params
from resolvers.formats import FORMATS
from schema.answering import Asked
from schema.campaigns import PREFIX as CAMPAIGN_PREFIX
from schema.campaigns import CampaignFilterInput, chosen_campaigns
from schema.context import Context
from schema.enums import enum_of
from schema.families import FAMILIES, MESSAGE, Family
from schema.message_report import MessageStatus
from schema.metrics import chosen
from schema.questions import input_of, question_fields
from schema.time import Clock, Granularity, WindowInput

MOST_CAMPAIGNS = 1_000
ExportFormat: Any = enum_of(
    "ExportFormat", "How a file is written.", {name: one.about for name, one in FORMATS.items()}
)


def _buckets_input(family: Family) -> Any:
    """The arguments of a question for buckets, for several metrics."""
    name = f"{family.fact.name.title().replace('_', '')}BucketsExport"
    fields = question_fields(family)
    by, none, _ = fields["group_by"]
    fields["group_by"] = (
        *(by, none),
        "Split by up to two dimensions: a row for each group of which anything was counted in a bucket.",
    )
    del fields["metric"]
    metrics = (list[family.metric] | None, None, "What to count; every metric when absent.")
    about = f"Buckets to export. {family.fact.about}"
    return input_of(name, about, {"metrics": metrics, **fields})


@strawberry.input(description="A list of campaigns to export.")
class CampaignsExport:
    filter: CampaignFilterInput | None = strawberry.field(default=None, description="Which ones.")


@strawberry.input(description="How something did in a window.")
class PerformanceExport:
    window: WindowInput | None = strawberry.field(
        default=None, description="Over which time; the last 30 days when absent."
    )
    timezone: str | None = strawberry.field(
        default=None, description="IANA zone of the window and its days; the organization's own when absent."
    )
    clock: Clock = strawberry.field(
        default=Clock.CREATED, description="Which moment must lie in the window, or on the day."
    )
    time_series: bool = strawberry.field(default=False, description="A row for each day, not for all of it.")
    granularity: Granularity = strawberry.field(
        default=Granularity.DAY, description="With `timeSeries`: DAY, WEEK, MONTH or YEAR."
    )
    filter: MESSAGE.filter | None = strawberry.field(default=None, description="Which messages count.")


@strawberry.input(description="How campaigns did in a window.")
class CampaignPerformanceExport(PerformanceExport):
    campaign_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Which ones, by `id` or `externalId`, up to 1,000; when absent all that were created in "
        "the window or did anything in it.",
    )


@strawberry.input(description="Raw messages to export, oldest first.")
class MessagesExport:
    window: WindowInput | None = strawberry.field(
        default=None, description="When they were created; in the last 30 days when absent."
    )
    timezone: str | None = strawberry.field(
        default=None, description="IANA zone of the window; the organization's own when absent."
    )
    filter: MESSAGE.filter | None = strawberry.field(default=None, description="Which ones.")
    statuses: list[MessageStatus] | None = strawberry.field(
        default=None, description="Only those that have come so far."
    )


def _of_buckets(family: Family) -> Callable[[Context, Any], Params]:
    def params(here: Context, wanted: Any) -> Params:
        names = tuple(dict.fromkeys(metric.value for metric in wanted.metrics or ()))
        measures = names or tuple(family.fact.measures)
        asked = Asked(
            *(None, wanted.window, wanted.granularity, wanted.timezone, wanted.group_by, wanted.filter),
            *(wanted.clock, None, None, None, None, wanted.clip),
        )
        span = here.window(wanted.window, asked.zone(here))
        question = asked.question(family, here, measures, span, None)
        return BucketsParams(
            measures=measures,
            window=span,
            granularity=wanted.granularity,
            zone=question.zone,
            by=question.by,
            where=question.where,
            clock=question.clock,
            clip=question.clip,
        )

    return params


def _of_campaigns(here: Context, wanted: CampaignsExport) -> Params:
    return CampaignsParams(**vars(chosen_campaigns(here, wanted.filter)))


def _performance(here: Context, wanted: PerformanceExport) -> dict[str, Any]:
    zone = here.zone(wanted.timezone)
    return {
        "window": here.window(wanted.window, zone),
        "zone": zone,
        "granularity": wanted.granularity if wanted.time_series else None,
        "clock": wanted.clock,
        "where": chosen(MESSAGE.fact, wanted.filter),
    }


def _of_performance(here: Context, wanted: PerformanceExport) -> Params:
    return PerformanceParams(**_performance(here, wanted))


def _of_campaign_performance(here: Context, wanted: CampaignPerformanceExport) -> Params:
    ids = wanted.campaign_ids
    if ids is not None and not 1 <= len(ids) <= MOST_CAMPAIGNS:
        raise InvalidInput(f"'campaignIds' holds between 1 and {MOST_CAMPAIGNS} ids, not {len(ids)}.")
    names = None if ids is None else tuple(dict.fromkeys(str(i).removeprefix(CAMPAIGN_PREFIX) for i in ids))
    return CampaignPerformanceParams(**_performance(here, wanted), campaigns=names)


def _of_messages(here: Context, wanted: MessagesExport) -> Params:
    zone = here.zone(wanted.timezone)
    return MessagesParams(
        window=here.window(wanted.window, zone),
        where=chosen(MESSAGE.fact, wanted.filter),
        statuses=tuple(status.value for status in wanted.statuses or ()),
    )


@dataclass(frozen=True)
class Offer:
    """What is offered for export: the source of this name, the input that asks for it, and its parameters."""

    name: str
    input: Any
    params: Callable[[Context, Any], Params]


OFFERS: tuple[Offer, ...] = (
    Offer("campaigns", CampaignsExport, _of_campaigns),
    Offer("campaign_performance", CampaignPerformanceExport, _of_campaign_performance),
    *(
        Offer(name, PerformanceExport, _of_performance)
        for name in ("overall_performance", "workspace_summary", "deliverability", "domain_health")
    ),
    Offer("messages", MessagesExport, _of_messages),
    *(
        Offer(f"{family.fact.name}_buckets", _buckets_input(family), _of_buckets(family))
        for family in FAMILIES
    ),
)
_OFFER = {offer.name: offer for offer in OFFERS}


def _source_input() -> Any:
    body: dict[str, Any] = {"__annotations__": {}}
    for offer in OFFERS:
        body["__annotations__"][offer.name] = strawberry.Maybe[offer.input]
        body[offer.name] = strawberry.field(default=None, description=SOURCES[offer.name].about)
    made = type("ExportSourceInput", (), body)
    return strawberry.input(made, one_of=True, description="What to export; give exactly one.")


ExportSourceInput = _source_input()


@strawberry.input(description="An export to be made.")
class ExportInput:
    source: ExportSourceInput = strawberry.field(description="What it is to hold.")  # ty: ignore[invalid-type-form]
    format: ExportFormat = strawberry.field(
        default=ExportFormat["CSV"], description="How its file is to be written."
    )


def params_of(here: Context, wanted: Any) -> tuple[str, Params]:
    """The kind of export that an `ExportSourceInput` asks for, and its parameters. Raises InvalidInput."""
    [(kind, given)] = [(name, found) for name in _OFFER if (found := getattr(wanted, name)) is not None]
    return kind, _OFFER[kind].params(here, given.value)
