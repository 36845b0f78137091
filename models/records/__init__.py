"""What may come in: one typed record per line, told apart by `type`.

Every record may name its `organization` (a slug); without one it belongs to whoever sends it.
Moments are RFC 3339 with an offset. Repeating a record changes nothing, and order does not matter.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from models.records.base import BaseRecord
from models.records.billing import (
    BillingAccountRecord,
    CreditEntryRecord,
    CreditProductRecord,
    SubscriptionRecord,
)
from models.records.campaigns import CampaignRecord
from models.records.contacts import ContactRecord
from models.records.deliverability import (
    DomainRecord,
    IpAddressRecord,
    IpCheckRecord,
    MailboxDayRecord,
    MailboxRecord,
)
from models.records.messages import EventRecord, MessageRecord
from models.records.organizations import OrganizationRecord
from models.records.webhooks import WebhookDeliveryRecord

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
    | MailboxDayRecord,
    Field(discriminator="type"),
]
RECORD: TypeAdapter[Record] = TypeAdapter(Record)

__all__ = [
    "RECORD",
    "BaseRecord",
    "BillingAccountRecord",
    "CampaignRecord",
    "ContactRecord",
    "CreditEntryRecord",
    "CreditProductRecord",
    "DomainRecord",
    "EventRecord",
    "IpAddressRecord",
    "IpCheckRecord",
    "MailboxDayRecord",
    "MailboxRecord",
    "MessageRecord",
    "OrganizationRecord",
    "Record",
    "SubscriptionRecord",
    "WebhookDeliveryRecord",
]
