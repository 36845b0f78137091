"""Questions asked in turn: the server's processor time for each answer, median of the rounds."""

from __future__ import annotations

import asyncio
import math
import statistics
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from benchmarks.floor import floor
from benchmarks.heard import heard
from benchmarks.load import TAG, asked, closed_loop, told, unless
from benchmarks.postgres import Postgres
from benchmarks.questions import Again, Ask, Question, Shim
from benchmarks.results import POSTGRESQL, Row, Sample, median
from benchmarks.servers import BARE, ON_SQLITE, OURS, Server
from benchmarks.table import figures
from benchmarks.usage import cpu_s
from benchmarks.world import World

WARM_UP_S = 0.3
P99 = "ms at the 99th percentile"
Asked = Question | Shim | Again
Step = Callable[[str], None]  # told what comes next


@dataclass(frozen=True)
class Reads:
    """What is needed to ask."""

    world: World
    postgres: Postgres
    servers: Mapping[str, Server]
    rounds: int
    seconds: float

    def asks(self, question: Asked) -> dict[str, Ask]:
        """The question for each who is there."""
        return {
            column: ask for column, ask in question.asks(self.world).items() if ask.server in self.servers
        }

    async def check(self, question: Asked) -> None:
        """Raises RuntimeError unless everybody gives the same answer."""
        first: tuple[str, object] | None = None
        for column, ask in [*self.asks(question).items()] * 2:  # an answer that was kept must be right too
            found = question.read(column, await asked(self.servers[ask.server].port, ask.request))
            if first is None:
                first = column, found
            elif (where := difference(first[1], found)) is not None:
                raise RuntimeError(f"{question.name}: {column} and {first[0]} differ at {where}")

    async def row(self, question: Asked, step: Step) -> Row:
        """Everybody in turn, round after round, so that a slow moment of the machine hits all."""
        await self.check(question)
        samples: dict[str, list[Sample]] = defaultdict(list)
        sql = question.sql(self.world)
        for number in range(1, self.rounds + 1):
            for column, ask in self.asks(question).items():
                step(f"{question.name}, round {number}: {column}")
                samples[column].append(await self._sample(ask, question.connections))
            if sql and (found := await self._floor(question, step)) is not None:
                samples[POSTGRESQL].append(found)
        medians = {column: median(each) for column, each in samples.items()}
        for column, ask in self.asks(question).items():
            step(f"{question.name}, SQL statements: {column}")
            medians[column] = replace(medians[column], statements=await self._statements(ask))
        values = {column: each.server_ms for column, each in medians.items()}
        if POSTGRESQL in medians:
            values[POSTGRESQL] = medians[POSTGRESQL].postgres_ms or 0
        return Row(question.about, "ms", values, medians)

    async def _sample(self, ask: Ask, connections: int) -> Sample:
        server, request = self.servers[ask.server], await self._request(ask)
        await closed_loop(server.port, request, connections, WARM_UP_S)
        before, database = cpu_s(server.pid), self._postgres_s(ask)
        done = await closed_loop(server.port, request, connections, self.seconds)
        used, count = cpu_s(server.pid) - before, len(done.took)
        after = self._postgres_s(ask)
        return Sample(
            1000 * used / count,
            None if database is None or after is None else 1000 * (after - database) / count,
            done.rate,
            done.percentile(0.5),
            done.percentile(0.99),
        )

    async def _request(self, ask: Ask) -> bytes:
        """What goes over the wire, with the ETag that the server gives."""
        if not ask.tagged:
            return ask.request
        tag = TAG.search((await told(self.servers[ask.server].port, ask.request))[0])
        return ask.request if tag is None else unless(ask.request, tag[1])

    def _postgres_s(self, ask: Ask) -> float | None:
        return None if ask.server == ON_SQLITE else self.postgres.cpu_s()

    async def _statements(self, ask: Ask) -> float | None:
        if ask.server == ON_SQLITE:
            return None
        return await heard(self.postgres, self.servers[ask.server].port, await self._request(ask))

    async def _floor(self, question: Asked, step: Step) -> Sample | None:
        if self.postgres.programs is None:
            return None
        step(f"{question.name}: pgbench")
        sql = question.sql(self.world)
        return await asyncio.to_thread(
            floor, self.postgres, self.world.url, sql, question.connections, self.seconds
        )

    async def mixed(self, heavy: Question, light: Question, step: Step) -> Row:
        """The 99th percentile of one question while two connections ask another."""
        row = Row(f"99th percentile of {light.name} while two ask {heavy.name}", "ms")
        for column, ask in self.asks(light).items():
            port, alone, beside = self.servers[ask.server].port, [], []
            for number in range(1, self.rounds + 1):
                step(f"mixed, round {number}: {column}")
                alone.append(await self._p99_ms(port, ask))
                async with _asking(port, self.asks(heavy)[column]):
                    beside.append(await self._p99_ms(port, ask))
            row.values[column] = p99_ms = statistics.median(beside)
            times = f"{figures(p99_ms / statistics.median(alone))}× of it alone"
            row.notes[column] = times if column == BARE else f"{figures(p99_ms)} ms, {times}"
        row.more[P99] = row.values[OURS]
        return row

    async def _p99_ms(self, port: int, ask: Ask) -> float:
        return (await closed_loop(port, ask.request, 8, 2 * self.seconds)).percentile(0.99)


@asynccontextmanager
async def _asking(port: int, ask: Ask) -> AsyncGenerator[None]:
    """Two connections ask it again and again until the block ends."""
    ended = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(closed_loop(port, ask.request, 2, math.inf, ended))
        try:
            yield
        finally:
            ended.set()


def difference(one: object, other: object, path: str = "") -> str | None:
    """Where two answers differ first, and how; None when they do not."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        places = ((f"{path}.{key}", one[key], other[key]) for key in one)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        places = ((f"{path}[{at}]", *pair) for at, pair in enumerate(zip(one, other, strict=True)))
    else:
        return None if one == other else f"{path or 'the top'}: {str(one)[:80]} and {str(other)[:80]}"
    return next((found for place, a, b in places if (found := difference(a, b, place)) is not None), None)
