"""Records of workflows and of the contacts that go through them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.records.base import BaseRecord, Count, Id, Label, Moment


class WorkflowRecord(BaseRecord):
    """One workflow. The record with the latest `updated_at` is the truth."""

    type: Literal["workflow"]
    id: Id
    name: Label = ""
    description: Annotated[str, Field(max_length=2000)] | None = None
    entry_rule: Literal["once", "one_at_a_time", "once_in_time", "multiple"] = Field(
        "multiple", description="How often a contact may enter."
    )
    entry_rule_time_value: Count | None = None
    entry_rule_time_unit: Label | None = None
    is_active: bool = True
    created_at: Moment
    activated_at: Moment | None = None
    deactivated_at: Moment | None = None
    cleared_at: Moment | None = None
    updated_at: Moment | None = Field(None, description="The latest of the other moments when absent.")


class WorkflowEntryRecord(BaseRecord):
    """One way of one contact through a workflow. The record with the latest `updated_at` is the truth."""

    type: Literal["workflow_entry"]
    id: Id
    workflow_id: Id
    contact_id: Label = ""
    entered_at: Moment
    exited_at: Moment | None = Field(None, description="When it left; absent while it is inside.")
    exit_reason: Label = ""
    updated_at: Moment | None = Field(None, description="The latest of the other moments when absent.")
