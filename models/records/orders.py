"""Records of orders."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from models.records.base import BaseRecord, Count, Id, Label, Moment


class OrderRecord(BaseRecord):
    """One order. The message that it is put down to is found by us, in whatever order things are told."""

    type: Literal["order"]
    id: Id
    contact_id: Id
    total_micros: Count = Field(description="What was bought, in millionths of the currency unit.")
    currency: Label = Field("", description="Its ISO code.")
    at: Moment
    updated_at: Moment | None = Field(None, description="`at` when absent.")
