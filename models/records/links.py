"""Records of links."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.records.base import BaseRecord, Id, Label, Moment, Source


class LinkRecord(BaseRecord):
    """One link. A click belongs to it when it names its id or its URL."""

    type: Literal["link"]
    id: Id
    name: Label = ""
    url: Annotated[str, Field(max_length=2000)] = ""
    kind: Label = Field("", description="website, coupon, …")
    contact_id: Label = Field("", description="Whose own link it is.")
    source: Source = Field("", description="What it stands in: campaign, workflow, …")
    source_id: Label = ""
    sub_source: Label = ""
    sub_source_id: Label = ""
    is_active: bool = True
    created_at: Moment
    expires_at: Moment | None = None
    updated_at: Moment | None = Field(None, description="`created_at` when absent.")
