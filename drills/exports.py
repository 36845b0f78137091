"""Exports whose workers die: each must be whole in the end, the same as one that nobody disturbed."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson

from benchmarks.load import request
from drills.client import Client
from drills.load import graphql
from drills.scene import Scene, enrolled

ROWS, EACH, EXPORTS, DEATHS = 24_000, 2_000, 4, 2
DONE_WITHIN_S = 60.0
CREATE = "mutation { createExport(input: {source: {messages: {}}, format: NDJSON}) { id } }"
LOOK = "{ exports(first: 50) { edges { node { status sha256 } } } }"


@dataclass
class Exports:
    """An organization with something to export, and who asks for it."""

    scene: Scene
    key: str

    async def ask(self, query: str) -> dict[str, Any]:
        """What GraphQL says."""
        client = Client(self.scene.server.port)
        try:
            reply = await client.ask("exports", graphql(self.key, query))
            return orjson.loads(reply.body)["data"]
        finally:
            client.close()

    async def look(self) -> list[dict[str, str]]:
        """Every export and how far it is."""
        return [edge["node"] for edge in (await self.ask(LOOK))["exports"]["edges"]]

    async def until(self, state: str, count: int = 1) -> None:
        """Wait until so many are in that state. Raises TimeoutError."""
        async with asyncio.timeout(DONE_WITHIN_S):
            while sum(one["status"] == state for one in await self.look()) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.03)


async def exports(scene: Scene, how: signal.Signals) -> None:
    """Ask for some, and end the worker in the middle of two of them."""
    assert scene.worker is not None
    _, key = await enrolled(scene.store, f"{scene.organization.slug}-exports")
    await _fill(scene, key)
    mine = Exports(scene, key)
    await mine.ask(CREATE)
    await mine.until("COMPLETED")
    with scene.fault():
        for _ in range(EXPORTS):
            await mine.ask(CREATE)
        for _ in range(DEATHS):
            await mine.until("PROCESSING")
            scene.worker.send(how)
            await scene.worker.ended()
            scene.worker.start()
        await mine.until("COMPLETED", 1 + EXPORTS)
    made = await mine.look()
    scene.told["exports"] = f"{len(made) - 1} whole although their worker died {DEATHS} times"
    if len({one["sha256"] for one in made}) != 1:
        scene.wrong.append("an export differs from one that nobody disturbed")
    files = [path for path in (scene.folder / "exports").rglob("*") if path.is_file()]
    if len(files) != len(made):
        scene.wrong.append(f"{len(files)} files are left of {len(made)} exports")


async def _fill(scene: Scene, key: str) -> None:
    client, random, now = Client(scene.server.port), Random(0), datetime.now(UTC)
    for start in range(0, ROWS, EACH):
        records = (
            {"type": "message", "id": f"m{number}", "created_at": _text(now, random), "body": "x" * 200}
            for number in range(start, start + EACH)
        )
        body = b"\n".join(map(orjson.dumps, records))
        await client.ask("fill", request("/v1/events", body, key, "application/x-ndjson"))
    client.close()


def _text(now: datetime, random: Random) -> str:
    return (now - random.random() * timedelta(days=1)).isoformat()
