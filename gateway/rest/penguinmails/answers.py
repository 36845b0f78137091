"""What PenguinMails answers: for its OpenAPI document; tests hold real answers against it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from gateway.rest.typed import Told


class TimeRange(Told):
    """The range that was counted; the end is its last second."""

    start: datetime
    end: datetime
    period: Literal["7d", "30d", "90d", "custom"]


class Summary(Told):
    """What became of the e-mails; at most one open, click and reply of each counts."""

    emails_sent: int
    emails_delivered: int = Field(description="Sent and not bounced.")
    emails_bounced: int
    emails_opened: int
    emails_clicked: int
    emails_replied: int
    spam_complaints: int
    unsubscribes: int


class Rates(Told):
    """Percentages with two decimals, 0 of nothing."""

    delivery_rate: float
    open_rate: float
    click_rate: float
    click_to_open_rate: float
    reply_rate: float
    bounce_rate: float
    spam_rate: float
    unsubscribe_rate: float


class Point(Told):
    """One point of the time series; `date` is its first day."""

    date: date
    sent: int
    delivered: int
    opened: int
    clicked: int
    replied: int
    bounced: int
    spam_complaints: int


class CampaignData(Told):
    """One campaign."""

    campaign_id: str
    campaign_name: str
    time_range: TimeRange
    summary: Summary
    rates: Rates
    time_series: list[Point]


class OverviewSummary(Told):
    """What became of all e-mails of a workspace."""

    total_campaigns: int
    active_campaigns: int
    emails_sent: int
    emails_delivered: int
    emails_opened: int
    emails_clicked: int
    emails_replied: int


class OverviewRates(Told):
    """Percentages with two decimals."""

    delivery_rate: float
    open_rate: float
    click_rate: float
    reply_rate: float


class TopCampaign(Told):
    """One of the best campaigns."""

    campaign_id: str
    campaign_name: str
    open_rate: float
    reply_rate: float


class OverviewData(Told):
    """A workspace."""

    workspace_id: str
    time_range: TimeRange
    summary: OverviewSummary
    rates: OverviewRates
    top_campaigns: list[TopCampaign] = Field(description="Five, the highest open rate first.")


class Overall(Told):
    """Whether e-mails arrive."""

    estimated_inbox_placement_rate: float
    spam_rate: float
    bounce_rate: float
    health_score: int


class Reason(Told):
    """Why e-mails came back."""

    reason: str
    count: int
    percentage: float = Field(description="Out of all that came back, one decimal.")


class Bounces(Told):
    """What came back."""

    hard_bounces: int
    soft_bounces: int
    hard_bounce_rate: float
    soft_bounce_rate: float
    top_bounce_reasons: list[Reason]


class Reputation(Told):
    """The health score of a day."""

    date: date
    score: int


class Blacklists(Told):
    """What blacklists say."""

    any_ip_blacklisted: bool
    ips_checked: int
    last_check: datetime | None


class DeliverabilityData(Told):
    """The deliverability of a workspace."""

    workspace_id: str
    time_range: TimeRange
    overall: Overall
    bounce_analysis: Bounces
    reputation_trend: list[Reputation]
    blacklist_status: Blacklists


class SendTime(Told):
    """When engagement was highest."""

    day_of_week: str
    hour: int
    engagement_score: float


class Cell(Told):
    """One part of one day of the week."""

    day_of_week: str
    time_period: Literal["nighttime", "early_morning", "office_hours", "evening"]
    emails_sent: int
    emails_opened: int
    open_rate: float = Field(description="Opened out of sent, here.")
    engagement_score: float


class HeatmapData(Told):
    """The engagement of a workspace."""

    workspace_id: str
    timezone: str
    optimal_send_time: SendTime | None
    heatmap: list[Cell]


class Compared(Told):
    """A campaign and the rates asked for."""

    campaign_id: str
    campaign_name: str
    metrics: dict[str, float]


class Significance(Told):
    """Whether the best is better than the second best by more than chance."""

    metric: str
    winner: str | None
    p_value: float
    is_significant: bool


class CompareData(Told):
    """Campaigns side by side."""

    comparison: list[Compared]
    statistical_significance: list[Significance]


class ExportCreated(Told):
    """An export that was asked for."""

    export_id: str
    status: Literal["processing"]
    estimated_completion: datetime | None
    download_url: None


class ExportStatus(Told):
    """How far an export has come."""

    export_id: str
    status: Literal["pending", "processing", "completed", "failed", "expired"]
    format: Literal["csv", "json", "xlsx", "ndjson", "parquet"]
    file_size_bytes: int | None
    created_at: datetime
    completed_at: datetime | None
    download_url: str | None
    expires_at: datetime | None


class ExportCreatedAnswer(Told):
    """`…/analytics/export`."""

    success: Literal[True]
    data: ExportCreated


class ExportStatusAnswer(Told):
    """`…/analytics/exports/{exportId}`."""

    success: Literal[True]
    data: ExportStatus


class CampaignAnswer(Told):
    """`…/campaigns/{campaignId}/analytics`."""

    success: Literal[True]
    data: CampaignData


class OverviewAnswer(Told):
    """`…/analytics/overview`."""

    success: Literal[True]
    data: OverviewData


class DeliverabilityAnswer(Told):
    """`…/analytics/deliverability`."""

    success: Literal[True]
    data: DeliverabilityData


class HeatmapAnswer(Told):
    """`…/analytics/engagement-heatmap`."""

    success: Literal[True]
    data: HeatmapData


class CompareAnswer(Told):
    """`…/analytics/compare`."""

    success: Literal[True]
    data: CompareData


class Problem(Told):
    """What was wrong."""

    code: str
    message: str
    details: list[dict[str, Any]]
    request_id: str


class Failure(Told):
    """An error response."""

    success: Literal[False]
    error: Problem
    timestamp: datetime
