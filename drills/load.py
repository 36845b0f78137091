"""The load that goes on whatever happens: who tells, who asks GraphQL, who asks REST, who asks how it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson

from benchmarks.load import request
from drills.client import LOST, Client, Reply
from drills.ledger import Ledger

TELL, ASK, REST, HEALTH, READY = "tell", "ask", "rest", "health", "ready"
WORK = (TELL, ASK, REST)
PACE_S = {TELL: 0.1, ASK: 0.1, REST: 0.2, HEALTH: 0.25, READY: 0.25}
NOBODY_LISTENS_S = 0.5  # before trying again
CONNECTIONS = {TELL: 3, ASK: 2, REST: 1, HEALTH: 1, READY: 1}
QUESTION = """query ($start: DateTime!, $end: DateTime!) {
  messageBuckets(metric: SENT, window: {between: {start: $start, end: $end}}, granularity: HOUR) {
    asOf total buckets { start state value }
  }
}"""


@dataclass
class Load:
    """Everybody who sends requests; `replies` is what came of them."""

    port: int
    key: str
    ledger: Ledger
    replies: list[Reply] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _settle: asyncio.Event = field(default_factory=asyncio.Event)
    _pauses: bool = False

    async def run(self) -> None:
        """Go on until told to stop."""
        ask = {TELL: self._tell, ASK: self._ask, REST: self._rest, HEALTH: self._health, READY: self._ready}
        async with asyncio.TaskGroup() as group:
            for about, number in CONNECTIONS.items():
                for _ in range(number):
                    group.create_task(self._again(about, ask[about]))

    def settle(self) -> None:
        """Tell nothing new any more, only what nobody has acknowledged yet."""
        self._settle.set()

    @contextmanager
    def resting(self) -> Generator[None]:
        """Nobody sends anything meanwhile."""
        self._pauses = True
        try:
            yield
        finally:
            self._pauses = False

    def stop(self) -> None:
        """Let `run` end."""
        self._stop.set()

    async def _again(self, about: str, ask: Callable[[Client], Awaitable[Reply | None]]) -> None:
        client = Client(self.port)
        try:
            while not self._stop.is_set():
                if not self._pauses and (reply := await ask(client)) is not None:
                    self.replies.append(reply)
                    if reply.status == LOST:
                        await asyncio.sleep(NOBODY_LISTENS_S)
                await asyncio.sleep(PACE_S[about])
        finally:
            client.close()

    async def _tell(self, client: Client) -> Reply | None:
        if self._settle.is_set() and not self.ledger.has_waiting:
            return None
        batch = self.ledger.batch(datetime.now(UTC))
        reply = await client.ask(TELL, request("/v1/events", batch.body, self.key, "application/x-ndjson"))
        if reply.status == 200 and orjson.loads(reply.body)["accepted"] == len(batch.records):
            self.ledger.acknowledge(batch)
        else:
            self.ledger.doubt(batch)
        return reply

    async def _ask(self, client: Client) -> Reply:
        now = datetime.now(UTC)
        variables = {"start": (now - timedelta(days=3)).isoformat(), "end": now.isoformat()}
        return await client.ask(ASK, graphql(self.key, QUESTION, variables))

    async def _rest(self, client: Client) -> Reply:
        return await client.ask(
            REST, request("/v1/metrics/messages?metric=sent&granularity=day", key=self.key)
        )

    async def _health(self, client: Client) -> Reply:
        return await client.ask(HEALTH, request("/healthz"))

    async def _ready(self, client: Client) -> Reply:
        return await client.ask(READY, request("/readyz"))


def graphql(key: str, query: str, variables: dict[str, object] | None = None) -> bytes:
    """A question as it is posted."""
    return request("/graphql", orjson.dumps({"query": query, "variables": variables}), key)
