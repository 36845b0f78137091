"""What may be asked of PenguinMails' endpoints. Names with underscores are taken for those without."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, Field

from gateway.rest.read import Iso
from gateway.rest.typed import Asked
from gateway.rest.vendor import CHOICE

MOST_CAMPAIGNS = 5
RATES = (
    *("delivery_rate", "open_rate", "click_rate", "click_to_open_rate"),
    *("reply_rate", "bounce_rate", "spam_rate", "unsubscribe_rate"),
)
Period = Literal["7d", "30d", "90d", "custom"]
RateName = Literal[
    "delivery_rate",
    "open_rate",
    "click_rate",
    "click_to_open_rate",
    "reply_rate",
    "bounce_rate",
    "spam_rate",
    "unsubscribe_rate",
]


def _either(camel: str, *others: str) -> AliasChoices:
    return AliasChoices(camel, *others)


class RangeParams(Asked):
    """A range of time."""

    period: Period | None = Field(
        None,
        validation_alias=_either("timeRange", "time_range"),
        serialization_alias="timeRange",
        description="So many days before today, and today. 30d when absent.",
    )
    start: Iso | None = Field(
        None,
        validation_alias=_either("startDate", "start_date"),
        description="First day or moment of a custom range. Our choice: it makes the range custom by itself.",
        json_schema_extra=CHOICE,
    )
    end: Iso | None = Field(
        None,
        validation_alias=_either("endDate", "end_date"),
        description="Last day, or last second, of a custom range.",
        json_schema_extra=CHOICE,
    )


class CampaignParams(RangeParams):
    """`…/campaigns/{campaignId}/analytics`."""

    group_by: Literal["day", "week", "month"] = Field(
        "day",
        validation_alias=_either("groupBy", "group_by", "granularity"),
        description="How wide the points of the time series are.",
    )


class DeliverabilityParams(Asked):
    """`…/analytics/deliverability`."""

    period: Literal["7d", "30d", "90d"] = Field(
        "30d",
        validation_alias=_either("timeRange", "time_range"),
        description="So many days before today, and today.",
    )
    campaign: str | None = Field(
        None, validation_alias=_either("campaignId", "campaign_id"), description="Only this campaign."
    )
    domain: str | None = Field(
        None,
        validation_alias=_either("domainId", "domain_id", "domain"),
        description="Only what this sending domain sent.",
    )


class HeatmapParams(Asked):
    """`…/analytics/engagement-heatmap`."""

    period: Literal["30d", "90d"] = Field(
        "30d",
        validation_alias=_either("timeRange", "time_range"),
        description="So many days before today, and today.",
    )
    campaign: str | None = Field(
        None, validation_alias=_either("campaignId", "campaign_id"), description="Only this campaign."
    )
    timezone: str | None = Field(None, description="IANA zone of days and hours; the workspace's own.")


CampaignId = Annotated[str, Field(min_length=1, max_length=200)]


class BodyRange(Asked):
    """The range of time of a request with a body."""

    period: Period | None = Field(
        None, validation_alias=_either("time_range", "timeRange"), description="30d when absent."
    )
    start: Iso | None = Field(None, validation_alias=_either("start_date", "startDate"))
    end: Iso | None = Field(None, validation_alias=_either("end_date", "endDate"))


class CompareParams(BodyRange):
    """`…/analytics/compare`."""

    campaign_ids: list[CampaignId] = Field(
        min_length=2, max_length=MOST_CAMPAIGNS, description=f"2 to {MOST_CAMPAIGNS} campaigns."
    )
    metrics: list[RateName] = Field(
        list(RATES),
        min_length=1,
        description="Which rates. Our choice: all when absent.",
        json_schema_extra=CHOICE,
    )


class ExportParams(BodyRange):
    """`…/analytics/export`."""

    export_type: Literal[
        "campaign_performance", "overall_performance", "deliverability", "workspace_summary", "domain_health"
    ] = Field(description="What to export.")
    format: Literal["csv", "excel", "xlsx", "json", "pdf"] = Field(
        "csv", description="How. Our choice: pdf is not made.", json_schema_extra=CHOICE
    )
    campaign_ids: list[CampaignId] = Field(
        default_factory=list, max_length=1000, description="Only these campaigns; all when empty."
    )
    include_time_series: bool = Field(False, description="A row for each day.")


class NoParams(Asked):
    """Nothing to say."""
