"""What may come in: one typed record per line, told apart by `type`.

Every record may name its `organization` (a slug); without one it belongs to whoever sends it.
Moments are RFC 3339 with an offset. Repeating a record changes nothing, and order does not matter.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter

from models.records.agents import AvailabilityRecord, TransferRecord
from models.records.base import BaseRecord
from models.records.billing import (
    BillingAccountRecord,
    CreditEntryRecord,
    CreditProductRecord,
    SubscriptionRecord,
)
from models.records.campaigns import CampaignAudienceRecord, CampaignRecord
from models.records.chatbot import (
    AiCallRecord,
    BotFlowRecord,
    BotSessionRecord,
    FlowRunRecord,
    KeywordHitRecord,
)
from models.records.contacts import ContactEventRecord, ContactListRecord, ContactRecord, SegmentRecord
from models.records.deliverability import (
    DomainRecord,
    IpAddressRecord,
    IpCheckRecord,
    MailboxDayRecord,
    MailboxRecord,
)
from models.records.inbox import InboxEventRecord, InboxTagRecord, InboxThreadRecord
from models.records.links import LinkRecord
from models.records.messages import EventRecord, MessageRecord
from models.records.orders import OrderRecord
from models.records.organizations import OrganizationRecord
from models.records.senders import SenderRecord
from models.records.users import UserRecord
from models.records.webhooks import WebhookDeliveryRecord
from models.records.workflows import WorkflowEntryRecord, WorkflowRecord

Record = Annotated[
    OrganizationRecord
    | CampaignRecord
    | ContactRecord
    | MessageRecord
    | EventRecord
    | WebhookDeliveryRecord
    | BillingAccountRecord
    | SubscriptionRecord
    | CreditProductRecord
    | CreditEntryRecord
    | DomainRecord
    | MailboxRecord
    | IpAddressRecord
    | IpCheckRecord
    | MailboxDayRecord
    | ContactEventRecord
    | ContactListRecord
    | SegmentRecord
    | CampaignAudienceRecord
    | LinkRecord
    | OrderRecord
    | UserRecord
    | WorkflowRecord
    | WorkflowEntryRecord
    | InboxThreadRecord
    | InboxTagRecord
    | InboxEventRecord
    | SenderRecord
    | BotSessionRecord
    | BotFlowRecord
    | FlowRunRecord
    | KeywordHitRecord
    | AiCallRecord
    | TransferRecord
    | AvailabilityRecord,
    Field(discriminator="type"),
]
RECORD: TypeAdapter[Record] = TypeAdapter(Record, config=ConfigDict(defer_build=True))

__all__ = [
    "RECORD",
    "AiCallRecord",
    "AvailabilityRecord",
    "BaseRecord",
    "BillingAccountRecord",
    "BotFlowRecord",
    "BotSessionRecord",
    "CampaignAudienceRecord",
    "CampaignRecord",
    "ContactEventRecord",
    "ContactListRecord",
    "ContactRecord",
    "CreditEntryRecord",
    "CreditProductRecord",
    "DomainRecord",
    "EventRecord",
    "FlowRunRecord",
    "InboxEventRecord",
    "InboxTagRecord",
    "InboxThreadRecord",
    "IpAddressRecord",
    "IpCheckRecord",
    "KeywordHitRecord",
    "LinkRecord",
    "MailboxDayRecord",
    "MailboxRecord",
    "MessageRecord",
    "OrderRecord",
    "OrganizationRecord",
    "Record",
    "SegmentRecord",
    "SenderRecord",
    "SubscriptionRecord",
    "TransferRecord",
    "UserRecord",
    "WebhookDeliveryRecord",
    "WorkflowEntryRecord",
    "WorkflowRecord",
]
