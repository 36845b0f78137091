"""SlickText v2: the eleven analytics of a brand.

Five of the URLs stand on no public page; those, and what else we chose, are listed in
docs/vendors/slicktext.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.limits import Limit, Standing
from gateway.rest.slicktext import answers, details, documents, filters, shape
from gateway.rest.slicktext.access import CREDENTIALS, REALM
from gateway.rest.slicktext.errors import envelope
from gateway.rest.slicktext.meanings import Meaning, Understand
from gateway.rest.slicktext.params import (
    EventParams,
    PageParams,
    Params,
    RangeParams,
    SeriesParams,
    params,
)
from gateway.rest.vendor import Endpoint, Vendor
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
    WindowTooLarge,
)

ROOT = "/v1/brands/{brand_id}/analytics"
LIMIT = Limit("slicktext", 480)
OURS = " No public page gives this URL: it is our choice."
GROUPS = {
    "source": "SOURCE",
    "contact_source": "CONTACT_SOURCE",
    "contact_unsubscribe_source": "SOURCE",
    "opt_in_status": "OPT_IN_STATUS",
    "status": "STATUS",
    "direction": "DIRECTION",
    "weekday": "WEEKDAY",
}
OF_CONTACTS = {**GROUPS, "contact_source": "SOURCE"}
TYPES = ("Creation", "Deletion")


def _groups(asked: Meaning, words: Mapping[str, str]) -> list[str] | None:
    return [words[name] for name in asked.group if name in words] or None


def _counts(asked: Meaning) -> dict[str, Any]:
    return {"groupBy": _groups(asked, OF_CONTACTS), "filter": asked.filter}


def _window(asked: Meaning) -> dict[str, Any]:
    return {"window": asked.window, "timezone": asked.zone, "compareTo": asked.compare_to}


def _series(asked: Meaning) -> dict[str, Any]:
    return {
        **_window(asked),
        "granularity": asked.frequency.upper(),
        "clip": asked.clip,
        "groupBy": _groups(asked, GROUPS),
        "filter": asked.filter,
    }


def _of_contacts(asked: Meaning) -> dict[str, Any]:
    return {**_series(asked), "groupBy": _groups(asked, OF_CONTACTS)}


def _events(asked: Meaning) -> dict[str, Any]:
    chosen = asked.params.kind
    creations, deletions = (chosen in ("", kind) for kind in TYPES)
    return {**_of_contacts(asked), "creations": creations, "deletions": deletions}


def _campaign(asked: Meaning) -> dict[str, Any]:
    by_period = bool(asked.params.frequency)
    timed = by_period or asked.compare_to is not None or asked.window != {"lifetime": {}}
    return {
        **_window(asked),
        "id": asked.id,
        "window": asked.window if timed else None,
        "granularity": asked.frequency.upper() if by_period else None,
        "groupBy": "CONTACT_SOURCE" if asked.group else None,
        "clip": asked.clip,
    }


def _inbox(asked: Meaning) -> dict[str, Any]:
    return {**_window(asked), "filter": asked.filter}


ENDPOINTS = (
    Endpoint(
        f"{ROOT}/contacts",
        "Contact counts",
        "All contacts, as they are now.",
        params("ContactCountParams", Params, filters.OF_CONTACT, ("source", "opt_in_status")),
        answers.ContactCounts,
        documents.CONTACTS,
        Understand(filters.OF_CONTACT),
        _counts,
        shape.contacts,
        limit=LIMIT,
        example="group=source",
    ),
    Endpoint(
        f"{ROOT}/contacts/growth",
        "Contact growth",
        "How many contacts there were at the end of each period; the total is the last less the first.",
        params("ContactGrowthParams", SeriesParams, filters.OF_CONTACT, ("contact_source",)),
        answers.Series,
        documents.GROWTH,
        Understand(filters.OF_CONTACT),
        _of_contacts,
        shape.growth,
        limit=LIMIT,
        example="frequency=month",
    ),
    Endpoint(
        f"{ROOT}/contacts/events",
        "Add and delete events",
        f"Contacts created and deleted, each when it happened.{OURS}",
        params("ContactEventParams", EventParams, filters.OF_CONTACT, ("contact_source", "type")),
        answers.Series,
        documents.EVENTS,
        Understand(filters.OF_CONTACT),
        _events,
        shape.contact_events,
        limit=LIMIT,
        example="frequency=month",
        is_ours=True,
        aliases=tuple(
            f"{ROOT}/contacts/{name}" for name in ("add-delete", "add-delete-events", "add_delete_events")
        ),
    ),
    Endpoint(
        f"{ROOT}/contacts/opt-in-status",
        "Opt-in status events",
        f"Contacts that subscribed, unsubscribed or were asked, each when it happened.{OURS}",
        params(
            "OptInParams",
            SeriesParams,
            filters.OF_OPT_IN,
            ("contact_source", "contact_unsubscribe_source", "opt_in_status"),
        ),
        answers.Series,
        documents.OPT_INS,
        Understand(filters.OF_OPT_IN),
        _series,
        shape.series("Opt-In Status Events"),
        limit=LIMIT,
        example="group=opt_in_status&frequency=month",
        is_ours=True,
        aliases=tuple(
            f"{ROOT}/contacts/{name}"
            for name in ("opt-in-status-events", "opt_in_status", "opt_in_status_events", "opt-in-events")
        ),
    ),
    Endpoint(
        f"{ROOT}/campaigns",
        "Campaigns",
        "Campaigns whose sending began in each period (our choice: the vendor's example is that of contact "
        "growth). By contact source, a campaign counts where most of its recipients came from.",
        params("CampaignsParams", SeriesParams, filters.OF_CAMPAIGN, ("contact_source",)),
        answers.Series,
        documents.CAMPAIGNS,
        Understand(filters.OF_CAMPAIGN),
        _series,
        shape.series("Campaigns"),
        limit=LIMIT,
        example="frequency=month",
    ),
    Endpoint(
        f"{ROOT}/campaigns/{{id}}",
        "One campaign",
        "What its recipients did, of all time or a span. Our choice: with `group` the numbers by contact "
        "source, with `frequency` those of each period.",
        params("CampaignParams", SeriesParams, None, ("source",)),
        answers.Campaign,
        documents.CAMPAIGN,
        Understand(),
        _campaign,
        details.campaign,
        limit=LIMIT,
    ),
    Endpoint(
        f"{ROOT}/messages",
        "Messages",
        "Messages of both directions by when they were created; test messages never count.",
        params(
            "MessageParams", SeriesParams, filters.OF_MESSAGE, ("source", "status", "direction", "weekday")
        ),
        answers.Series,
        documents.MESSAGES,
        Understand(filters.OF_MESSAGE),
        _series,
        shape.series("Messages"),
        limit=LIMIT,
        example="frequency=month&group=direction",
    ),
    Endpoint(
        f"{ROOT}/messages/credits",
        "Message credits",
        f"The credits that messages took, by when they were created.{OURS}",
        params("CreditParams", SeriesParams, filters.OF_MESSAGE, ("source", "status")),
        answers.Series,
        documents.CREDITS,
        Understand(filters.OF_MESSAGE),
        _series,
        shape.series("Message Credits"),
        limit=LIMIT,
        example="frequency=month&group=source",
        is_ours=True,
        aliases=tuple(f"{ROOT}/{name}" for name in ("message-credits", "message_credits", "credits")),
    ),
    Endpoint(
        f"{ROOT}/inbox/users",
        "Inbox users",
        f"Every user by name, and how long things took in seconds (our choice of unit).{OURS}",
        params("InboxUserParams", RangeParams, filters.OF_THREAD),
        answers.InboxUsers,
        documents.USERS,
        Understand(filters.OF_THREAD),
        _inbox,
        details.inbox_users,
        limit=LIMIT,
        is_ours=True,
        aliases=(f"{ROOT}/inbox-users",),
    ),
    Endpoint(
        f"{ROOT}/inbox/tags",
        "Inbox tags",
        f"Every tag by id, page by page.{OURS}",
        params("InboxTagParams", PageParams, filters.OF_THREAD),
        answers.InboxTags,
        documents.TAGS,
        Understand(filters.OF_THREAD),
        _inbox,
        details.inbox_tags,
        limit=LIMIT,
        example="limit=5",
        is_ours=True,
        aliases=(f"{ROOT}/inbox-tags",),
    ),
    Endpoint(
        f"{ROOT}/workflows/{{id}}",
        "One workflow",
        "Who went through it and what they did, of all time; rates are per entrance.",
        Params,
        answers.Workflow,
        documents.WORKFLOW,
        Understand(),
        lambda asked: {"id": asked.id},
        details.workflow,
        limit=LIMIT,
    ),
)


def rate_headers(standing: Standing) -> dict[str, str]:
    """Where a client stands; the reset is in seconds from now."""
    return {
        "x-RateLimit": str(standing.limit.per_minute),
        "x-RateLimit-Remaining": str(standing.remaining),
        "x-RateLimit-Reset": str(standing.reset_in),
    }


SLICKTEXT = Vendor(
    name=REALM,
    title="SlickText analytics",
    about="The analytics of SlickText's API v2, answered by Heliograph. What their document leaves open and "
    "we chose is marked `x-heliograph-choice`.",
    endpoints=ENDPOINTS,
    envelope=envelope,
    error=answers.Failure,
    refusals=(
        InvalidInput(fields={"group": "must be source or opt_in_status"}),
        InvalidRange("start must not be later than end."),
        WindowTooLarge(),
        Expired(),
        Unauthenticated(),
        MissingScope(required_scope="metrics:read"),
        NotFound("There is no such brand."),
        MethodNotAllowed(),
        RateLimited(),
        HeliographError(),
        Unavailable(),
    ),
    paths=("/v1/brands",),
    places={
        "brand_id": "The brand: its number, with or without a letter before it, or the organization's slug.",
        "id": "The campaign or the workflow.",
    },
    examples={
        "{brand_id}": "26136",
        "campaigns/{id}": "campaigns/41001",
        "workflows/{id}": "workflows/341",
    },
    ours=(
        InvalidInput,
        InvalidRange,
        WindowTooLarge,
        Expired,
        MissingScope,
        NotFound,
        MethodNotAllowed,
        HeliographError,
        Unavailable,
    ),
    headers={"Cache-Control": "private, no-cache", "Vary": "Authorization"},
    credentials=CREDENTIALS,
    rate_headers=rate_headers,
    options={details.UNIQUE_CLICKS: "click_rate counts each message once, as one third-party sample does"},
)
