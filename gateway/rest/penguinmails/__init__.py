"""PenguinMails: 'Tenant Analytics API', seven URLs below a workspace.

What their document leaves open, and we chose, is listed in docs/vendors/penguinmails.md.
"""

from __future__ import annotations

from typing import Any

from gateway.limits import WINDOW_S, Limit, Standing
from gateway.rest.penguinmails import answers, documents, shape
from gateway.rest.penguinmails.access import CREDENTIALS, REALM
from gateway.rest.penguinmails.errors import ExportFailed, envelope
from gateway.rest.penguinmails.params import (
    CampaignParams,
    CompareParams,
    DeliverabilityParams,
    ExportParams,
    HeatmapParams,
    NoParams,
    RangeParams,
)
from gateway.rest.penguinmails.ranges import Range, understand
from gateway.rest.vendor import Asked, Endpoint, Vendor
from models.errors import (
    Expired,
    HeliographError,
    InvalidInput,
    InvalidRange,
    MethodNotAllowed,
    MissingScope,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
)

FORMATS = {"csv": "CSV", "json": "JSON", "xlsx": "XLSX", "excel": "XLSX"}
KINDS = {
    "campaign_performance": "campaignPerformance",
    "overall_performance": "overallPerformance",
    "deliverability": "deliverability",
    "workspace_summary": "workspaceSummary",
    "domain_health": "domainHealth",
}
WORKSPACE = "/api/v1/workspaces/{workspaceId}"
TENANT = "/api/v1/tenant/workspaces/{workspaceId}"


def _campaign(asked: Range) -> dict[str, Any]:
    return {
        "campaign": asked.path["campaignId"],
        "window": asked.window,
        "granularity": asked.params.group_by.upper(),
    }


def _overview(asked: Range) -> dict[str, Any]:
    return {"window": asked.window, "until": asked.until}


def _deliverability(asked: Range) -> dict[str, Any]:
    return {"window": asked.window, "campaign": asked.params.campaign, "domain": asked.params.domain}


def _heatmap(asked: Range) -> dict[str, Any]:
    campaign = asked.params.campaign
    return {
        "window": asked.window,
        "timezone": asked.params.timezone,
        "campaigns": None if campaign is None else [campaign.removeprefix("Campaign:")],
        "campaign": campaign or "",
        "one": campaign is not None,
    }


def _compare(asked: Range) -> dict[str, Any]:
    return {
        "campaigns": asked.params.campaign_ids,
        "metrics": [shape.METRICS[name] for name in shape.metrics_asked(asked)],
        "window": asked.window,
    }


def _export(asked: Range) -> dict[str, Any]:
    params = asked.params
    source: dict[str, Any] = {
        "window": asked.window,
        "timezone": "UTC",
        "clock": "HAPPENED",
        "timeSeries": params.include_time_series,
        "filter": {"direction": ["outbound"], "channel": ["email", ""]},
    }
    if params.export_type == "campaign_performance":
        source["campaignIds"] = params.campaign_ids or None
    return {"input": {"format": FORMATS[params.format], "source": {KINDS[params.export_type]: source}}}


def _wanted(asked: Asked[Any]) -> Range:
    """The export that is wanted. Raises ExportFailed for what is not made."""
    if asked.params.format not in FORMATS:
        raise ExportFailed(f"Failed to generate export: the format {asked.params.format} is not made")
    return understand(asked)


def _limit(name: str, per_minute: int) -> Limit:
    return Limit(f"{REALM}.{name}", per_minute)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        f"{WORKSPACE}/campaigns/{{campaignId}}/analytics",
        "Get campaign analytics",
        "Counts, rates and a time series of one campaign; each thing counts where it happened.",
        CampaignParams,
        answers.CampaignAnswer,
        documents.CAMPAIGN,
        understand,
        _campaign,
        shape.campaign,
        limit=_limit("campaign", 100),
        example="timeRange=90d&groupBy=week",
        aliases=(f"{TENANT}/campaigns/{{campaignId}}/analytics",),
    ),
    Endpoint(
        f"{WORKSPACE}/analytics/overview",
        "Get workspace analytics overview",
        "Counts and rates over all campaigns, and the five with the highest open rate.",
        RangeParams,
        answers.OverviewAnswer,
        documents.OVERVIEW,
        understand,
        _overview,
        shape.overview,
        limit=_limit("overview", 60),
        example="timeRange=30d",
        aliases=(f"{TENANT}/analytics/overview",),
    ),
    Endpoint(
        f"{WORKSPACE}/analytics/deliverability",
        "Get deliverability analytics",
        "Estimated inbox placement, bounces and their reasons, the health of mailboxes, blacklists.",
        DeliverabilityParams,
        answers.DeliverabilityAnswer,
        documents.DELIVERABILITY,
        understand,
        _deliverability,
        shape.deliverability,
        limit=_limit("deliverability", 30),
        example="timeRange=90d",
        aliases=(f"{TENANT}/analytics/deliverability",),
    ),
    Endpoint(
        f"{WORKSPACE}/analytics/engagement-heatmap",
        "Get engagement heatmap",
        "E-mails by the weekday and the part of the day they were sent, in the zone asked for.",
        HeatmapParams,
        answers.HeatmapAnswer,
        documents.HEATMAP,
        understand,
        _heatmap,
        shape.heatmap,
        limit=_limit("heatmap", 30),
        example="timeRange=90d",
        aliases=(f"{TENANT}/analytics/engagement-heatmap",),
    ),
    Endpoint(
        f"{WORKSPACE}/analytics/compare",
        "Compare campaigns",
        "Rates side by side, and a two-proportion z-test of the best against the second best.",
        CompareParams,
        answers.CompareAnswer,
        documents.COMPARE,
        understand,
        _compare,
        shape.compare,
        method="POST",
        limit=_limit("compare", 30),
        example='{"campaign_ids": ["cmp_e75e3218", "cmp_5d9b6a24"], "time_range": "90d"}',
        aliases=(f"{TENANT}/analytics/compare",),
    ),
    Endpoint(
        f"{WORKSPACE}/analytics/export",
        "Export analytics data",
        "Ask for a file; it is made in the background.",
        ExportParams,
        answers.ExportCreatedAnswer,
        documents.CREATE_EXPORT,
        _wanted,
        _export,
        shape.export_created,
        method="POST",
        status=202,
        limit=_limit("export", 10),
        example='{"export_type": "campaign_performance", "format": "csv"}',
        aliases=(f"{TENANT}/analytics/export",),
    ),
    Endpoint(
        f"{WORKSPACE}/analytics/exports/{{exportId}}",
        "Get export status",
        "How far a file has come, and where it can be downloaded for an hour.",
        NoParams,
        answers.ExportStatusAnswer,
        documents.EXPORT,
        lambda asked: asked.path,
        lambda path: {"export": path["exportId"]},
        shape.export_status,
        limit=_limit("export-status", 60),
        aliases=(f"{TENANT}/analytics/exports/{{exportId}}",),
    ),
)


def rate_headers(standing: Standing) -> dict[str, str]:
    """Where a client stands."""
    return {
        "X-RateLimit-Limit": str(standing.limit.per_minute),
        "X-RateLimit-Remaining": str(standing.remaining),
        "X-RateLimit-Reset": str(int(-(-standing.reset_at // 1))),
        "X-RateLimit-Window": str(WINDOW_S),
    }


PENGUINMAILS = Vendor(
    name=REALM,
    title="PenguinMails analytics",
    about="The tenant analytics API of PenguinMails, answered by Heliograph. What their document leaves open "
    "and we chose is marked `x-heliograph-choice`.",
    endpoints=ENDPOINTS,
    envelope=envelope,
    error=answers.Failure,
    refusals=(
        Unauthenticated(),
        MissingScope(required_scope="metrics:read"),
        NotFound(),
        NotFound(campaign="cmp_abc123", path={"workspaceId": "ws_xyz789"}),
        MethodNotAllowed(),
        InvalidInput(fields={"groupBy": "must be 'day', 'week' or 'month'"}),
        InvalidRange("Start date must be before end date"),
        Expired(),
        ExportFailed("Failed to generate export: the format pdf is not made"),
        RateLimited(),
        HeliographError(),
        Unavailable(),
    ),
    paths=("/api/v1/workspaces", "/api/v1/tenant"),
    places={
        "workspaceId": "The workspace: its id, or the slug of its organization.",
        "campaignId": "The campaign.",
        "exportId": "The export.",
    },
    examples={
        "{workspaceId}": "ws_penguin",
        "{campaignId}": "cmp_e75e3218",
        "{exportId}": "exp_1",
    },
    ours=(MethodNotAllowed,),
    headers={"Cache-Control": "private, no-cache", "Vary": "Authorization"},
    credentials=CREDENTIALS,
    rate_headers=rate_headers,
)
