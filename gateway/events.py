"""`POST /v1/events`: records over HTTP, as NDJSON or as a JSON array, plain or gzip.

The answer comes after the commit: what is acknowledged is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.auth import UNSHARED, Auth
from gateway.body import Unreadable, read_body
from gateway.intake import Intake, Report
from gateway.logs import request_id
from gateway.problem import answered, problem
from gateway.within import within
from resolvers.caller import EVENTS_WRITE

NDJSON = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
JSON = "application/json"
MOST_RECORDS = 50_000
MOST_LISTED = 100


class EventsEndpoint:
    """`/v1/events`."""

    def __init__(self, intake: Intake, auth: Auth, max_body_bytes: int) -> None:
        self._intake, self._auth, self._max_body_bytes = intake, auth, max_body_bytes

    async def __call__(self, request: Request) -> Response:
        """Take the records of one request in."""
        return await answered(self._take(request))

    async def _take(self, request: Request) -> Response:
        begun = monotonic()
        caller = self._auth.caller(request, EVENTS_WRITE)
        caller = await within(self._intake.patience_s, caller, self._intake.store)
        spent_s = monotonic() - begun
        atomic = _flag(request, "atomic")
        lines = list(_lines(request, await read_body(request, self._max_body_bytes)))
        if len(lines) > MOST_RECORDS:
            raise Unreadable(413, f"A batch holds at most {MOST_RECORDS} records; send it in smaller parts.")
        return _answered(await self._intake.take_own(lines, caller.organization, atomic, spent_s))


def _flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "false")
    if value not in ("true", "false"):
        raise Unreadable(400, f"'{name}' is true or false.")
    return value == "true"


def _lines(request: Request, body: bytes) -> Iterator[tuple[int, bytes]]:
    """Each record as one line, numbered from 1."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in NDJSON:
        yield from enumerate(body.split(b"\n"), 1)
    elif kind == JSON:
        yield from enumerate(_items(body), 1)
    else:
        raise Unreadable(415, f"Send records as application/x-ndjson or {JSON}.")


def _items(body: bytes) -> Iterator[bytes]:
    try:
        records = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(400, "The body is not JSON.") from error
    if not isinstance(records, list):
        raise Unreadable(400, "The body must be a JSON array of records.")
    return (orjson.dumps(record) for record in records)


def _answered(report: Report) -> Response:
    nothing_kept = not report.accepted and bool(report.refused)
    body = {
        "accepted": report.accepted,
        "changed": report.changed,
        "refused_count": len(report.refused),
        "refused": [{"line": r.line, "reason": r.reason} for r in report.refused[:MOST_LISTED]],
    }
    if nothing_kept:
        return problem(422, "No record was taken.", "NOTHING_ACCEPTED", **body)
    return JSONResponse({**body, "request_id": request_id()}, 200, UNSHARED)
