"""What we know: tables, facts, records and errors."""

from models.agents import TRANSFERS, Availability, Transfer
from models.audiences import CampaignAudience, ContactList, Segment
from models.base import Base
from models.billing import CREDITS, BillingAccount, CreditEntry, CreditProduct, Subscription
from models.campaigns import CAMPAIGNS, Campaign
from models.chatbot import (
    AI_CALLS,
    FLOW_RUNS,
    KEYWORD_HITS,
    SESSIONS,
    AiCall,
    BotFlow,
    BotSession,
    FlowRun,
    KeywordHit,
    SaidBefore,
)
from models.contacts import CONTACTS, OPT_INS, Contact, ContactEvent
from models.deliverability import MAILBOX_DAYS, Domain, IpAddress, IpCheck, Mailbox, MailboxDay
from models.documents import PersistedDocument
from models.engagements import ENGAGEMENTS, MessageEvent
from models.exports import Export
from models.fact import Clock, Dimension, Fact, Ratio, Sum
from models.inbox import INBOX, INBOX_TAGS, InboxEvent, InboxTag, InboxThread
from models.links import Link
from models.messages import MESSAGES, Message
from models.orders import ORDERS, Order
from models.recipients import RECIPIENTS, Reached
from models.requests import RequestLog
from models.retention import Forgotten, Horizon
from models.rollups import FACTS, OUTBOXES, TIERS, VIEWS, Intake, RefreshLock, Tier, Watermark
from models.senders import Sender
from models.tenants import PLANS, SHARED_TABLES, ApiKey, Instance, Organization, OrganizationAlias, Plan
from models.users import User
from models.webhooks import WEBHOOKS, WebhookDelivery
from models.workflows import WORKFLOW_ENTRIES, Workflow, WorkflowEntry

__all__ = [
    "AI_CALLS",
    "CAMPAIGNS",
    "CONTACTS",
    "CREDITS",
    "ENGAGEMENTS",
    "FACTS",
    "FLOW_RUNS",
    "INBOX",
    "INBOX_TAGS",
    "KEYWORD_HITS",
    "MAILBOX_DAYS",
    "MESSAGES",
    "OPT_INS",
    "ORDERS",
    "OUTBOXES",
    "PLANS",
    "RECIPIENTS",
    "SESSIONS",
    "SHARED_TABLES",
    "TIERS",
    "TRANSFERS",
    "VIEWS",
    "WEBHOOKS",
    "WORKFLOW_ENTRIES",
    "AiCall",
    "ApiKey",
    "Availability",
    "Base",
    "BillingAccount",
    "BotFlow",
    "BotSession",
    "Campaign",
    "CampaignAudience",
    "Clock",
    "Contact",
    "ContactEvent",
    "ContactList",
    "CreditEntry",
    "CreditProduct",
    "Dimension",
    "Domain",
    "Export",
    "Fact",
    "FlowRun",
    "Forgotten",
    "Horizon",
    "InboxEvent",
    "InboxTag",
    "InboxThread",
    "Instance",
    "Intake",
    "IpAddress",
    "IpCheck",
    "KeywordHit",
    "Link",
    "Mailbox",
    "MailboxDay",
    "Message",
    "MessageEvent",
    "Order",
    "Organization",
    "OrganizationAlias",
    "PersistedDocument",
    "Plan",
    "Ratio",
    "Reached",
    "RefreshLock",
    "RequestLog",
    "SaidBefore",
    "Segment",
    "Sender",
    "Subscription",
    "Sum",
    "Tier",
    "Transfer",
    "User",
    "Watermark",
    "WebhookDelivery",
    "Workflow",
    "WorkflowEntry",
]
