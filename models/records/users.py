"""Records of users."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from models.records.base import BaseRecord, Id, Label, Moment


class UserRecord(BaseRecord):
    """One person of the organization. The record with the latest `updated_at` is the truth."""

    type: Literal["user"]
    id: Id
    name: Label = ""
    email: Label = ""
    created_at: Moment
    updated_at: Moment | None = Field(None, description="`created_at` when absent.")
