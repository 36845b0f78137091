"""Links and their clicks."""

from datetime import datetime

import strawberry

from resolvers.clicks import Clicks, link_clicks
from schema.context import Context
from schema.scalars import BigInt


@strawberry.type(description="A link and how often it was clicked.")
class Link:
    external_id: str | None = strawberry.field(
        description="What its sender calls it; null where only its URL is known."
    )
    name: str | None = strawberry.field(description="Its name.")
    url: str = strawberry.field(description="Where it leads.")
    kind: str | None = strawberry.field(description="website, coupon, …")
    contact_id: str | None = strawberry.field(description="Whose own link it is.")
    source: str | None = strawberry.field(description="What it stands in: campaign, workflow, …")
    source_id: str | None = strawberry.field(description="Which one.")
    sub_source: str | None = strawberry.field(description="What it stands in, more closely.")
    sub_source_id: str | None = strawberry.field(description="Which one of those.")
    is_active: bool | None = strawberry.field(description="Whether it still leads anywhere.")
    created_at: datetime | None = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it ends.")
    clicks: BigInt | None = strawberry.field(
        description="Every click by a person; null where retention has taken some."
    )
    unique_clicks: BigInt | None = strawberry.field(
        description="Messages in which a person clicked it; null where retention has taken some."
    )
    machine_clicks: BigInt | None = strawberry.field(
        description="Every click by a machine; null where retention has taken some."
    )


_TOLD = (
    *("name", "kind", "contact_id", "source", "source_id", "sub_source", "sub_source_id"),
    *("is_active", "created_at", "expires_at"),
)


async def links_of(here: Context, source: str, source_id: str) -> list[Link]:
    """The links of a campaign or a workflow."""
    loaders = here.loaders
    async with loaders.store.reading() as db:
        found = await link_clicks(db, loaders.caller.organization.id, source, source_id)
    return [_link(one) for one in found]


def _link(found: Clicks) -> Link:
    told = {name: None if found.link is None else getattr(found.link, name) for name in _TOLD}
    return Link(
        **told,
        external_id=None if found.link is None else found.link.id,
        url=found.url,
        clicks=_count(found.clicks),
        unique_clicks=_count(found.unique_clicks),
        machine_clicks=_count(found.machine_clicks),
    )


def _count(number: int | None) -> BigInt | None:
    return None if number is None else BigInt(number)
