"""Senders: all there are, and those that somebody means."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Sender
from resolvers.scope import mine


async def every_sender(db: AsyncConnection, organization_id: int) -> list[Sender]:
    """All senders, by name."""
    select = mine(sa.select(Sender.__table__), organization_id).order_by(Sender.name, Sender.id)
    return [Sender(**row) for row in (await db.execute(select)).mappings()]


async def senders_called(db: AsyncConnection, organization_id: int, called: str) -> tuple[str, ...]:
    """The ids of the senders of that id or name; a UUID is the same in any case. None for a stranger."""
    names = (called, called.lower())
    meant = sa.or_(Sender.id.in_(names), Sender.name == called)
    select = mine(sa.select(Sender.id).where(meant), organization_id).order_by(Sender.id)
    return tuple((await db.execute(select)).scalars())
