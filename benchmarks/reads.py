"""Questions asked in turn: the server's processor time for each answer, median of the rounds."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.floor import floor
from benchmarks.load import asked, closed_loop
from benchmarks.postgres import Postgres
from benchmarks.questions import Ask, Question, Shim
from benchmarks.results import POSTGRESQL, Row, Sample, median
from benchmarks.servers import Server
from benchmarks.usage import cpu_s
from benchmarks.world import World

WARM_UP_S = 0.3
Step = Callable[[str], None]  # told what comes next


@dataclass(frozen=True)
class Reads:
    """What is needed to ask."""

    world: World
    postgres: Postgres
    servers: Mapping[str, Server]
    rounds: int
    seconds: float

    def asks(self, question: Question | Shim) -> dict[str, Ask]:
        """The question for each who is there."""
        return {
            column: ask for column, ask in question.asks(self.world).items() if ask.server in self.servers
        }

    async def check(self, question: Question | Shim) -> None:
        """Raises RuntimeError unless everybody gives the same answer."""
        first: tuple[str, object] | None = None
        for column, ask in self.asks(question).items():
            told = question.read(column, await asked(self.servers[ask.server].port, ask.request))
            if first is None:
                first = column, told
            elif (where := difference(first[1], told)) is not None:
                raise RuntimeError(f"{question.name}: {column} and {first[0]} differ at {where}")

    async def row(self, question: Question | Shim, step: Step) -> Row:
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
        values = {column: each.server_ms for column, each in medians.items()}
        if POSTGRESQL in medians:
            values[POSTGRESQL] = medians[POSTGRESQL].postgres_ms or 0
        return Row(question.about, "ms", values, medians)

    async def _sample(self, ask: Ask, connections: int) -> Sample:
        server = self.servers[ask.server]
        await closed_loop(server.port, ask.request, connections, WARM_UP_S)
        before, database = cpu_s(server.pid), self.postgres.cpu_s()
        done = await closed_loop(server.port, ask.request, connections, self.seconds)
        used, count = cpu_s(server.pid) - before, len(done.took)
        after = self.postgres.cpu_s()
        return Sample(
            1000 * used / count,
            None if database is None or after is None else 1000 * (after - database) / count,
            done.rate,
            done.percentile(0.5),
            done.percentile(0.99),
        )

    async def _floor(self, question: Question | Shim, step: Step) -> Sample | None:
        if self.postgres.programs is None:
            return None
        step(f"{question.name}: pgbench")
        sql = question.sql(self.world)
        return await asyncio.to_thread(
            floor, self.postgres, self.world.url, sql, question.connections, self.seconds
        )

    async def mixed(self, heavy: Question, light: Question, step: Step) -> Row:
        """The 99th percentile of one question while two connections ask another."""
        row = Row(f"99th percentile of {light.name} while two ask {heavy.name}", "ms p99")
        for column, ask in self.asks(light).items():
            rounds = []
            for number in range(1, self.rounds + 1):
                step(f"mixed, round {number}: {column}")
                rounds.append(await self._mixed(self.asks(heavy)[column], ask))
            row.values[column] = median(rounds).p99_ms or 0
        return row

    async def _mixed(self, heavy: Ask, light: Ask) -> Sample:
        port, ended = self.servers[light.server].port, asyncio.Event()
        beside = asyncio.create_task(closed_loop(port, heavy.request, 2, math.inf, ended))
        try:
            done = await closed_loop(port, light.request, 8, 2 * self.seconds)
        finally:
            ended.set()
            await beside
        return Sample(0, p99_ms=done.percentile(0.99))


def difference(one: object, other: object, path: str = "") -> str | None:
    """Where two answers differ first, and how; None when they do not."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        places = ((f"{path}.{key}", one[key], other[key]) for key in one)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        places = ((f"{path}[{at}]", *pair) for at, pair in enumerate(zip(one, other, strict=True)))
    else:
        return None if one == other else f"{path or 'the top'}: {str(one)[:80]} and {str(other)[:80]}"
    return next((found for place, a, b in places if (found := difference(a, b, place)) is not None), None)
