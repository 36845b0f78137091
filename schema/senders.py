"""Senders: the numbers, mailboxes and accounts that messages go through."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from models.errors import NotFound
from resolvers.filters import Where
from resolvers.senders import every_sender, senders_called
from schema.context import Context, context

Account = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only what went through this sender, by its id or name."),
]


@strawberry.type(description="A number, a mailbox or an account that messages go through.")
class Sender:
    id: strawberry.ID = strawberry.field(description="What filters by SENDER call it.")
    name: str = strawberry.field(description="Its name.")
    kind: str = strawberry.field(description="phone, whatsapp, mailbox, …")
    address: str = strawberry.field(description="Its number or e-mail address.")


async def through(here: Context, account: str | None) -> Where:
    """The filter that keeps what went through an account; none keeps all. Raises NotFound."""
    if account is None:
        return ()
    async with here.loaders.store.reading() as db:
        found = await senders_called(db, here.caller.organization.id, account)
    if not found:
        raise NotFound(f"There is no sender '{account[:64]}'.", account=account)
    return (("sender", found),)


@strawberry.type
class SenderFields:
    """The root field of senders."""

    @strawberry.field(description="Every number, mailbox and account that was told of, by name.")
    async def senders(self, info: Info) -> list[Sender]:
        here = context(info)
        async with here.loaders.store.reading() as db:
            rows = await every_sender(db, here.caller.organization.id)
        return [
            Sender(id=strawberry.ID(row.id), name=row.name, kind=row.kind, address=row.address)
            for row in rows
        ]
