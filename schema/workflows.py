"""Workflows: who went through, and what they did."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Workflow as WorkflowRow
from resolvers.engagement import of_workflow
from resolvers.workflows import workflow_by_id as found_by_id
from schema.answering import span_in, totals
from schema.arguments import AllTime, Zone
from schema.context import Context, context
from schema.engagement import engagement_field
from schema.enums import enum_of
from schema.families import WORKFLOW_ENTRY
from schema.links import Link, links_of
from schema.paging import Node

PREFIX = "Workflow:"
EntryRule: Any = enum_of(
    "WorkflowEntryRule",
    "How often a contact may enter a workflow.",
    {
        "once": "Once and never again.",
        "one_at_a_time": "Again when it has left.",
        "once_in_time": "Again after some time.",
        "multiple": "Whenever it is called for.",
    },
)


@strawberry.type(description="What happens to contacts by itself, step by step.")
class Workflow(Node):
    row: strawberry.Private[WorkflowRow]
    external_id: str = strawberry.field(description="What its sender calls it.")
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it is for.")
    entry_rule: EntryRule = strawberry.field(description="How often a contact may enter.")
    entry_rule_time_value: int | None = strawberry.field(description="After how many units again.")
    entry_rule_time_unit: str | None = strawberry.field(description="The unit of that.")
    is_active: bool = strawberry.field(description="Whether contacts can enter.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    activated_at: datetime | None = strawberry.field(description="When it was last switched on.")
    deactivated_at: datetime | None = strawberry.field(description="When it was last switched off.")
    cleared_at: datetime | None = strawberry.field(description="When everybody was last taken out.")
    engagement = engagement_field(
        lambda workflow: of_workflow(workflow.row.id),
        "What those who entered did: clicks, opt-outs, orders, of all time or a window.",
    )

    @strawberry.field(
        graphql_type=WORKFLOW_ENTRY.metrics,
        description="Who entered, who left and who is inside, of all time or a window of entering.",
    )
    async def entries(self, info: Info, window: AllTime = None, timezone: Zone = None) -> Any:
        here = context(info)
        name, span = here.zone(timezone), span_in(here, window, timezone)
        return await totals(WORKFLOW_ENTRY, info, span, name, (("workflow", (self.row.id,)),))

    @strawberry.field(description="Its links, and others clicked in its messages, with their clicks.")
    async def links(self, info: Info) -> list[Link]:
        return await links_of(context(info), "workflow", self.row.id)


def workflow_of(row: WorkflowRow) -> Workflow:
    """A workflow's row as its GraphQL type."""
    return Workflow(
        row=row,
        id=strawberry.ID(PREFIX + row.id),
        external_id=row.id,
        name=row.name,
        description=row.description,
        entry_rule=EntryRule(row.entry_rule),
        entry_rule_time_value=row.entry_rule_time_value,
        entry_rule_time_unit=row.entry_rule_time_unit,
        is_active=row.is_active,
        created_at=row.created_at,
        updated_at=row.updated_at,
        activated_at=row.activated_at,
        deactivated_at=row.deactivated_at,
        cleared_at=row.cleared_at,
    )


async def workflow_by_id(here: Context, key: str) -> Workflow | None:
    """The workflow of this id, ours or its sender's; None for a stranger."""
    async with here.loaders.store.reading() as db:
        row = await found_by_id(db, here.caller.organization.id, key.removeprefix(PREFIX))
    return None if row is None else workflow_of(row)


@strawberry.type
class WorkflowFields:
    """The root field of workflows."""

    @strawberry.field(description="One workflow; null when there is none of this id.")
    async def workflow(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="`id` or `externalId`.")],
    ) -> Workflow | None:
        return await workflow_by_id(context(info), str(id))
