"""Contacts: how many there are."""

from __future__ import annotations

import strawberry

from schema.families import CONTACT, totals_field


@strawberry.type(description="The people and addresses that messages go to and come from.")
class Contacts:
    span: strawberry.Private[None] = None
    timezone: strawberry.Private[str] = "UTC"
    counts = totals_field(CONTACT, "All contacts there are, as they are now.")


@strawberry.type
class ContactFields:
    """The root field of contacts."""

    @strawberry.field(description="The people and addresses that messages go to and come from.")
    def contacts(self) -> Contacts:
        return Contacts()
