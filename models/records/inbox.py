"""Records of the inbox: threads, tags, and what happened to threads."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from models.records.base import BaseRecord, Id, Label, Moment


class InboxThreadRecord(BaseRecord):
    """Everything said with one contact in one place. The record with the latest `updated_at` is the truth."""

    type: Literal["inbox_thread"]
    id: Id
    contact_id: Label = ""
    created_at: Moment
    updated_at: Moment | None = Field(None, description="`created_at` when absent.")


class InboxTagRecord(BaseRecord):
    """A label for threads. The record with the latest `updated_at` is the truth."""

    type: Literal["inbox_tag"]
    id: Id
    name: Label = ""
    color: Label = Field("", description="Such as #23ddcd.")
    updated_at: Moment


class InboxEventRecord(BaseRecord):
    """Something happened to a thread. How long things took is worked out from these."""

    type: Literal["inbox_event"]
    id: Id
    thread_id: Id
    kind: Literal["opened", "assigned", "answered", "closed", "tag_added", "tag_removed"]
    user_id: Label = Field("", description="To whom it was assigned; who answered, closed or tagged.")
    tag_id: Label = Field("", description="The tag that was put on or taken off.")
    at: Moment
    updated_at: Moment | None = Field(None, description="`at` when absent.")

    @model_validator(mode="after")
    def _names_its_tag(self) -> InboxEventRecord:
        if self.kind.startswith("tag_") and not self.tag_id:
            raise ValueError(f"{self.kind} needs a tag_id")
        return self
