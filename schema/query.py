"""The root of the schema: every question the gateway answers, subject by subject."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from models import FACTS
from schema.about import (
    Freshness,
    Limits,
    MetricInfo,
    Organization,
    catalogue,
    freshness_of,
    limits_of,
    organization_of,
)
from schema.agents import AgentFields
from schema.billing import BillingFields
from schema.breakdown import BreakdownFields
from schema.campaigns import PREFIX, CampaignFields, campaign_by_id
from schema.chatbot import ChatbotFields
from schema.comparisons import ComparisonFields
from schema.contacts import ContactFields
from schema.context import context
from schema.dashboard import DashboardFields
from schema.deliverability import DeliverabilityFields
from schema.exports import PREFIX as EXPORT_PREFIX
from schema.exports import ExportFields, export_by_id
from schema.families import (
    CAMPAIGN,
    CONTACT,
    CREDIT,
    ENGAGEMENT,
    MAILBOX_DAY,
    MESSAGE,
    OPT_IN,
    ORDER,
    RECIPIENT,
    WEBHOOK,
    WORKFLOW_ENTRY,
    buckets_field,
)
from schema.heatmap import HeatmapFields
from schema.inbox import InboxFields
from schema.message_report import MessageReportFields
from schema.overview import OverviewFields
from schema.paging import Node
from schema.rankings import RankingFields
from schema.send_times import SendTimeFields
from schema.senders import SenderFields
from schema.sizes import holds
from schema.workflows import PREFIX as WORKFLOW_PREFIX
from schema.workflows import WorkflowFields, workflow_by_id


@strawberry.type(
    description="Every question the gateway answers. All of it is about the organization of your key."
)
class Query(
    OverviewFields,
    CampaignFields,
    RankingFields,
    ComparisonFields,
    HeatmapFields,
    SendTimeFields,
    DeliverabilityFields,
    ContactFields,
    WorkflowFields,
    InboxFields,
    BreakdownFields,
    BillingFields,
    ExportFields,
    DashboardFields,
    MessageReportFields,
    ChatbotFields,
    AgentFields,
    SenderFields,
):
    message_buckets = buckets_field(
        MESSAGE,
        "Messages over time: any metric, window, granularity, zone, grouping and comparison.",
    )
    engagement_buckets = buckets_field(
        ENGAGEMENT, "Opens, clicks and replies over time, every single one counted."
    )
    webhook_buckets = buckets_field(WEBHOOK, "Webhook deliveries over time.")
    campaign_buckets = buckets_field(CAMPAIGN, "Campaigns over time.")
    contact_buckets = buckets_field(CONTACT, "Contacts over time.")
    opt_in_buckets = buckets_field(OPT_IN, "Changes of what contacts want over time.")
    order_buckets = buckets_field(ORDER, "Orders over time.")
    workflow_entry_buckets = buckets_field(WORKFLOW_ENTRY, "Ways of contacts through workflows over time.")
    recipient_buckets = buckets_field(RECIPIENT, "Contacts that campaigns reached, over time.")
    credit_buckets = buckets_field(CREDIT, "Entries of the credit ledger over time.")
    mailbox_day_buckets = buckets_field(MAILBOX_DAY, "The health of mailboxes over time.")

    @strawberry.field(description="The tenant that your key belongs to.")
    def organization(self, info: Info) -> Organization:
        return organization_of(context(info).caller.organization)

    @strawberry.field(description="How far counting has come, for each kind of data.")
    async def freshness(self, info: Info) -> list[Freshness]:
        here = context(info)
        return [freshness_of(await here.loaders.mark(fact.name), here.now) for fact in FACTS]

    @strawberry.field(
        description="The catalogue: every metric with its meaning, unit, formula and dimensions.",
        metadata=holds(250),
    )
    def metrics(self) -> list[MetricInfo]:
        return catalogue()

    @strawberry.field(description="What your key may ask.")
    def limits(self, info: Info) -> Limits:
        return limits_of(context(info).caller)

    @strawberry.field(description="Anything by its global id; null for a stranger.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")]
    ) -> Node | None:
        here, key = context(info), str(id)
        if key.startswith(PREFIX):
            return await campaign_by_id(here, key)
        if key.startswith(EXPORT_PREFIX):
            return await export_by_id(here, key)
        if key.startswith(WORKFLOW_PREFIX):
            return await workflow_by_id(here, key)
        organization = organization_of(here.caller.organization)
        return organization if key == str(organization.id) else None
