"""Exports: asked for, looked at until they are done, and downloaded by a signed link."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Export as ExportRow
from models.errors import InvalidCursor, NotFound
from models.exports import UNFINISHED
from resolvers.exports.registry import SOURCES
from resolvers.exports.requests import export_page, find_export, request_export
from resolvers.limits import check_page
from resolvers.pulse import told
from schema.context import Context, context
from schema.enums import enum_of
from schema.export_inputs import ExportFormat, ExportInput, params_of
from schema.paging import Node, PageInfo
from schema.scalars import BigInt

PREFIX = "Export:"
SOONEST = timedelta(seconds=5)
LOOKED_AT_EVERY_S = 0.5
MOST_LOOKS = 1_800  # a quarter of an hour; whoever wants more asks again, with a key that is still good
ExportKind: Any = enum_of(
    "ExportKind", "What an export holds.", {name: source.about for name, source in SOURCES.items()}
)
ExportStatus: Any = enum_of(
    "ExportStatus",
    "How far an export has come.",
    {
        "pending": "It waits for a worker.",
        "processing": "Its file is being written.",
        "completed": "Its file can be downloaded.",
        "failed": "It will not be made; `error` says why.",
        "expired": "Its file was kept long enough and is gone.",
    },
)


@strawberry.type(description="A file that somebody asked for.")
class Export(Node):
    external_id: str = strawberry.field(description="Its id without the type: exp_…")
    kind: ExportKind = strawberry.field(description="What it holds.")
    format: ExportFormat = strawberry.field(description="How its file is written.")
    status: ExportStatus = strawberry.field(description="How far it has come.")
    rows: BigInt = strawberry.field(description="How many rows are written so far, without the names.")
    bytes: BigInt | None = strawberry.field(description="How long the file is; null until it is done.")
    sha256: str | None = strawberry.field(
        description="The file's SHA-256 in hexadecimal digits, which is its ETag too; null until it is done."
    )
    as_of: datetime = strawberry.field(
        description="The watermark when it was asked for: nothing after it is taken for counted. A question "
        "with this `asOf` gives the same numbers."
    )
    created_at: datetime = strawberry.field(description="When it was asked for.")
    completed_at: datetime | None = strawberry.field(description="When it was done, or failed.")
    expires_at: datetime | None = strawberry.field(
        description="When its file goes and its links end; null until it is done."
    )
    estimated_completion: datetime | None = strawberry.field(
        description="A guess when it will be done; null when it is over."
    )
    error: str | None = strawberry.field(description="Why it failed.")
    download_url: str | None = strawberry.field(
        description="A signed link to the file for whoever has it, until `expiresAt`; null until it is done. "
        "Without PUBLIC_URL it begins with a slash: it is relative to the address of this endpoint."
    )


@strawberry.type(description="An export and its place in the list.")
class ExportEdge:
    cursor: str = strawberry.field(description="Pass it as `after` to read on from here.")
    node: Export = strawberry.field(description="The export.")


@strawberry.type(description="One page of exports, newest first.")
class ExportConnection:
    edges: list[ExportEdge] = strawberry.field(description="The exports of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")


def export_of(here: Context, row: ExportRow) -> Export:
    """An export's row as its GraphQL type."""
    is_made = bool(row.sha256)
    return Export(
        id=strawberry.ID(PREFIX + row.id),
        external_id=row.id,
        kind=ExportKind(row.kind),
        format=ExportFormat(row.format),
        status=ExportStatus(row.status),
        rows=BigInt(row.rows),
        bytes=BigInt(row.bytes) if is_made else None,
        sha256=row.sha256 if is_made else None,
        as_of=row.as_of,
        created_at=row.created_at,
        completed_at=row.completed_at,
        expires_at=row.expires_at,
        estimated_completion=_estimated(here, row),
        error=row.error or None,
        download_url=here.links.to(row, here.now),
    )


def _estimated(here: Context, row: ExportRow) -> datetime | None:
    if row.status not in UNFINISHED:
        return None
    return max((row.started_at or row.created_at) + SOURCES[row.kind].takes, here.now + SOONEST)


async def create_export(here: Context, wanted: ExportInput) -> Export:
    """A new export. Raises what cannot be asked for."""
    kind, params = params_of(here, wanted.source)
    format = wanted.format.value
    row = await here.write(lambda db: request_export(db, here.caller, kind, params, format, here.now))
    return export_of(here, row)


async def export_by_id(here: Context, key: str) -> Export | None:
    """The export of this id, with or without its type; None for a stranger."""
    async with here.loaders.store.reading() as db:
        row = await find_export(db, here.caller.organization.id, key.removeprefix(PREFIX))
    return None if row is None else export_of(here, row)


async def export_updates(here: Context, key: str) -> AsyncGenerator[Export]:
    """An export whenever it has come further, until it is over, or for 15 minutes. Raises NotFound."""
    last: tuple[object, ...] | None = None
    for _ in range(MOST_LOOKS):
        try:
            async with here.loaders.store.reading() as db:
                row = await find_export(db, here.caller.organization.id, key.removeprefix(PREFIX))
        except Exception as error:
            raise told(error) from error
        if row is None:
            raise NotFound("There is no such export.")
        if last != (row.status, row.rows):
            last = (row.status, row.rows)
            yield export_of(here, row)
        if row.status not in UNFINISHED:
            return
        await asyncio.sleep(LOOKED_AT_EVERY_S)


async def exports(
    here: Context, first: int, after: str | None, statuses: list[Any] | None
) -> ExportConnection:
    """One page of exports."""
    check_page(first)
    names = tuple(sorted(status.value for status in statuses or ()))
    shape = ["exports", names]
    place = None if after is None else _place(here.cursors.open(after, shape))
    async with here.loaders.store.reading() as db:
        page = await export_page(db, here.caller.organization.id, names, first, place)
    edges = [
        ExportEdge(
            cursor=here.cursors.seal(shape, [row.created_at.isoformat(), row.id]), node=export_of(here, row)
        )
        for row in page.rows
    ]
    info = PageInfo(
        has_next_page=page.has_more,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return ExportConnection(edges=edges, page_info=info)


def _place(sealed: list[Any]) -> tuple[datetime, str]:
    if len(sealed) != 2:
        raise InvalidCursor()
    return datetime.fromisoformat(sealed[0]), str(sealed[1])


@strawberry.type
class ExportFields:
    """The root fields of exports."""

    @strawberry.field(description="One export; null when there is none of this id.")
    async def export(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="`id` or `externalId`.")],
    ) -> Export | None:
        return await export_by_id(context(info), str(id))

    @strawberry.field(description="Exports, newest first, page by page.")
    async def exports(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, up to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="The cursor to read on from.")] = None,
        statuses: Annotated[
            list[ExportStatus] | None, strawberry.argument(description="Only those in one of these states.")
        ] = None,
    ) -> ExportConnection:
        return await exports(context(info), first, after, statuses)
