"""Records in over HTTP, batch by batch, and how they reach the rollups."""

from __future__ import annotations

import asyncio
import statistics
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from time import perf_counter
from typing import Any

import asyncpg
import orjson

from benchmarks.load import Line, request
from benchmarks.peers.rows import row_of, store
from benchmarks.postgres import Postgres, plain
from benchmarks.questions import stamp
from benchmarks.results import POSTGRESQL, Row
from benchmarks.servers import BARE, OURS, Server
from benchmarks.usage import cpu_s
from benchmarks.world import END, KEYS, WRITER, World, empty
from gateway.app import wire
from gateway.settings import Settings

BATCH, CONNECTIONS = 1_000, 4
MICRO = 1_000_000
NDJSON = "application/x-ndjson"


async def writes(
    world: World,
    postgres: Postgres,
    servers: Mapping[str, Server],
    rounds: int,
    rows: int,
    step: Callable[[str], None],
) -> list[Row]:
    """New messages for each in every round: over HTTP to the gateway and by hand, straight to PostgreSQL."""
    cpu, wall, counted = defaultdict(list), defaultdict(list), []
    gateway = await wire(Settings(database_url=world.url))
    try:
        for number in range(1, rounds + 1):
            for name in (BARE, OURS):
                step(f"ingest, round {number}: {name}")
                server, bodies = servers[name], _requests(world, name, batches(f"{name}-{number}", rows))
                before = cpu_s(server.pid)
                wall[name].append(await _timed(_sent(server.port, bodies)) / rows)
                cpu[name].append((cpu_s(server.pid) - before) / rows)
            step(f"refresh, round {number}")
            counted.append(await _refreshed(postgres, gateway.worker.refresh, rows))
            step(f"ingest, round {number}: driver")
            wall[POSTGRESQL].append(await _stored(world, list(batches(f"driver-{number}", rows))) / rows)
            await empty(gateway.store, world.writer)
    finally:
        await gateway.store.close()
    made = [
        Row("ingest in batches of 1,000: server CPU a message", "µs", _medians(cpu)),
        Row("ingest in batches of 1,000: time a message", "µs", _medians(wall)),
        Row(
            "rollup refresh: CPU a new message, all tiers, PostgreSQL's included",
            "µs",
            {OURS: _micros(counted)},
        ),
    ]
    made[1].notes[POSTGRESQL] = "COPY + ON CONFLICT, one connection"
    return made


def batches(prefix: str, rows: int) -> Iterator[list[dict[str, Any]]]:
    """Messages that nobody has been told of, in the order of time."""
    first = END - timedelta(days=1)
    for start in range(0, rows, BATCH):
        yield [_record(prefix, number, first) for number in range(start, min(start + BATCH, rows))]


def _record(prefix: str, number: int, first: Any) -> dict[str, Any]:
    at = first + timedelta(seconds=number)
    return {
        "type": "message",
        "id": f"{prefix}-{number:09}",
        "created_at": stamp(at),
        "channel": "sms",
        "campaign_id": f"cmp_{number // 5_000:04}",
        "contact_id": f"contact_{number % 1_000}",
        "sender_id": "+15550100",
        "content_type": "text",
        "source": "campaign",
        "segments": 1,
        "cost_micros": 7_900,
        "sent_at": stamp(at + timedelta(seconds=1)),
        "delivered_at": stamp(at + timedelta(seconds=4)),
    }


def _requests(world: World, name: str, made: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    path = "/v1/events" if name == OURS else f"/events?organization={world.writer}"
    key = KEYS[WRITER] if name == OURS else ""
    bodies = [b"\n".join(map(orjson.dumps, batch)) for batch in made]
    return iter([request(path, body, key, NDJSON) for body in bodies])


async def _sent(port: int, requests: Iterator[bytes]) -> None:
    """Every request once, over a few connections."""

    async def go_on() -> None:
        line = await Line.open(port)
        try:
            for each in requests:
                await line.ask(each)
        finally:
            line.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(go_on())


async def _stored(world: World, made: list[list[dict[str, Any]]]) -> float:
    """Seconds of the driver for rows that are ready."""
    ready = [[row_of(world.writer, record) for record in batch] for batch in made]
    db = await asyncpg.connect(plain(world.url))

    async def all_of_them() -> None:
        for rows in ready:
            await store(db, rows)

    try:
        return await _timed(all_of_them())
    finally:
        await db.close()


async def _refreshed(postgres: Postgres, refresh: Callable[[], Awaitable[int]], rows: int) -> float:
    """Seconds of processor time for each message, ours and PostgreSQL's."""
    before = cpu_s() + (postgres.cpu_s() or 0)
    if not await refresh():
        raise RuntimeError("there was nothing to count")
    return (cpu_s() + (postgres.cpu_s() or 0) - before) / rows


async def _timed(job: Awaitable[None]) -> float:
    start = perf_counter()
    await job
    return perf_counter() - start


def _medians(found: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: _micros(each) for name, each in found.items()}


def _micros(found: list[float]) -> float:
    return MICRO * statistics.median(found)
