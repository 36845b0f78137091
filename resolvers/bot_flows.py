"""Flows of the chatbot by id."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import BotFlow
from resolvers.scope import mine


async def flow_names(db: AsyncConnection, organization_id: int, ids: Sequence[str]) -> dict[str, str]:
    """What those of the flows that have a name are called."""
    select = mine(sa.select(BotFlow.id, BotFlow.name).where(BotFlow.id.in_(ids)), organization_id)
    return {row.id: row.name for row in await db.execute(select) if row.name}
