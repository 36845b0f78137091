"""From a page to GraphQL variables, and from GraphQL columns to AgentMessage's buckets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.rest.agentmessage.paging import Page, next_cursor
from gateway.rest.write import half_up
from models.moments import printed

METRICS = {
    "sent": "SENT",
    "delivered": "DELIVERED",
    "failed": "FAILED",
    "received": "RECEIVED",
    "retried": "RETRIED",
    "cost_cents": "COST_MICROS",
}
GROUPS = {
    "channel": "CHANNEL",
    "error_code": "ERROR_CODE",
    "endpoint_id": "ENDPOINT",
    "kind": "KIND",
    "http_status_class": "HTTP_STATUS_CLASS",
}
MICROS_PER_CENT = 10_000
NO_GROUP = "none"  # the key of those without a channel, an error code …


def variables(page: Page) -> dict[str, Any]:
    """The variables of the document."""
    query = page.query
    earlier = query.start - query.prior_start
    return {
        "metric": METRICS[query.metric],
        "window": _between(page.start, page.end),
        "prior": _between(page.start - earlier, page.end - earlier) if query.compare_to else None,
        "granularity": query.granularity.upper(),
        "groupBy": [GROUPS[query.group_by]] if query.group_by else None,
        "asOf": None if page.as_of is None else printed(page.as_of),
        "grouped": query.group_by is not None,
        "compared": query.compare_to is not None,
    }


def _between(start: datetime, end: datetime) -> dict[str, Any]:
    return {"between": {"start": printed(start), "end": printed(end)}}


def shape(page: Page, data: dict[str, Any]) -> dict[str, Any]:
    """The answer in AgentMessage's shape."""
    query = page.query
    as_of = datetime.fromisoformat(data["series"]["as_of"]).replace(microsecond=0)
    name = "groups" if query.group_by else "value"
    columns = {
        "bucket_start": data["series"]["columns"]["bucket_start"],
        name: _cells(page, data["series"]["columns"], page.start, as_of),
    }
    prior = {}
    if query.compare_to:
        prior = {"prior_from": printed(query.prior_start), "prior_to": printed(query.start)}
        start = page.start - (query.start - query.prior_start)
        columns[f"prior_{name}"] = _cells(page, data["prior"]["columns"], start, as_of)
    return {
        "success": True,
        "data": {
            "metric": f"{page.family}.{query.metric}",
            "granularity": query.granularity,
            "from": printed(query.start),
            "to": printed(query.end),
            **prior,
            "buckets": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
        },
        "meta": {
            "as_of": printed(as_of),
            "limit": page.limit,
            "next_cursor": next_cursor(page, as_of),
        },
    }


def _cells(page: Page, columns: dict[str, Any], start: datetime, as_of: datetime) -> list[Any]:
    """One value, or one map of groups, for each bucket; null from the first that ends after `as_of`."""
    known = min(max((as_of - start) // page.query.width, 0), page.size)
    unknown = [None] * (page.size - known)
    if page.query.group_by is None:
        return [*_counted(page, columns["value"][:known]), *unknown]
    sums: dict[str, list[int]] = {}
    for group in columns["groups"]:
        name, numbers = group["key"][0] or NO_GROUP, group["value"][:known]
        sums[name] = [a + b for a, b in zip(sums[name], numbers, strict=True)] if name in sums else numbers
    rows: list[Any] = [{} for _ in range(known)]
    for name, numbers in sums.items():
        for row, number in zip(rows, _counted(page, numbers), strict=True):
            if number:
                row[name] = number
    return [*rows, *unknown]


def _counted(page: Page, numbers: list[int]) -> list[int]:
    if page.query.metric != "cost_cents":
        return numbers
    return [half_up(micros, MICROS_PER_CENT) for micros in numbers]
