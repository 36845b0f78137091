"""What we know: tables, facts, records and errors."""

from models.base import Base
from models.billing import CREDITS, BillingAccount, CreditEntry, CreditProduct, Subscription
from models.campaigns import CAMPAIGNS, Campaign
from models.contacts import CONTACTS, Contact
from models.deliverability import MAILBOX_DAYS, Domain, IpAddress, IpCheck, Mailbox, MailboxDay
from models.exports import Export
from models.fact import Clock, Dimension, Fact, Ratio, Sum
from models.messages import ENGAGEMENTS, MESSAGES, Message, MessageEvent
from models.requests import RequestLog
from models.retention import Forgotten, Horizon
from models.rollups import FACTS, OUTBOXES, TIERS, Intake, RefreshLock, Tier, Watermark
from models.tenants import PLANS, SHARED_TABLES, ApiKey, Instance, Organization, OrganizationAlias, Plan
from models.webhooks import WEBHOOKS, WebhookDelivery

__all__ = [
    "CAMPAIGNS",
    "CONTACTS",
    "CREDITS",
    "ENGAGEMENTS",
    "FACTS",
    "MAILBOX_DAYS",
    "MESSAGES",
    "OUTBOXES",
    "PLANS",
    "SHARED_TABLES",
    "TIERS",
    "WEBHOOKS",
    "ApiKey",
    "Base",
    "BillingAccount",
    "Campaign",
    "Clock",
    "Contact",
    "CreditEntry",
    "CreditProduct",
    "Dimension",
    "Domain",
    "Export",
    "Fact",
    "Forgotten",
    "Horizon",
    "Instance",
    "Intake",
    "IpAddress",
    "IpCheck",
    "Mailbox",
    "MailboxDay",
    "Message",
    "MessageEvent",
    "Organization",
    "OrganizationAlias",
    "Plan",
    "Ratio",
    "RefreshLock",
    "RequestLog",
    "Subscription",
    "Sum",
    "Tier",
    "Watermark",
    "WebhookDelivery",
]
