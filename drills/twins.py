"""The same records, told several times at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import orjson

from benchmarks.load import request
from drills.client import Client, Reply
from drills.load import TELL
from drills.processes import Process
from drills.scene import Cast, Scene

TAKEN = {"status": 200, "refused_count": 0, "refused": []}


async def told(scene: Scene) -> None:
    """Batches that nobody has told before, each five times at once, to two servers: all five are answered
    alike, but that it has changed something is told to one of them."""
    other = Process(Cast().serve, scene.server.environment, scene.folder / "other.log")
    other.start()
    try:
        await other.answers()
        await _tell(scene, [Client((scene.server, other)[number % 2].port) for number in range(5)])
    finally:
        await other.stopped()


async def _tell(scene: Scene, clients: list[Client]) -> None:
    alike = 0
    with scene.fault():
        for _ in range(30):
            batch = scene.load.ledger.batch(datetime.now(UTC))
            telling = request("/v1/events", batch.body, scene.key, "application/x-ndjson")
            replies = await asyncio.gather(*(client.ask(TELL, telling) for client in clients))
            scene.replies.extend(replies)
            answers = [_said(reply) for reply in replies]
            changed = [one.pop("changed", 0) for one in answers]
            if answers != [{**TAKEN, "accepted": len(batch.records)}] * 5:
                scene.wrong.append(f"twins were answered {answers}")
                scene.load.ledger.doubt(batch)
                break
            scene.load.ledger.acknowledge(batch)
            alike += 1
            if sum(map(bool, changed)) > 1:  # none where the ledger gave a batch again
                scene.wrong.append(f"of twins {changed} rows were changed")
    scene.told["twins"] = f"{alike} of 30 answered alike"
    for client in clients:
        client.close()


def _said(reply: Reply) -> dict[str, Any]:
    """What an answer says, but for its id."""
    said = orjson.loads(reply.body or b"{}")
    said.pop("request_id", None)
    return {"status": reply.status, **said}
