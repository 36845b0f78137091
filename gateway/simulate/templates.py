"""What the messages of one organization have in common, made once and shared by all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from gateway.simulate.campaigns import Campaign
from gateway.simulate.chance import bag
from gateway.simulate.profiles import CONTENT, PLAIN, PROFILES, Profile
from gateway.simulate.tenants import Tenant
from gateway.simulate.texts import KEYWORD, length

CREDITS = {"sms": 1, "mms": 2}  # of one segment
SEGMENTS = bag((1, 7), (2, 2), (3, 1))


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message: its unchanging fields, what it costs and how its channel behaves.

    `shared` has room for what each message says of itself: copying a dict and filling it is the fastest way.
    """

    shared: dict[str, Any]
    bill: dict[str, int]
    profile: Profile
    link: str
    draws: int  # credits at hand-off, of an organization that pays ahead


def campaign_template(
    tenant: Tenant, campaign: Campaign, segments: int, content: str, sender: str
) -> Template:
    """The messages of one campaign."""
    cause = {"campaign_id": campaign.id, "source": "campaign", "source_id": campaign.id}
    return _template(tenant, campaign.channel, cause, segments, content, sender, len(campaign.body))


def other_templates(tenant: Tenant) -> tuple[Template, ...]:
    """What programs and workflows send, to be drawn with equal chances."""
    causes = bag(
        ({"source": "api"}, 3),
        *(({"source": "workflow", "source_id": workflow}, 1) for workflow in tenant.workflows),
    )
    return _templates(tenant, causes)


def inbox_templates(tenant: Tenant) -> tuple[Template, ...]:
    """What people at the organization write by hand, to be drawn with equal chances."""
    return _templates(tenant, ({"source": "inbox"},))


def inbound_fields(tenant: Tenant, source: str) -> tuple[dict[str, Any], ...]:
    """The unchanging fields of what contacts write, to be drawn with equal chances."""
    price = tenant.price_micros.get("inbound")
    channels = bag(*tenant.channels) if source == "inbox" else (tenant.channels[0][0],)
    places = count()
    return tuple(
        {
            "type": "message",
            "organization": tenant.slug,
            "direction": "inbound",
            "channel": channel,
            "sender_id": sender,
            "content_type": content,
            "source": source,
            **({"cost_micros": price} if price else {}),
            **_characters(tenant, channel, length(next(places)) if source == "inbox" else len(KEYWORD)),
        }
        for channel in channels
        for sender in tenant.senders
        for content in (CONTENT[channel].get("inbound", PLAIN) if source == "inbox" else PLAIN)
    )


def _templates(tenant: Tenant, causes: tuple[dict[str, str], ...]) -> tuple[Template, ...]:
    places = count()
    return tuple(
        _template(tenant, channel, cause, segments, content, sender, length(next(places), segments))
        for cause in causes
        for channel in bag(*tenant.channels)
        for sender in tenant.senders
        for content in CONTENT[channel].get(cause["source"], PLAIN)
        for segments in (SEGMENTS if channel in CREDITS else (1,))
    )


def _template(
    tenant: Tenant,
    channel: str,
    cause: dict[str, str],
    segments: int,
    content: str,
    sender: str,
    characters: int,
) -> Template:
    if tenant.billing and channel == "mms":
        segments = 1  # two credits, whatever it says
    shared: dict[str, Any] = {
        "type": "message",
        "organization": tenant.slug,
        "id": "",
        "contact_id": "",
        "created_at": "",
        "direction": "outbound",
        "channel": channel,
        "sender_id": sender,
        "content_type": content,
        **cause,
        **_characters(tenant, channel, characters),
    }
    bill = {"cost_micros": tenant.price_micros[channel] * segments}
    if channel in CREDITS:
        shared["segments"] = segments
        bill["credits"] = CREDITS[channel] * segments
    link = f"https://{tenant.slug}.example/{cause.get('source_id', cause['source'])}"
    draws = bill["credits"] if tenant.billing else 0
    return Template(shared, bill, PROFILES[channel], link, draws)


def _characters(tenant: Tenant, channel: str, characters: int) -> dict[str, int]:
    # Told only by those who pay for the length.
    return {"characters": characters} if tenant.billing and channel == "sms" else {}
