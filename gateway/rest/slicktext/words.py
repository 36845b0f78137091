"""SlickText's words for ours, both ways."""

from __future__ import annotations

from collections.abc import Mapping

OPT_IN = {
    "not_subscribed": "Not Subscribed",
    "pending": "Pending Subscription",
    "subscribed": "Subscribed",
    "unsubscribed": "Unsubscribed",
}
SOURCES = {
    "campaign": "Campaign",
    "keyword": "Keyword",
    "inbox": "InboxThread",
    "api": "API",
    "workflow": "Workflow",
}
DIRECTIONS = {"outbound": "Outgoing", "inbound": "Incoming"}
MESSAGE_STATUSES = {
    "delivered": "Delivered",
    "read": "Delivered",
    "failed": "Undelivered",
    "bounced": "Undelivered",
    "sent": "Processed",
    "logged": "Processed",
    "received": "Received",
}
CAMPAIGN_STATUSES = {
    "draft": "draft",
    "scheduled": "scheduled",
    "queued": "queued",
    "sending": "sending",
    "paused": "paused",
    "completed": "sent",
    "failed": "failed",
    "cancelled": "cancelled",
}
ENTRY_RULES = {
    "once": "once",
    "one_at_a_time": "oneAtTime",
    "once_in_time": "onceInTime",
    "multiple": "multiple",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NONE = "None"


def said(words: Mapping[str, str], ours: str) -> str:
    """What the vendor calls one of our words; others as they were told, with a capital."""
    return words.get(ours) or (ours[:1].upper() + ours[1:] if ours else NONE)


def meant(words: Mapping[str, str], theirs: str) -> list[str]:
    """Which of our words the vendor's word stands for; itself among them, where it is one that was told."""
    found = [ours for ours, word in words.items() if word == theirs]
    return found or ([""] if theirs == NONE else [theirs])


def meant_source(theirs: str) -> list[str]:
    """A source, which may have been told in the vendor's word or in ours."""
    return sorted({theirs, *meant(SOURCES, theirs), theirs[:1].lower() + theirs[1:]})
