"""Records of organizations."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.errors import UnknownTimezone
from models.records.base import BaseRecord, Id, Label
from models.zones import zone

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except UnknownTimezone as error:
        raise ValueError(str(error)) from error
    return name


def one_case(name: str) -> str:
    """A UUID in lower case, for it is the same in any; other names as they are."""
    return name.lower() if UUID.fullmatch(name) else name


class OrganizationRecord(BaseRecord):
    """A tenant: whose messages these are. Of one that is there, only what the record names changes."""

    type: Literal["organization"]
    id: Id = Field(description="Slug, unique in this gateway.")
    name: Label = ""
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC", description="IANA zone of its days and months."
    )
    plan: Label = Field("unlimited", description="Code of its plan; see `limits`.")
    aliases: dict[Id, Annotated[Id, AfterValidator(one_case)]] = Field(
        default_factory=dict, description="What each vendor calls it: vendor → id."
    )
