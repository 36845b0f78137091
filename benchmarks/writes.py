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
    cpu, both, wall, counted = defaultdict(list), defaultdict(list), defaultdict(list), []
    gateway = await wire(Settings(database_url=world.gateway_url))
    try:
        for number in range(1, rounds + 1):
            for name in (BARE, OURS):
                step(f"ingest, round {number}: {name}")
                server, bodies = servers[name], requests(world, name, batches(f"{name}-{number}", rows))
                before, theirs = cpu_s(server.pid), postgres.cpu_s() or 0
                wall[name].append(await timed(sent(server.port, bodies)) / rows)
                cpu[name].append((cpu_s(server.pid) - before) / rows)
                both[name].append(cpu[name][-1] + ((postgres.cpu_s() or 0) - theirs) / rows)
            step(f"refresh, round {number}")
            counted.append(await _refreshed(postgres, gateway.worker.refresh, rows))
            step(f"ingest, round {number}: driver")
            ready = [
                [row_of(world.writer, one) for one in each] for each in batches(f"driver-{number}", rows)
            ]
            took, used = await _stored(world, postgres, ready)
            wall[POSTGRESQL].append(took / rows)
            both[POSTGRESQL].append(used / rows)
            await empty(gateway.store.of(world.writer), world.writer)
    finally:
        await gateway.store.close()
    made = [
        Row("ingest in batches of 1,000: server CPU a message", "µs", _medians(cpu)),
        Row("ingest in batches of 1,000: all CPU a message, PostgreSQL's included", "µs", _medians(both)),
        Row("ingest in batches of 1,000: time a message", "µs", _medians(wall)),
        Row(
            "rollup refresh: CPU a new message, all tiers, PostgreSQL's included",
            "µs",
            {OURS: _micros(counted)},
        ),
    ]
    for row in made[1:3]:
        row.notes[POSTGRESQL] = f"COPY + ON CONFLICT, one connection; {_share(row, POSTGRESQL)}"
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


def requests(world: World, name: str, made: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    """Batches as requests to whoever takes them."""
    path = "/v1/events" if name == OURS else f"/events?organization={world.writer}"
    key = KEYS[WRITER] if name == OURS else ""
    bodies = [b"\n".join(map(orjson.dumps, batch)) for batch in made]
    return iter([request(path, body, key, NDJSON) for body in bodies])


async def sent(port: int, bodies: Iterator[bytes]) -> None:
    """Every request once, over a few connections."""

    async def go_on() -> None:
        line = await Line.open(port)
        try:
            for each in bodies:
                await line.ask(each)
        finally:
            line.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(go_on())


async def _stored(
    world: World, postgres: Postgres, ready: list[list[tuple[Any, ...]]]
) -> tuple[float, float]:
    """Seconds, and seconds of processor time, of the driver for rows that are ready."""
    db = await asyncpg.connect(plain(world.url))

    async def all_of_them() -> None:
        for rows in ready:
            await store(db, rows)

    try:
        before = cpu_s() + (postgres.cpu_s() or 0)
        took = await timed(all_of_them())
        return took, cpu_s() + (postgres.cpu_s() or 0) - before
    finally:
        await db.close()


async def _refreshed(postgres: Postgres, refresh: Callable[[], Awaitable[int]], rows: int) -> float:
    """Seconds of processor time for each message, ours and PostgreSQL's."""
    before = cpu_s() + (postgres.cpu_s() or 0)
    if not await refresh():
        raise RuntimeError("there was nothing to count")
    return (cpu_s() + (postgres.cpu_s() or 0) - before) / rows


async def timed(job: Awaitable[None]) -> float:
    """Seconds that a job takes."""
    start = perf_counter()
    await job
    return perf_counter() - start


def _share(row: Row, name: str) -> str:
    return f"the gateway reaches {row.values[name] / row.values[OURS]:.2f} of it"


def _medians(found: Mapping[str, list[float]]) -> dict[str, float]:
    return {name: _micros(each) for name, each in found.items()}


def _micros(found: list[float]) -> float:
    return MICRO * statistics.median(found)
