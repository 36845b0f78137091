"""Records of organizations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.errors import UnknownTimezone
from models.records.base import BaseRecord, Id, Label
from models.zones import zone


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except UnknownTimezone as error:
        raise ValueError(str(error)) from error
    return name


class OrganizationRecord(BaseRecord):
    """A tenant: whose messages these are. Of one that is there, only what the record names changes."""

    type: Literal["organization"]
    id: Id = Field(description="Slug, unique in this gateway.")
    name: Label = ""
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC", description="IANA zone of its days and months."
    )
    plan: Label = Field("unlimited", description="Code of its plan; see `limits`.")
    aliases: dict[Id, Id] = Field(default_factory=dict, description="What each vendor calls it: vendor → id.")
