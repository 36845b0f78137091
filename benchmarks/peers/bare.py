"""By hand: Starlette, an asyncpg pool, orjson. A route a question, no schema, nobody is asked for a key."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from benchmarks.peers import statements
from benchmarks.peers.rows import COPY, row_of, store

POOL_SIZE = 5  # as the gateway's by default
DAY, HOUR = 86_400, 3_600


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    """The pool, for as long as the application runs."""
    settings = {"jit": "off"}
    async with asyncpg.create_pool(
        os.environ["PEER_URL"], min_size=1, max_size=POOL_SIZE, server_settings=settings
    ) as app.state.pool:
        yield


def answered(data: Any) -> Response:
    """JSON."""
    return Response(orjson.dumps(data, option=orjson.OPT_UTC_Z), media_type="application/json")


def asked(request: Request, width: int) -> tuple[asyncpg.Pool, int, range]:
    """The pool, the organization, and the starts of the buckets in units of `width` seconds since 1970."""
    told = request.query_params
    start, end = (int(datetime.fromisoformat(told[name]).timestamp()) for name in ("start", "end"))
    return request.app.state.pool, int(told["organization"]), range(start // width, end // width)


def percent(top: int, bottom: int) -> float | None:
    """A rate; null of nothing."""
    return 100 * top / bottom if bottom else None


async def overview(request: Request) -> Response:
    """Totals."""
    pool, organization, days = asked(request, DAY)
    row = await pool.fetchrow(statements.TOTALS, organization, days.start, days.stop)
    messages = {name: row[name] or 0 for name in statements.OVERVIEW_SUMS}
    messages["deliveryRate"] = percent(row["confirmed"] or 0, row["logged"] or 0)
    messages["readRate"] = percent(row["read"] or 0, row["delivered_or_read"] or 0)
    return answered({"overview": {"messages": messages}})


async def days(request: Request) -> Response:
    """A bucket a day."""
    pool, organization, days = asked(request, DAY)
    found = dict(await pool.fetch(statements.DAYS, organization, days.start, days.stop))
    return answered(series({day: found.get(day, 0) for day in days}, DAY))


async def hours(request: Request) -> Response:
    """A bucket an hour."""
    pool, organization, hours = asked(request, HOUR)
    found = dict(await pool.fetch(statements.HOURS, organization, hours.start * 60, hours.stop * 60))
    return answered(series({hour: found.get(hour * 60, 0) for hour in hours}, HOUR))


def series(values: dict[int, int], width: int) -> dict[str, Any]:
    """Buckets with their starts, and what they add up to."""
    buckets = [{"start": moment(at * width), "value": value} for at, value in values.items()]
    return {"messageBuckets": {"total": sum(values.values()), "buckets": buckets}}


def moment(seconds: int) -> datetime:
    """Seconds since 1970 as a moment."""
    return datetime.fromtimestamp(seconds, UTC)


async def year(request: Request) -> Response:
    """A bucket a day with two sums and a rate."""
    pool, organization, days = asked(request, DAY)
    rows = await pool.fetch(statements.YEAR, organization, days.start, days.stop)
    found = {row["slot"]: row for row in rows}
    none = dict.fromkeys(statements.YEAR_SUMS, 0)
    buckets = [{"start": moment(day * DAY), "metrics": _metrics(found.get(day, none))} for day in days]
    return answered({"messageBuckets": {"buckets": buckets}})


def _metrics(row: Any) -> dict[str, Any]:
    logged, delivered, confirmed = row["logged"], row["delivered"], row["confirmed"]
    return {"logged": logged, "delivered": delivered, "deliveryRate": percent(confirmed, logged)}


async def heatmap(request: Request) -> Response:
    """Hours of the week."""
    pool, organization, hours = asked(request, HOUR)
    rows = await pool.fetch(statements.WEEK, organization, hours.start * 60, hours.stop * 60)
    found = {(weekday, hour): value for weekday, hour, value in rows}
    cells = [
        {"weekday": weekday, "hour": hour, "value": found.get((weekday, hour), 0)}
        for weekday in range(7)
        for hour in range(24)
    ]
    return answered({"heatmap": {"total": sum(found.values()), "cells": cells}})


async def campaigns(request: Request) -> Response:
    """A page of campaigns, each with its summary and its series, by three statements."""
    pool, organization, days = asked(request, DAY)
    async with pool.acquire() as db:
        page = await db.fetch(statements.CAMPAIGNS, organization, int(request.query_params["first"]))
        ids = [row["id"] for row in page]
        summaries = {row["campaign"]: row for row in await db.fetch(statements.SUMMARIES, organization, ids)}
        rows = await db.fetch(statements.SERIES, organization, ids, days.start, days.stop)
    found = {(row["campaign"], row["slot"]): row for row in rows}
    nothing, none = dict.fromkeys(statements.SUMMARY_SUMS, 0), dict.fromkeys(statements.SERIES_SUMS, 0)
    starts = {day: moment(day * DAY) for day in days}
    edges = []
    for id, name in page:
        summary = summaries.get(id, nothing)
        buckets = []
        for day, start in starts.items():
            row = found.get((id, day), none)
            buckets.append({"start": start, "metrics": {sum: row[sum] for sum in statements.SERIES_SUMS}})
        node = {
            "externalId": id,
            "name": name,
            "summary": {sum: summary[sum] for sum in statements.SUMMARY_SUMS},
        }
        edges.append({"node": {**node, "timeSeries": {"buckets": buckets}}})
    return answered({"campaigns": {"edges": edges}})


async def export(request: Request) -> Response:
    """Messages as CSV, straight from COPY."""
    told = request.query_params
    span = [datetime.fromisoformat(told[name]) for name in ("start", "end")]
    return StreamingResponse(
        copied(request.app.state.pool, int(told["organization"]), *span), media_type="text/csv"
    )


async def copied(pool: asyncpg.Pool, *values: Any) -> AsyncGenerator[bytes]:
    """What COPY writes, as it comes."""
    parts: asyncio.Queue[bytes | bytearray | None] = asyncio.Queue(8)

    async def copy() -> None:
        async with pool.acquire() as db:
            await db.copy_from_query(COPY, *values, output=parts.put, format="csv", header=True)
        await parts.put(None)

    async with asyncio.TaskGroup() as group:
        group.create_task(copy())
        while (part := await parts.get()) is not None:
            yield bytes(part)


async def events(request: Request) -> Response:
    """Messages in, a JSON object a line; those that are there already stay as they are."""
    organization = int(request.query_params["organization"])
    rows = [row_of(organization, orjson.loads(line)) for line in (await request.body()).splitlines()]
    async with request.app.state.pool.acquire() as db:
        return answered({"accepted": len(rows), "changed": await store(db, rows)})


app = Starlette(
    routes=[
        *(
            Route(f"/{each.__name__}", each)
            for each in (overview, days, hours, year, heatmap, campaigns, export)
        ),
        Route("/events", events, methods=["POST"]),
    ],
    lifespan=lifespan,
)
