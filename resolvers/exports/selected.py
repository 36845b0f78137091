"""A SELECT row by row, without ever holding all of it: by a cursor, some rows at a time."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from resolvers.exports.source import Rows

AT_ONCE = 500  # rows; more would hold the event loop up


async def streamed(db: AsyncConnection, select: sa.Select[Any]) -> Rows:
    """The rows of a statement, some at a time."""
    result = await db.stream(select.execution_options(yield_per=AT_ONCE))
    try:
        async for part in result.partitions():
            yield list(part)
    finally:
        await result.close()
