"""Workflows: what happens to contacts by itself, step by step, and who went through it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc
from models.contacts import CONTACTS, source_of
from models.fact import Dimension, Fact, count, happened


class Workflow(Base):
    """One workflow. Its messages carry the source 'workflow' and its id."""

    __tablename__ = "workflows"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    entry_rule: Mapped[str]
    entry_rule_time_value: Mapped[int | None]
    entry_rule_time_unit: Mapped[str | None]
    is_active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Utc)
    activated_at: Mapped[datetime | None] = mapped_column(Utc)
    deactivated_at: Mapped[datetime | None] = mapped_column(Utc)
    cleared_at: Mapped[datetime | None] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class WorkflowEntry(Base):
    """One way of one contact through a workflow, until it left."""

    __tablename__ = "workflow_entries"
    __table_args__ = (sa.Index(None, "organization_id", "entered_at"),)

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    workflow_id: Mapped[str]
    contact_id: Mapped[str]
    entered_at: Mapped[datetime] = mapped_column(Utc)
    exited_at: Mapped[datetime | None] = mapped_column(Utc)
    exit_reason: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


WORKFLOW_ENTRIES = Fact(
    name="workflow_entry",
    about="Ways of contacts through workflows, by when they entered.",
    table=WorkflowEntry.__table__,
    time=WorkflowEntry.entered_at,
    key=WorkflowEntry.id,
    sums=(
        count("entrances", "Contacts that entered, each time anew.", unit="entries"),
        happened("exits", "Contacts that left.", WorkflowEntry.exited_at, unit="entries"),
        count("current", "Contacts that are inside now.", WorkflowEntry.exited_at.is_(None), "entries"),
    ),
    dimensions=(
        Dimension("workflow", "The workflow.", WorkflowEntry.workflow_id),
        Dimension("exit_reason", "Why they left; '' while they are inside.", WorkflowEntry.exit_reason),
    ),
    details=(
        Dimension("contact", "Who entered.", WorkflowEntry.contact_id, wide=True, of=CONTACTS),
        Dimension(
            "contact_source",
            "Where the contact came from.",
            source_of(WorkflowEntry.organization_id, WorkflowEntry.contact_id),
        ),
    ),
    tiers=("month", "day", "quarter"),
)
