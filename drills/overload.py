"""Twice as many ask as may at once: the surplus is told so quickly, and the others are not starved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from drills.client import Client, Reply
from drills.load import ASK, QUESTION, graphql
from drills.scene import Cast, Scene, enrolled

AT_ONCE = 40  # questions of a process; of one organization half as many
SHARE = AT_ONCE // 2
LASTS_S, DAYS, AGAIN_S = 4.0, timedelta(days=3), 0.1
TOLD_WITHIN_S = 2.0  # 0.25 s is the aim; the machine is full to the brim, and so is whoever measures
CAST = Cast({"QUESTIONS_AT_ONCE": str(AT_ONCE)})


@dataclass
class Crowd:
    """Who asks one thing after the other, each a question that no kept answer can serve."""

    port: int
    key: str
    replies: list[Reply]

    async def ask(self, number: int, seconds: float) -> None:
        """So many at a time, for so long."""
        await asyncio.gather(*(self._one(place, monotonic() + seconds) for place in range(number)))

    async def _one(self, place: int, until: float) -> None:
        client = Client(self.port)
        while monotonic() < until:
            end = datetime.now(UTC) - timedelta(microseconds=place)
            window: dict[str, object] = {"start": (end - DAYS).isoformat(), "end": end.isoformat()}
            reply = await client.ask(ASK, graphql(self.key, QUESTION, window))
            self.replies.append(reply)
            if reply.status != 200:
                await asyncio.sleep(AGAIN_S)  # sooner than Retry-After says
        client.close()

    def took(self, status: int, share: float) -> float:
        """Within how many seconds this share of the answers of that status came."""
        ranked = sorted(reply.seconds for reply in self.replies if reply.status == status)
        return ranked[min(int(share * len(ranked)), len(ranked) - 1)] if ranked else 0.0

    def count(self, status: int) -> int:
        """How many answers had that status."""
        return sum(reply.status == status for reply in self.replies)


async def overload(scene: Scene) -> None:
    """Another organization asks as much as it may, then twice as much; nobody else is refused anything."""
    _, key = await enrolled(scene.store, f"{scene.organization.slug}-crowd")
    full, twice = (Crowd(scene.server.port, key, []) for _ in range(2))
    with scene.fault():
        await full.ask(SHARE, LASTS_S)
        await twice.ask(2 * SHARE, LASTS_S)
    refused, slowest = twice.count(503), twice.took(503, 1.0)
    scene.told["crowd"] = (
        f"{SHARE} at once: {_answered(full)}; {2 * SHARE}: {_answered(twice)}, {refused} refused, "
        f"slowest {slowest:.2f} s"
    )
    _hold(scene, full, twice, slowest)


def _answered(crowd: Crowd) -> str:
    return f"{crowd.count(200)} answered, p99 {crowd.took(200, 0.99):.2f} s"


def _hold(scene: Scene, full: Crowd, twice: Crowd, slowest: float) -> None:
    every = [*full.replies, *twice.replies]
    if odd := {reply.status for reply in every} - {200, 503}:
        scene.wrong.append(f"some were answered {sorted(odd)}")
    if full.count(503):
        scene.wrong.append(f"{full.count(503)} were refused although there was room")
    if not twice.count(503):
        scene.wrong.append("nobody was refused")
    if any(reply.status == 503 and not reply.says_when_again for reply in every):
        scene.wrong.append("who was refused was not told when to ask again")
    if slowest > TOLD_WITHIN_S:
        scene.wrong.append(f"a refusal took {slowest:.1f} s")
    if twice.count(200) < full.count(200) / 2:
        scene.wrong.append(f"{twice.count(200)} answers, {full.count(200)} before")
    if twice.took(200, 0.99) > max(1.0, 3 * full.took(200, 0.99)):
        scene.wrong.append(f"who was answered waited for {twice.took(200, 0.99):.1f} s")
