"""Records of contacts, of the lists they are on and of what they want."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.records.base import BaseRecord, Id, Label, Moment, Source

Value = (
    Annotated[str, Field(max_length=2000)] | int | Annotated[float, Field(allow_inf_nan=False)] | bool | None
)
OptIn = Literal["not_subscribed", "pending", "subscribed", "unsubscribed"]


class ContactRecord(BaseRecord):
    """One person or address. The record with the latest `updated_at` is the truth."""

    type: Literal["contact"]
    id: Id
    name: Label = Field("", description="First and last name when absent.")
    first_name: Label = ""
    last_name: Label = ""
    phone: Label = ""
    carrier: Label = ""
    email: Label = ""
    birthdate: Label = ""
    address: Label = ""
    city: Label = ""
    state: Label = ""
    zip: Label = ""
    country: Label = ""
    timezone: Label = ""
    language: Label = ""
    source: Source = Field("", description="Where it came from: keyword, form, import, campaign, …")
    source_id: Label = ""
    sub_source: Label = ""
    sub_source_id: Label = ""
    custom: Annotated[dict[Id, Value], Field(max_length=100)] = Field(
        default_factory=dict, description="Whatever else is known, by name."
    )
    is_textable: bool = True
    is_opted_in: bool | None = Field(None, description="As `opt_in_status` says, else true, when absent.")
    opt_in_status: OptIn | None = Field(None, description="As `is_opted_in` says when absent.")
    opt_in_changed_at: Moment | None = None
    created_at: Moment
    deleted_at: Moment | None = Field(None, description="When it was deleted; it counts for the past only.")
    updated_at: Moment | None = Field(None, description="The latest of the other moments when absent.")


class ContactEventRecord(BaseRecord):
    """A contact subscribed, unsubscribed or was asked. Each is counted when it happened."""

    type: Literal["contact_event"]
    id: Id
    contact_id: Id
    opt_in_status: OptIn = Field(description="What the contact became.")
    source: Source = Field("", description="What changed it: keyword, form, api, inbox, import, …")
    at: Moment
    updated_at: Moment | None = Field(None, description="`at` when absent.")


class ContactListRecord(BaseRecord):
    """A list that contacts are put on. The record with the latest `updated_at` is the truth."""

    type: Literal["contact_list"]
    id: Id
    name: Label = ""
    updated_at: Moment


class SegmentRecord(BaseRecord):
    """The contacts that fit a rule. The record with the latest `updated_at` is the truth."""

    type: Literal["segment"]
    id: Id
    name: Label = ""
    updated_at: Moment
