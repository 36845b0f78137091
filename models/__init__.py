"""What we know: tables, facts, records and errors."""

from models.base import Base
from models.campaigns import Campaign
from models.contacts import Contact
from models.fact import Clock, Dimension, Fact, Ratio, Sum
from models.messages import ENGAGEMENTS, MESSAGES, Message, MessageEvent
from models.rollups import FACTS, OUTBOXES, TIERS, Intake, RefreshLock, Tier, Watermark
from models.tenants import PLANS, SHARED_TABLES, ApiKey, Instance, Organization, OrganizationAlias, Plan
from models.webhooks import WEBHOOKS, WebhookDelivery

__all__ = [
    "ENGAGEMENTS",
    "FACTS",
    "MESSAGES",
    "OUTBOXES",
    "PLANS",
    "SHARED_TABLES",
    "TIERS",
    "WEBHOOKS",
    "ApiKey",
    "Base",
    "Campaign",
    "Clock",
    "Contact",
    "Dimension",
    "Fact",
    "Instance",
    "Intake",
    "Message",
    "MessageEvent",
    "Organization",
    "OrganizationAlias",
    "Plan",
    "Ratio",
    "RefreshLock",
    "Sum",
    "Tier",
    "Watermark",
    "WebhookDelivery",
]
