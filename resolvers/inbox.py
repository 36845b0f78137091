"""The users and the tags of the inbox."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import InboxTag, User
from resolvers.scope import mine


async def users(db: AsyncConnection, organization_id: int) -> list[User]:
    """Everybody of the organization, by name."""
    return [User(**row) for row in await _all(db, organization_id, User.__table__, User.name, User.id)]


async def tags(db: AsyncConnection, organization_id: int) -> list[InboxTag]:
    """Every tag, by id; numbers among the ids in their order."""
    length = sa.func.length(InboxTag.id)
    found = await _all(db, organization_id, InboxTag.__table__, length, InboxTag.id)
    return [InboxTag(**row) for row in found]


async def _all(db: AsyncConnection, organization_id: int, table: Any, *order: Any) -> list[dict[str, Any]]:
    select = mine(sa.select(table), organization_id).order_by(*order)
    return [dict(row) for row in (await db.execute(select)).mappings()]
