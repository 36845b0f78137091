"""From GraphQL's answers to MessageSender's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.rest.messagesender.ranges import Range
from gateway.rest.write import millis, percent
from models.moments import printed

CAMPAIGNS = ("total", "completed", "sending", "scheduled", "failed")
MESSAGES = ("total", "sent", "delivered", "failed")
OF_DAY = {"messages": MESSAGES, "campaigns": ("total", "completed", "sending", "failed")}


def rate(delivered: int, total: int) -> int | float:
    """A delivery rate: percent with two decimals, 0 of nothing."""
    return percent(delivered, total, 2)


def overview(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/analytics/overview`."""
    counted = data.get("overview") or {}
    messages = counted.get("messages") or dict.fromkeys(MESSAGES, 0)
    return {
        "dateRange": {"start": millis(printed(asked.start)), "end": millis(printed(asked.end))},
        "campaigns": counted.get("campaigns") or dict.fromkeys(CAMPAIGNS, 0),
        "messages": messages,
        "contacts": data["contacts"]["counts"],
        "deliveryRate": rate(messages["delivered"], messages["total"]),
    }


def trends(asked: Range, data: dict[str, Any]) -> list[dict[str, Any]]:
    """`/api/analytics/trends`; a day that is not yet counted is a day of zeros."""
    metric = asked.params.metric
    buckets = data["trends"][metric]["buckets"] if "trends" in data else []
    zeros = dict.fromkeys(OF_DAY[metric], 0)
    return [{"date": bucket["start"][:10], **(bucket["metrics"] or zeros)} for bucket in buckets]


def top_campaigns(_: Range, data: dict[str, Any]) -> list[dict[str, Any]]:
    """`/api/analytics/top-campaigns`."""
    return [
        {
            **one["campaign"],
            "createdAt": millis(one["campaign"]["createdAt"]),
            **one["metrics"],
            "deliveryRate": rate(one["metrics"]["deliveredCount"], one["metrics"]["totalCount"]),
        }
        for one in data.get("topCampaigns", [])
    ]


def best_send_times(_: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/analytics/best-send-times`; weekdays begin with Sunday."""
    found = data.get("bestSendTimes") or {"byHour": [], "byWeekday": []}
    hours = [{"hour": row["hour"], **_sent(row)} for row in found["byHour"] if _was_sent(row)]
    days = [
        {"dayOfWeek": (row["weekday"] + 1) % 7, **_sent(row)} for row in found["byWeekday"] if _was_sent(row)
    ]
    return {"byHour": hours, "byDayOfWeek": sorted(days, key=lambda day: day["dayOfWeek"])}


def _was_sent(row: dict[str, Any]) -> bool:
    return row["metrics"]["totalSent"] > 0


def _sent(row: dict[str, Any]) -> dict[str, Any]:
    metrics = row["metrics"]
    return {**metrics, "deliveryRate": rate(metrics["delivered"], metrics["totalSent"])}


def billing_status(organization: str, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/billing/status`."""
    told = data["billingStatus"]
    subscription = told["subscription"]
    if subscription is not None:
        subscription = {**subscription, "current_period_end": millis(subscription["current_period_end"])}
    return {
        "organization_id": organization,
        "brand": told["brand"],
        "billing_status": told["billing_status"].lower(),
        "pricing_model": told["pricing_model"].lower(),
        "subscription": subscription,
        "credits": told["credits"],
        "portal_urls": {
            "customer_portal": told["customer_portal"],
            "subscription_management": told["subscription_management"],
        },
        "available_credit_products": told["available_credit_products"],
    }


def credit_balance(_: Any, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/credits/balance`."""
    return dict(data["credits"])


def exported(data: dict[str, Any]) -> tuple[list[list[Any]], str | None]:
    """A page of `/api/analytics/export`, and the cursor of the next one."""
    page = data["campaigns"]
    rows = [_exported(edge["node"]) for edge in page["edges"]]
    return rows, page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None


def _exported(campaign: dict[str, Any]) -> list[Any]:
    summary = campaign["summary"]
    return [
        *(campaign["name"], campaign["status"].lower(), campaign["audienceSize"]),
        *(summary["handedOff"], summary["delivered"], summary["failed"]),
        *(millis(campaign["createdAt"]), millis(campaign["completedAt"])),
    ]


def filename(asked: Range) -> str:
    """What the export is called."""
    return f"campaigns-{_day(asked.start)}-{_day(asked.end)}.csv"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
