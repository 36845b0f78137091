"""Exports whose workers die: each must be whole in the end, the same as one that nobody disturbed."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import orjson
import sqlalchemy as sa

from benchmarks.load import request
from drills.client import Client
from drills.load import graphql
from drills.scene import Scene, enrolled
from models import Export, Organization
from models.exports import COMPLETED, PROCESSING

ROWS, EACH, EXPORTS, DEATHS = 12_000, 2_000, 3, 2
DONE_WITHIN_S, LOOKS_EVERY_S = 60.0, 0.02
CREATE = "mutation { createExport(input: {source: {messages: {}}, format: NDJSON}) { id } }"


@dataclass
class Exports:
    """An organization with something to export."""

    scene: Scene
    organization: Organization
    key: str

    async def ask(self) -> None:
        """Ask for another one."""
        client = Client(self.scene.server.port)
        await client.ask("exports", graphql(self.key, CREATE))
        client.close()

    async def look(self) -> list[tuple[str, str]]:
        """The state and the hash of each."""
        theirs = Export.organization_id == self.organization.id
        async with self.scene.store.reading() as db:
            return [
                (*row,) for row in await db.execute(sa.select(Export.status, Export.sha256).where(theirs))
            ]

    async def until(self, state: str, count: int = 1) -> None:
        """Wait until so many are in that state. Raises TimeoutError."""
        async with asyncio.timeout(DONE_WITHIN_S):
            while [one for one, _ in await self.look()].count(state) < count:  # noqa: ASYNC110
                await asyncio.sleep(LOOKS_EVERY_S)


async def exports(scene: Scene, how: signal.Signals) -> None:
    """Ask for some, and end the worker in the middle of two of them."""
    assert scene.worker is not None
    mine = Exports(scene, *await enrolled(scene.store, f"{scene.organization.slug}-exports"))
    await fill(scene, mine.key, ROWS, body="x" * 200)
    await mine.ask()
    await mine.until(COMPLETED)
    with scene.fault():
        for _ in range(EXPORTS):
            await mine.ask()
        for _ in range(DEATHS):
            await mine.until(PROCESSING)
            scene.worker.send(how)
            await scene.worker.ended()
            scene.worker.start()
        await mine.until(COMPLETED, 1 + EXPORTS)
    made = await mine.look()
    scene.told["exports"] = f"{len(made) - 1} whole although their worker died {DEATHS} times"
    if len({sha256 for _, sha256 in made}) != 1:
        scene.wrong.append("an export differs from one that nobody disturbed")
    files = [path for path in (scene.folder / "exports").rglob("*") if path.is_file()]
    if len(files) != len(made):
        scene.wrong.append(f"{len(files)} files are left of {len(made)} exports")


async def fill(scene: Scene, key: str, rows: int, **told: str) -> None:
    """So many messages to be exported, of each the same told."""
    client, random, now = Client(scene.server.port), Random(0), datetime.now(UTC)
    for start in range(0, rows, EACH):
        records = (
            {"type": "message", "id": f"m{number}", "created_at": _text(now, random), **told}
            for number in range(start, start + EACH)
        )
        body = b"\n".join(map(orjson.dumps, records))
        await client.ask("fill", request("/v1/events", body, key, "application/x-ndjson"))
    client.close()


def _text(now: datetime, random: Random) -> str:
    # old enough that every watermark has passed it: exports of one hour are the same as of the next
    return (now - timedelta(hours=1) - random.random() * timedelta(days=1)).isoformat()
