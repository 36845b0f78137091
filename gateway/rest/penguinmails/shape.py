"""From GraphQL's answers to PenguinMails'. What they call delivered is what left and did not come back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gateway.rest.penguinmails.params import RATES
from gateway.rest.penguinmails.ranges import Range
from gateway.rest.write import half_up as whole
from models.errors import NotFound

METRICS = {
    "delivery_rate": "ACCEPTANCE_RATE",
    "open_rate": "ACCEPTED_OPEN_RATE",
    "click_rate": "ACCEPTED_CLICK_RATE",
    "click_to_open_rate": "CLICK_TO_OPEN_RATE",
    "reply_rate": "ACCEPTED_REPLY_RATE",
    "bounce_rate": "BOUNCE_RATE",
    "spam_rate": "COMPLAINT_RATE",
    "unsubscribe_rate": "ACCEPTED_UNSUBSCRIBE_RATE",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OVERVIEW_RATES = ("delivery_rate", "open_rate", "click_rate", "reply_rate")
NO_COUNTS = dict.fromkeys(
    ("sent", "bounced", "opened", "clicked", "replied", "complaints", "unsubscribes"), 0
)


def success(data: dict[str, Any]) -> dict[str, Any]:
    """A successful answer."""
    return {"success": True, "data": data}


def half_up(number: float | None, decimals: int = 2) -> float:
    """A rate as it is printed; 0 where there was nothing to divide by."""
    if number is None:
        return 0.0
    # the shortest text of a double is the number it came from, so a tie is seen as one
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def campaign(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`…/campaigns/{campaignId}/analytics`."""
    found = data["campaign"]
    if found is None:
        raise NotFound(campaign=asked.path["campaignId"])
    told = found["summary"]
    return success(
        {
            "campaign_id": found["campaign_id"],
            "campaign_name": found["campaign_name"],
            "time_range": asked.told,
            "summary": {
                "emails_sent": told["sent"],
                "emails_delivered": told["sent"] - told["bounced"],
                "emails_bounced": told["bounced"],
                "emails_opened": told["opened"],
                "emails_clicked": told["clicked"],
                "emails_replied": told["replied"],
                "spam_complaints": told["complaints"],
                "unsubscribes": told["unsubscribes"],
            },
            "rates": {name: half_up(told[name]) for name in RATES},
            "time_series": [_point(asked, bucket) for bucket in found["timeSeries"]["buckets"]],
        }
    )


def _point(asked: Range, bucket: dict[str, Any]) -> dict[str, Any]:
    counts = bucket["metrics"] or NO_COUNTS
    return {
        "date": _first_day(bucket["start"], asked.params.group_by),
        "sent": counts["sent"],
        "delivered": counts["sent"] - counts["bounced"],
        **{name: counts[name] for name in ("opened", "clicked", "replied", "bounced")},
        "spam_complaints": counts["complaints"],
    }


def _first_day(start: str, group_by: str) -> str:
    """The first day of the day, ISO week or month; a bucket that the range cuts starts later."""
    day = date.fromisoformat(start[:10])
    if group_by == "week":
        day -= timedelta(days=day.weekday())
    return (day.replace(day=1) if group_by == "month" else day).isoformat()


def overview(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`…/analytics/overview`."""
    told = data["overview"]["messages"]
    return success(
        {
            "workspace_id": asked.path["workspaceId"],
            "time_range": asked.told,
            "summary": {
                "total_campaigns": data["all"]["totalCount"],
                "active_campaigns": data["active"]["totalCount"],
                "emails_sent": told["sent"],
                "emails_delivered": told["sent"] - told["bounced"],
                "emails_opened": told["opened"],
                "emails_clicked": told["clicked"],
                "emails_replied": told["replied"],
            },
            "rates": {name: half_up(told[name]) for name in OVERVIEW_RATES},
            "top_campaigns": [
                {**one["campaign"], **{name: half_up(rate) for name, rate in one["metrics"].items()}}
                for one in data["top"]
            ],
        }
    )


def deliverability(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`…/analytics/deliverability`."""
    told = data["deliverability"]
    messages, lists = told["messages"], told["blacklists"]
    rates = ("estimated_inbox_placement_rate", "spam_rate", "bounce_rate")
    score = told["healthScore"]
    return success(
        {
            "workspace_id": asked.path["workspaceId"],
            "time_range": asked.told,
            "overall": {
                **{name: half_up(messages[name]) for name in rates},
                "health_score": _reckoned_health(messages) if score is None else _points(score),
            },
            "bounce_analysis": {
                "hard_bounces": messages["hard_bounces"],
                "soft_bounces": messages["soft_bounces"],
                "hard_bounce_rate": half_up(messages["hard_bounce_rate"]),
                "soft_bounce_rate": half_up(messages["soft_bounce_rate"]),
                "top_bounce_reasons": [
                    {"reason": one["reason"], "count": one["count"], "percentage": half_up(one["share"], 1)}
                    for one in told["bounceReasons"]
                ],
            },
            "reputation_trend": [
                {"date": day["start"][:10], "score": _points(day["score"])} for day in told["reputation"]
            ],
            "blacklist_status": {**lists, "last_check": _seconds(lists["last_check"])},
        }
    )


def _points(score: float) -> int:
    return int(half_up(score, 0))


def _reckoned_health(messages: dict[str, Any]) -> int:
    """Their client's own formula, for when no mailbox told a score: 40 × delivery rate + 30 × (1 − bounce
    rate) + 30 × (1 − spam rate), each rate 0 of nothing; between 0 and 100."""
    sent, bounced, spam = messages["sent"], messages["bounced"], messages["complained"]
    if not sent:
        return 60
    return max(whole(100 * sent - 70 * bounced - 30 * spam, sent), 0)


def _seconds(moment: str | None) -> str | None:
    return None if moment is None else f"{moment[:19]}Z"


def heatmap(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`…/analytics/engagement-heatmap`: Monday first; cells without sends are left out."""
    if data.get("campaign", {}) is None:
        raise NotFound(campaign=asked.params.campaign)
    found = data["heatmap"]
    best = found["best"]
    return success(
        {
            "workspace_id": asked.path["workspaceId"],
            "timezone": found["timezone"],
            "optimal_send_time": None
            if best is None
            else {
                "day_of_week": WEEKDAYS[best["weekday"]],
                "hour": found["bestHour"]["hour"],
                "engagement_score": half_up(best["metrics"]["engagement_score"]),
            },
            "heatmap": [_cell(cell) for cell in found["cells"] if cell["metrics"]["emails_sent"]],
        }
    )


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    metrics = cell["metrics"]
    return {
        "day_of_week": WEEKDAYS[cell["weekday"]],
        "time_period": cell["dayPart"].lower(),
        "emails_sent": metrics["emails_sent"],
        "emails_opened": metrics["emails_opened"],
        "open_rate": half_up(metrics["open_rate"]),
        "engagement_score": half_up(metrics["engagement_score"]),
    }


def compare(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`…/analytics/compare`."""
    found, names = data["compareCampaigns"], metrics_asked(asked)
    return success(
        {
            "comparison": [
                {
                    **one["campaign"],
                    "metrics": {
                        name: half_up(rate["value"]) for name, rate in zip(names, one["rates"], strict=True)
                    },
                }
                for one in found["campaigns"]
            ],
            "statistical_significance": [
                {
                    "metric": name,
                    "winner": one["winner"] and one["winner"]["externalId"],
                    "p_value": half_up(one["pValue"], 4),
                    "is_significant": one["isSignificant"],
                }
                for name, one in zip(names, found["comparisons"], strict=True)
                if one["pValue"] is not None
            ],
        }
    )


def metrics_asked(asked: Range) -> list[str]:
    """The rates that are compared, each once, in the order asked."""
    return list(dict.fromkeys(asked.params.metrics))


def export_created(_: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`…/analytics/export`."""
    told = data["createExport"]
    return success(
        {
            "export_id": told["export_id"],
            "status": "processing",
            "estimated_completion": _seconds(told["estimated_completion"]),
            "download_url": None,
        }
    )


def export_status(path: Mapping[str, str], data: dict[str, Any]) -> dict[str, Any]:
    """`…/analytics/exports/{exportId}`; a file that is gone has no link any more."""
    told = data["export"]
    if told is None:
        raise NotFound(f"Export with ID {path['exportId'][:64]} not found")
    moments = {name: _seconds(told[name]) for name in ("created_at", "completed_at", "expires_at")}
    return success({**told, **moments, "status": told["status"].lower(), "format": told["format"].lower()})
