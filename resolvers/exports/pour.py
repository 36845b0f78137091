"""The rows of an export into a file, in its format."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from models import Export
from resolvers.exports.copying import can_copy, copy
from resolvers.exports.registry import SOURCES
from resolvers.exports.source import Asking, home_of
from resolvers.exports.threads import to_the_end
from resolvers.formats import CSV, FORMATS
from resolvers.formats.writer import Sink
from resolvers.organizations import get


async def pour(db: AsyncConnection, export: Export, file: Sink, told: Callable[[int], None]) -> None:
    """Write the whole export into the file; `told` hears how many rows there are so far.

    Wants a connection of `Store.streaming`: one snapshot, and time enough.
    """
    source, chosen = SOURCES[export.kind], FORMATS[export.format]
    params = source.params.model_validate_json(export.params)
    organization = await get(db, export.organization_id)
    home = await home_of(db, organization)
    asking, columns = Asking(db, organization, home, export.as_of), source.columns(params)
    if source.select is not None and chosen is CSV and can_copy(db, columns):
        await copy(db, source.select(asking, params), columns, file, told)
        return
    writer = await to_the_end(chosen.writer, file, columns)
    try:
        count = 0
        async for rows in source.rows(asking, params):
            await to_the_end(writer.write, rows)
            count += len(rows)
            told(count)
        await to_the_end(writer.close)
    except BaseException:
        await to_the_end(writer.abandon)
        raise
