"""From GraphQL's answers to Whatomate's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from gateway.rest.whatomate.ranges import Range
from gateway.rest.write import half_up, percent, rounded
from models.errors import NotFound

UNTOLD = "unknown"  # a type of content that no record named
MINUTE, CENT = 60_000, 10_000  # in milliseconds, in micros
POINTS = ("sent", "received", "delivered", "read")
WORDS = {"logged": "pending", "bounced": "failed"}
STATS = ("messages", "contacts", "chatbot_sessions", "campaigns_sent")


def success(data: dict[str, Any]) -> dict[str, Any]:
    """A successful answer."""
    return {"status": "success", "data": data}


def share(top: int, bottom: int) -> float:
    """A rate: percent with one decimal, half up, 0 of nothing."""
    return float(percent(top, bottom, 1))


def change(now: int, before: int) -> float:
    """By how much percent a number grew; out of nothing it is 100, nothing out of nothing 0. Unrounded."""
    if before == 0:
        return 100.0 if now > 0 else 0.0
    return (now - before) / before * 100


def minutes(millis: int, count: int) -> float:
    """A mean in minutes, two decimals, 0 of nothing."""
    return float(rounded(millis, count * MINUTE, 2))


def instant(moment: str) -> str:
    """A moment of GraphQL as theirs are printed, without zeros at the end of its seconds."""
    whole, _, fraction = moment.removesuffix("Z").partition(".")
    digits = fraction.rstrip("0")
    return f"{whole}.{digits}Z" if digits else f"{whole}Z"


def dashboard(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/analytics/dashboard`, with what their code answers to from and to."""
    told = data["dashboard"]
    contacts, bot, campaigns = dict(told["contacts"]), told["sessionsToday"], told["campaigns"]
    base, growth = contacts.pop("atStart"), contacts.pop("growth")
    grown = share(growth, base) if base > 0 else 100.0 if growth > 0 else 0.0
    answer = {
        "contacts": {**contacts, "growth_percent": grown},
        "messages": {**told["messages"], **told["messagesToday"]},
        "campaigns": {
            "total": campaigns["total"],
            "active": campaigns["scheduled"] + campaigns["queued"] + campaigns["sending"],
            "completed_this_month": told["campaignsCompletedThisMonth"],
        },
        "chatbot": {**bot, "resolution_rate": share(bot["auto_resolved"], bot["conversations_today"])},
    }
    return success(answer | _of_window(data) if asked.is_given else answer)


def _of_window(data: dict[str, Any]) -> dict[str, Any]:
    now, before = (
        _stats(data[whole], data[of_account])
        for whole, of_account in (("now", "nowOfAccount"), ("before", "beforeOfAccount"))
    )
    stats: dict[str, float] = {}
    for name, number, earlier in zip(STATS, now, before, strict=True):
        stats |= {_total(name): number, _change(name): change(number, earlier)}
    return {"stats": stats, "recent_messages": [_recent(one) for one in data["recent_messages"]]}


def _stats(whole: dict[str, Any], of_account: dict[str, Any]) -> tuple[int, int, int, int]:
    campaigns = whole["campaigns"]
    return (
        of_account["messages"]["total"],
        whole["contacts"]["created"],
        of_account["sessions"]["started"],
        campaigns["completed"] + campaigns["sending"],
    )


def _total(name: str) -> str:
    return f"total_{name}" if name in {"messages", "contacts"} else name


def _change(name: str) -> str:
    return f"{name.removesuffix('_sessions').removesuffix('_sent')}_change"


def _recent(one: dict[str, Any]) -> dict[str, Any]:
    kind, status = one["contentType"], one["status"].lower()
    return {
        "id": one["id"],
        "contact_name": one["contactName"] or one["contactPhone"] or "Unknown",
        "content": one["body"] or ("" if kind in {"", "text"} else f"[{kind}]"),
        "direction": "incoming" if one["direction"] == "INBOUND" else "outgoing",
        "created_at": instant(one["createdAt"]),
        "status": WORDS.get(status, status),
    }


def messages(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/analytics/messages`; what is not counted yet is 0."""
    told = data["messageReport"]
    summary = told["summary"]
    return success(
        {
            "summary": {
                **{f"total_{name}": number for name, number in summary.items()},
                "delivery_rate": share(summary["delivered"], summary["sent"]),
                "read_rate": share(summary["read"], summary["delivered"]),
            },
            "by_type": {one["contentType"] or UNTOLD: one["metrics"]["total"] for one in told["byType"]},
            "timeline": [
                {
                    "date": _label(bucket["start"], asked.params.granularity),
                    **(bucket["metrics"] or dict.fromkeys(POINTS, 0)),
                }
                for bucket in told["timeline"]["buckets"]
            ],
        }
    )


def _label(start: str, granularity: str) -> str:
    """The hour, the day, the Monday or the first of the month; a bucket that the range cuts starts later."""
    if granularity == "hour":
        return f"{start[:13]}:00:00Z"
    day = date.fromisoformat(start[:10])
    if granularity == "week":
        day -= timedelta(days=day.weekday())
    return (day.replace(day=1) if granularity == "month" else day).isoformat()


def chatbot(_: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/analytics/chatbot`."""
    told = data["chatbot"]
    summary, ai = dict(told["summary"]), told["ai"]
    said, millis = summary.pop("messages"), summary.pop("resolutionTimeMillis")
    total, resolved = summary["total_conversations"], summary["auto_resolved"]
    return success(
        {
            "summary": {
                **summary,
                "resolution_rate": share(resolved, total),
                "avg_messages_per_conversation": float(rounded(said, total, 1)),
                "avg_resolution_time_seconds": rounded(millis, resolved * 1000, 0),
            },
            "by_flow": [
                {
                    "flow_name": flow["name"],
                    "conversations": flow["metrics"]["started"],
                    "completion_rate": share(flow["metrics"]["completed"], flow["metrics"]["started"]),
                }
                for flow in told["flows"]
            ],
            "top_keywords": told["keywords"],
            "ai_usage": {
                "total_requests": ai["requests"],
                "avg_tokens_per_request": rounded(ai["tokens"], ai["requests"], 0),
                "total_tokens": ai["tokens"],
                "estimated_cost": half_up(ai["costMicros"], CENT) / 100,
            },
        }
    )


def agents(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/analytics/agents`."""
    told = data["agents"]
    times = told["transfers"]
    return success(
        {
            "summary": {
                "total_transfers_handled": times["handled"],
                "active_transfers": told["activeTransfers"],
                "avg_queue_time_mins": minutes(times["queueTimeMillis"], times["assigned"]),
                **_means(times),
                "transfers_by_source": {
                    one["source"]: one["metrics"]["transfers"] for one in told["bySource"]
                },
                **_away(told["breaks"]),
            },
            "agent_stats": [_row(one) for one in told["agents"]],
            "trend_data": _trend(asked, data),
            "my_stats": _row(data["mine"]) if data.get("mine") else None,
        }
    )


def agent(asked: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/analytics/agents/{id}`. Raises NotFound."""
    if data["agent"] is None:
        raise NotFound("Agent not found")
    return success({"agent": _row(data["agent"]), "trend_data": _trend(asked, data)})


def comparison(_: Range, data: dict[str, Any]) -> dict[str, Any]:
    """`/api/analytics/agents/comparison`."""
    return success({"agents": [_row(one) for one in data["agents"]["agents"]]})


def _means(times: dict[str, Any]) -> dict[str, float]:
    return {
        "avg_first_response_mins": minutes(times["firstResponseTimeMillis"], times["answered"]),
        "avg_resolution_mins": minutes(times["resolutionTimeMillis"], times["resolved"]),
    }


def _away(breaks: dict[str, Any]) -> dict[str, Any]:
    return {
        "total_break_time_mins": minutes(breaks["timeMillis"], 1),
        "break_count": breaks["count"],
    }


def _row(one: dict[str, Any]) -> dict[str, Any]:
    row = {
        "agent_id": one["agent_id"],
        "agent_name": one["agent_name"],
        **_means(one["transfers"]),
        "transfers_handled": one["transfers"]["handled"],
        "active_transfers": one["activeTransfers"],
        "messages_sent": one["messagesSent"],
        **_away(one["breaks"]),
        "is_available": bool(one["isAvailable"]),
    }
    began = one["breakStartedAt"]
    return row if began is None else {**row, "current_break_start": instant(began)}


def _trend(asked: Range, data: dict[str, Any]) -> list[dict[str, Any]]:
    zeros = {"handled": 0, "firstResponseTimeMillis": 0, "answered": 0}
    return [
        {
            "date": _label(bucket["start"], asked.params.group_by),
            "transfers_handled": counts["handled"],
            "avg_response_mins": minutes(counts["firstResponseTimeMillis"], counts["answered"]),
        }
        for bucket in data["transferBuckets"]["buckets"]
        if (counts := bucket["metrics"] or zeros) is not None
    ]
