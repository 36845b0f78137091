"""MessageSender: 'REST API endpoints for analytics and reporting', seven URLs.

What their document leaves open, and we chose, is listed in docs/vendors/messagesender.md.
"""

from __future__ import annotations

from typing import Any

from gateway.rest.messagesender import answers, documents, shape
from gateway.rest.messagesender.access import CREDENTIALS, REALM
from gateway.rest.messagesender.errors import envelope
from gateway.rest.messagesender.params import (
    ExportParams,
    NoParams,
    RangeParams,
    SendTimesParams,
    TopParams,
    TrendsParams,
)
from gateway.rest.messagesender.ranges import INCLUSIVE, Range, last_30_days, last_90_days
from gateway.rest.vendor import CsvEndpoint, Endpoint, Vendor
from models.errors import (
    Expired,
    HeliographError,
    InvalidInput,
    InvalidRange,
    MethodNotAllowed,
    MissingScope,
    NotAMember,
    NotFound,
    Unauthenticated,
    Unavailable,
    WindowTooLarge,
)

HEADER = (
    *("Campaign Name", "Status", "Total Recipients", "Sent", "Delivered", "Failed"),
    *("Created At", "Completed At"),
)


def _window(asked: Range) -> dict[str, Any]:
    return {"window": asked.window, "some": asked.window is not None}


def _trends(asked: Range) -> dict[str, Any]:
    metric = asked.params.metric
    return {**_window(asked), "messages": metric == "messages", "campaigns": metric == "campaigns"}


def _top(asked: Range) -> dict[str, Any]:
    return {**_window(asked), "first": asked.params.limit}


def _nothing(_: Any) -> dict[str, Any]:
    return {}


def _export(asked: Range) -> dict[str, Any] | None:
    return None if asked.window is None else {"window": asked.window}


ENDPOINTS: tuple[Endpoint | CsvEndpoint, ...] = (
    Endpoint(
        "/api/analytics/overview",
        "Analytics overview",
        "Campaigns by status, messages, contacts and the delivery rate. Campaigns and messages count where "
        "they were created; contacts are all there are (our choice).",
        RangeParams,
        answers.Overview,
        documents.OVERVIEW,
        last_30_days,
        _window,
        shape.overview,
    ),
    Endpoint(
        "/api/analytics/trends",
        "Message and campaign trends",
        "Every UTC day of the range, oldest first, days without anything included.",
        TrendsParams,
        answers.Trends,
        documents.TRENDS,
        last_30_days,
        _trends,
        shape.trends,
        example="metric=campaigns",
    ),
    Endpoint(
        "/api/analytics/top-campaigns",
        "Top performing campaigns",
        "Completed campaigns created in the range, the highest delivery rate first; of equal ones the "
        "larger, then the newer (our choice).",
        TopParams,
        answers.TopCampaigns,
        documents.TOP_CAMPAIGNS,
        last_30_days,
        _top,
        shape.top_campaigns,
        example="limit=5&startDate={90 days ago}",
    ),
    Endpoint(
        "/api/analytics/best-send-times",
        "Best send times",
        "Messages by the hour and the weekday of their sending, in the organization's own zone; only those "
        "with any, and the range is widened to quarters of an hour (our choice).",
        SendTimesParams,
        answers.BestSendTimes,
        documents.BEST_SEND_TIMES,
        last_90_days,
        _window,
        shape.best_send_times,
    ),
    Endpoint(
        "/api/billing/status",
        "Billing status",
        "Standing, subscription, credits and what can be bought.",
        NoParams,
        answers.BillingStatus,
        documents.BILLING_STATUS,
        lambda asked: asked.named,
        _nothing,
        shape.billing_status,
    ),
    Endpoint(
        "/api/credits/balance",
        "Credit balance",
        "The bought credits that are left.",
        NoParams,
        answers.CreditBalance,
        documents.CREDIT_BALANCE,
        lambda _: None,
        _nothing,
        shape.credit_balance,
    ),
    CsvEndpoint(
        "/api/analytics/export",
        "Export analytics",
        "Campaigns created in the range, newest first, as a CSV file.",
        ExportParams,
        documents.EXPORT,
        last_30_days,
        _export,
        HEADER,
        shape.exported,
        shape.filename,
        example="type=campaigns",
    ),
)

MESSAGESENDER = Vendor(
    name=REALM,
    title="MessageSender analytics",
    about="The analytics API of MessageSender (Amplifi), answered by Heliograph. What their document leaves "
    "open and we chose is marked `x-heliograph-choice`.",
    endpoints=ENDPOINTS,
    envelope=envelope,
    error=answers.Failure,
    refusals=(
        InvalidInput(fields={"metric": "must be 'messages' or 'campaigns'"}),
        InvalidRange("startDate must not be later than endDate."),
        WindowTooLarge(),
        Expired(),
        Unauthenticated(),
        MissingScope(),
        NotAMember(),
        NotFound(),
        MethodNotAllowed(),
        HeliographError(),
        Unavailable(),
    ),
    paths=("/api/billing", "/api/credits"),
    ours=(
        InvalidInput,
        InvalidRange,
        WindowTooLarge,
        Expired,
        MissingScope,
        NotAMember,
        NotFound,
        MethodNotAllowed,
        HeliographError,
        Unavailable,
    ),
    headers={"Cache-Control": "private, no-cache", "Vary": "Authorization, x-organization-id"},
    credentials=CREDENTIALS,
    options={INCLUSIVE: "a date as endDate includes that day"},
)
