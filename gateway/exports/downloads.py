"""`GET /exports/{file}`: the file of an export, to whoever has its signed link.

The link says which export; what its file is called and where it is, only its row does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.exports.ranges import Unsatisfiable, wanted
from gateway.exports.storage import Content, Storage
from gateway.problem import answered, problem
from gateway.revalidation import is_held
from gateway.within import within
from models import Export
from models.engine import Store
from models.errors import LinkExpired, NotFound
from models.exports import COMPLETED, EXPIRED
from resolvers.exports.requests import find_export
from resolvers.formats import FORMATS
from resolvers.links import Links

CHUNK = 256 << 10  # bytes of a file in memory at a time, for each reader


class DownloadsEndpoint:
    """`/exports/{file}`."""

    def __init__(
        self,
        store: Store,
        storage: Storage,
        links: Links,
        clock: Callable[[], datetime],
        within_s: float | None = None,
    ) -> None:
        self._store, self._storage, self._links, self._clock = store, storage, links, clock
        self._within_s = within_s

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        return await answered(self._download(request))

    async def _download(self, request: Request) -> Response:
        export = await within(self._within_s, self._export(request), self._store)
        try:
            content = await asyncio.to_thread(self._storage.open, export.file)
        except FileNotFoundError as error:
            raise LinkExpired("The file of this export is gone; ask for the export again.") from error
        return _answered(request, export, content)

    async def _export(self, request: Request) -> Export:
        """The export that the link is for. Raises NotFound, LinkExpired."""
        name, now = request.path_params["file"], self._clock()
        link = self._links.read(name, request.query_params, now)
        async with self._store.of(link.organization_id).reading() as db:
            export = await find_export(db, link.organization_id, link.export_id)
        if export is None or name != f"{export.id}.{export.format}":
            raise NotFound("There is nothing at this address.")
        if export.status == EXPIRED or (export.expires_at is not None and export.expires_at <= now):
            raise LinkExpired()
        if export.status != COMPLETED:
            raise NotFound("There is nothing at this address.")
        return export


def _answered(request: Request, export: Export, content: Content) -> Response:
    headers = _headers(export)
    if is_held(request, headers["ETag"]):
        content.close()
        return Response(status_code=304, headers=headers)
    try:
        part = wanted(_range(request, headers), content.size)
    except Unsatisfiable:
        content.close()
        refused = problem(416, "The file has no such part.", "RANGE_NOT_SATISFIABLE", size=content.size)
        refused.headers["Content-Range"] = f"bytes */{content.size}"
        return refused
    start, end = part or (0, content.size)
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{content.size}"
    status, media_type = 200 if part is None else 206, FORMATS[export.format].media_type
    if request.method == "HEAD":
        content.close()
        return Response(None, status, headers, media_type)
    return StreamingResponse(_chunks(content, start, end), status, headers, media_type)


def _headers(export: Export) -> dict[str, str]:
    assert export.completed_at is not None
    name = f"{export.kind}-{export.created_at:%Y-%m-%d}.{export.format}"
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": f'"{export.sha256}"',
        "Last-Modified": format_datetime(export.completed_at.replace(microsecond=0), usegmt=True),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }


def _range(request: Request, headers: dict[str, str]) -> str:
    """The Range header; '' when it was meant for another file than this one, or not for GET."""
    condition = request.headers.get("if-range")
    if request.method != "GET":
        return ""
    if condition is not None and condition not in (headers["ETag"], headers["Last-Modified"]):
        return ""
    return request.headers.get("range", "")


async def _chunks(content: Content, start: int, end: int) -> AsyncGenerator[bytes]:
    try:
        while start < end:
            chunk = await asyncio.to_thread(content.read, start, min(CHUNK, end - start))
            if not chunk:
                raise EOFError("the file of an export is shorter than it was")
            start += len(chunk)
            yield chunk
    finally:
        content.close()
