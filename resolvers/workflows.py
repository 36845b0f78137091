"""Workflows by id."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Workflow
from resolvers.scope import mine


async def workflow_by_id(db: AsyncConnection, organization_id: int, key: str) -> Workflow | None:
    """The workflow of this id; None for a stranger."""
    select = mine(sa.select(Workflow.__table__).where(Workflow.id == key), organization_id)
    row = (await db.execute(select)).mappings().first()
    return None if row is None else Workflow(**row)
