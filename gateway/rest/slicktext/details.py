"""From GraphQL's answers to SlickText's campaign, workflow and inbox."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gateway.rest.slicktext import words
from gateway.rest.slicktext.meanings import Meaning, number
from gateway.rest.slicktext.params import USUAL_LIMIT
from gateway.rest.slicktext.series import divided, key, plain
from gateway.rest.slicktext.stamps import wall
from models.errors import NotFound

UNIQUE_CLICKS = "click-rate-unique"
MICROS = 1_000_000
NUMBERS = (
    *("contacts", "messages", "clicks", "unique_clicks", "unsubscribes"),
    *("orders", "revenueMicros"),
)
TIMES = {
    "average_first_response_time": "averageFirstResponseTime",
    "average_resolution_time": "averageResolutionTime",
    "average_handle_time": "averageHandleTime",
}


def campaign(asked: Meaning, data: dict[str, Any]) -> dict[str, Any]:
    """One campaign. Raises NotFound."""
    told = data["campaign"]
    if told is None:
        raise NotFound("There is no such campaign.")
    report = told["engagement"]
    totals = _campaign_totals(asked, report["total"])
    if report["prior"] is not None:
        totals["compare"] = _campaign_totals(asked, report["prior"]["total"])
    answer: dict[str, Any] = {"totals": totals}
    if report["groups"] is not None:
        answer["groups"] = _campaign_groups(asked, report)
    if report["buckets"] is not None and report["groups"] is None:
        answer["period"] = _campaign_periods(asked, report["buckets"])
    return {
        **answer,
        "campaign": _campaign(asked, told),
        "audiences": {one["externalId"]: _audience(asked, told, one) for one in told["audiences"]},
        "links": [_link(asked, one) for one in told["links"]],
    }


def _campaign_groups(asked: Meaning, report: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups of either window, by name."""
    now, prior = _named(report), report["prior"]
    then = {} if prior is None else _named(prior)
    found = []
    for name in sorted({*now, *then}):
        groups = now.get(name, [])
        told = {"name": name, **_campaign_totals(asked, _added([group["total"] for group in groups]))}
        if prior is not None:
            before = [group["total"] for group in then.get(name, [])]
            told["compare"] = _campaign_totals(asked, _added(before))
        if report["buckets"] is not None:
            told["period"] = _campaign_periods(asked, _buckets(report["buckets"], groups))
        found.append(told)
    return found


def _named(report: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The groups by what the vendor calls them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for group in report["groups"] or ():
        found.setdefault(words.said(words.SOURCES, group["key"]), []).append(group)
    return found


def _buckets(all_of: list[dict[str, Any]], groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The buckets of several groups together."""
    return [
        {
            "start": bucket["start"],
            "engagement": _added([group["buckets"][place]["engagement"] for group in groups]),
        }
        for place, bucket in enumerate(all_of)
    ]


def _added(many: list[dict[str, int]]) -> dict[str, int]:
    return {name: sum(one[name] for one in many) for name in NUMBERS}


def _campaign_periods(asked: Meaning, buckets: list[dict[str, Any]]) -> dict[str, Any]:
    periods: dict[str, list[dict[str, int]]] = {}
    for one in buckets:  # an hour that clocks repeat is one
        periods.setdefault(key(asked.frequency, one["start"], asked.zone), []).append(one["engagement"])
    return {name: _campaign_totals(asked, _added(many)) for name, many in periods.items()}


def _campaign_totals(asked: Meaning, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "contacts": told["contacts"],
        **_engagement(asked, told, told["contacts"]),
        "revenue_per_message": _money(told["revenueMicros"], told["messages"]),
    }


def _engagement(asked: Meaning, told: dict[str, Any], reached: int) -> dict[str, Any]:
    """What campaigns and workflows have in common; rates are fractions of those reached."""
    rated = "unique_clicks" if UNIQUE_CLICKS in asked.options else "clicks"
    return {
        "clicks": told["clicks"],
        "click_rate": divided(told[rated], reached),
        "unique_clicks": told["unique_clicks"],
        "unique_click_rate": divided(told["unique_clicks"], reached),
        "unsubscribes": told["unsubscribes"],
        "unsubscribe_rate": divided(told["unsubscribes"], reached),
        "orders": told["orders"],
        "revenue": _money(told["revenueMicros"], 1),
        "average_order_value": _money(told["revenueMicros"], told["orders"]),
    }


def _money(micros: int, by: int) -> int | float:
    return plain(Fraction(micros, MICROS * by)) if by else 0


def _campaign(asked: Meaning, told: dict[str, Any]) -> dict[str, Any]:
    status = told["status"].lower()
    since = told["statusAt"] or told["completedAt"] or told["startedAt"] or told["createdAt"]
    return {
        "campaign_id": number(told["externalId"]),
        "_brand_id": asked.brand,
        "_created_by_user_id": number(told["createdBy"]),
        "name": told["name"],
        "body": told["body"],
        "media_url": told["mediaUrl"],
        "audience_size": told["audienceSize"],
        "status": words.CAMPAIGN_STATUSES[status],
        "status_detail": told["statusDetail"],
        "status_date": wall(since, asked.zone),
        "completion_percentage": told["completionPercent"] or 0,
        "created": wall(told["createdAt"], asked.zone),
        "scheduled": wall(told["scheduledAt"], asked.zone),
        "started": wall(told["startedAt"], asked.zone),
        "finished": wall(told["completedAt"], asked.zone),
        "last_updated": wall(told["updatedAt"], asked.zone),
    }


def _audience(asked: Meaning, campaign: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    return {
        "campaign_audience_id": number(told["externalId"]),
        "_campaign_id": number(campaign["externalId"]),
        "all_contacts": int(told["isEverybody"]),
        "_contact_list_id": number(told["listId"]),
        "_segment_id": number(told["segmentId"]),
        "size": told["size"],
        "created": wall(told["createdAt"], asked.zone),
    }


def _link(asked: Meaning, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "link_id": number(told["externalId"]),
        "_brand_id": asked.brand,
        "_contact_id": number(told["contactId"]),
        "name": told["name"],
        "url": told["url"],
        "type": told["kind"],
        "source": None if told["source"] is None else words.said(words.SOURCES, told["source"]),
        "_source_id": number(told["sourceId"]),
        "sub_source": told["subSource"] or None,
        "_sub_source_id": number(told["subSourceId"]),
        "clicks": told["clicks"],
        "unique_clicks": told["uniqueClicks"],
        "bot_clicks": told["machineClicks"],
        "active": None if told["isActive"] is None else int(told["isActive"]),
        "created": wall(told["createdAt"], asked.zone),
        "expires": wall(told["expiresAt"], asked.zone),
    }


def workflow(asked: Meaning, data: dict[str, Any]) -> dict[str, Any]:
    """One workflow. Raises NotFound."""
    told = data["workflow"]
    if told is None:
        raise NotFound("There is no such workflow.")
    entries, total = told["entries"], told["engagement"]["total"]
    return {
        "totals": {
            **entries,
            "messages": total["messages"],
            **_engagement(asked, total, entries["entrances"]),
            "revenue_per_entrance": _money(total["revenueMicros"], entries["entrances"]),
        },
        "workflow": _workflow(asked, told),
        "links": [_link(asked, one) for one in told["links"]],
    }


def _workflow(asked: Meaning, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "workflow_id": number(told["externalId"]),
        "_brand_id": asked.brand,
        "name": told["name"],
        "description": told["description"],
        "entry_rule": words.ENTRY_RULES[told["entryRule"].lower()],
        "entry_rule_time_value": told["entryRuleTimeValue"],
        "entry_rule_time_unit": told["entryRuleTimeUnit"],
        "active": int(told["isActive"]),
        "created": wall(told["createdAt"], asked.zone),
        "last_updated": wall(told["updatedAt"], asked.zone),
        "last_activated": wall(told["activatedAt"], asked.zone),
        "last_deactivated": wall(told["deactivatedAt"], asked.zone),
        "last_cleared": wall(told["clearedAt"], asked.zone),
    }


def inbox_users(_: Meaning, data: dict[str, Any]) -> dict[str, Any]:
    """Inbox users, by name."""
    return {"data": [_user(one) for one in data["inbox"]["items"]]}


def _user(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_id": number(told["externalId"]),
        "name": told["name"],
        "avatar_content": "".join(word[0] for word in told["name"].split()[:2]).upper(),
        **_work(told, "assignments"),
    }


def _work(told: dict[str, Any], first: str) -> dict[str, Any]:
    work = _times(told["metrics"], first)
    prior = told["priorMetrics"]
    return work if prior is None else {**work, "compare": _times(prior, first)}


def _times(metrics: dict[str, Any], first: str) -> dict[str, Any]:
    """The counts, and the mean times in seconds; 0 where nothing took any."""
    times = {theirs: plain(metrics[ours] or 0) for theirs, ours in TIMES.items()}
    return {first: metrics[first], "closures": metrics["closures"], **times}


def inbox_tags(asked: Meaning, data: dict[str, Any]) -> dict[str, Any]:
    """A page of inbox tags, by id."""
    params, items = asked.params, data["inbox"]["items"]
    page = params.page or (1 if params.page_size else None)
    if page is None:
        size, first = params.limit or USUAL_LIMIT, params.offset or 0
    else:
        size = params.page_size or params.limit or USUAL_LIMIT
        first = (page - 1) * size
    shown, has_more = items[first : first + size], len(items) > first + size
    return {
        "data": [_tag(one) for one in shown],
        "pagingData": _paging(page, first, len(shown), len(items), has_more),
    }


def _tag(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "inbox_tag_id": number(told["externalId"]),
        "name": told["name"],
        "color": told["color"],
        **_work(told, "additions"),
    }


def _paging(page: int | None, first: int, shown: int, total: int, has_more: bool) -> dict[str, Any]:
    if page is None:
        none = dict.fromkeys(("prevPage", "currentPage", "nextPage", "currentPageString"))
        return {**none, "hasMore": has_more}
    return {
        "prevPage": page - 1 if page > 1 else None,
        "currentPage": page,
        "nextPage": page + 1 if has_more else None,
        "currentPageString": f"{first + 1} - {first + shown} of {total}" if shown else f"0 of {total}",
        "hasMore": has_more,
    }
