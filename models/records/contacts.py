"""Records of contacts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from models.records.base import BaseRecord, Id, Label, Moment


class ContactRecord(BaseRecord):
    """One person or address. The record with the latest `updated_at` is the truth."""

    type: Literal["contact"]
    id: Id
    name: Label = ""
    phone: Label = ""
    email: Label = ""
    timezone: Label = ""
    source: Label = ""
    is_textable: bool = True
    is_opted_in: bool = True
    created_at: Moment
    updated_at: Moment | None = Field(None, description="`created_at` when absent.")
