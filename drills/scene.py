"""What a drill is played on: processes that run, a load that goes on, and eyes that look each second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import monotonic

from drills import truth
from drills.cable import Cable
from drills.client import Reply
from drills.cluster import Cluster
from drills.ledger import Ledger
from drills.line import Line
from drills.load import WORK, Load
from drills.processes import STARTS_WITHIN_S, Process
from gateway.unit import Connection, run
from models import Organization
from models.engine import Store
from models.records import OrganizationRecord
from resolvers.caller import SCOPES
from resolvers.keys import instance_secret, random_key, store_key
from resolvers.organizations import enroll

LOOKS_EVERY_S = 1.0
RECOVERS_WITHIN_S = 90.0  # longer than any drill allows
LEAST_LOOKS = 3  # that must come off once the fault is over


@dataclass
class Looks:
    """How often the rollups were to be held against the raw rows, and how often they could be."""

    tried: int = 0
    taken: int = 0

    @property
    def are_enough(self) -> bool:
        """Whether they show that nothing was wrong meanwhile."""
        return self.taken >= max(LEAST_LOOKS, self.tried / 2)


@dataclass
class Scene:
    """Where a drill happens. `began` and `over` are when the fault did and when it was gone."""

    store: Store
    organization: Organization
    key: str
    folder: Path
    server: Process
    worker: Process | None
    load: Load
    cluster: Cluster | None = None
    way: Line | Cable | None = None  # to PostgreSQL
    began: float = 0.0
    over: float = 0.0
    waited_s: float = 0.0  # for a processor, while it started
    counts: bool = False  # something that it was told
    looks: Looks = field(default_factory=Looks)  # since it began
    after: Looks = field(default_factory=Looks)  # since it was over
    above: int = 0
    most_sessions: int = 0
    sessions_before: int = 0
    laziest_s: float = 0.0
    called: set[tuple[str, int]] = field(default_factory=set)  # over the network, by the gateway
    held_before: float = 0.0
    told: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def postgres(self) -> Cluster:
        """The cluster, in a drill that has one."""
        assert self.cluster is not None
        return self.cluster

    @property
    def replies(self) -> list[Reply]:
        """Everything that came of the load."""
        return self.load.replies

    @contextmanager
    def fault(self) -> Generator[None]:
        """What is done within is the fault; when the block ends, all that was wrong is right again."""
        self.began, self.looks = monotonic(), Looks()
        yield
        self.over, self.after = monotonic(), Looks()

    async def worker_rests(self) -> None:
        """End the worker, and let what is under way be answered."""
        assert self.worker is not None
        await self.worker.stopped()

    def worker_works(self) -> None:
        """Start the worker again."""
        assert self.worker is not None
        self.worker.start()

    def recovered_s(self) -> float | None:
        """Seconds from the end of the fault until every kind of work was done well again."""
        firsts = [
            min(
                (r.at + r.seconds for r in self.replies if r.about == about and self._is_well(r)),
                default=None,
            )
            for about in WORK
        ]
        return None if None in firsts else max(0.0, max(first for first in firsts if first) - self.over)

    def _is_well(self, reply: Reply) -> bool:
        return reply.status == 200 and b'"errors"' not in reply.body and reply.at >= self.over

    async def look(self) -> None:
        """Hold rollups against raw rows, and count sessions, again and again."""
        while True:
            with suppress(Exception):  # it is a store that is being tormented: the next look tells
                async with asyncio.timeout(LOOKS_EVERY_S * 3):
                    await self.look_once()
            await asyncio.sleep(LOOKS_EVERY_S)

    async def look_once(self) -> None:
        """Hold rollups against raw rows, and count sessions. Raises whatever keeps us from it."""
        counted = self.looks, self.after
        for looks in counted:
            looks.tried += 1
        for process in (self.server, self.worker):
            if process is not None:
                self.called |= process.calls()
        if self.cluster is not None:
            number, lazy = await self.cluster.sessions()
            self.most_sessions, self.laziest_s = max(self.most_sessions, number), max(self.laziest_s, lazy)
        rolled, raw = await truth.counted(self.store, self.organization.id)
        self.above = max(self.above, (rolled - raw).total())
        self.counts = self.counts or rolled.total() > 0
        for looks in counted:
            looks.taken += 1

    async def until_recovered(self) -> None:
        """Until everything is done well again, or it takes too long."""
        await until(lambda: self.recovered_s() is not None, RECOVERS_WITHIN_S)

    async def until_looked(self) -> None:
        """Until it was looked at often enough while the load went on again, or it takes too long."""
        await until(lambda: self.after.are_enough, RECOVERS_WITHIN_S)

    async def until_counted(self, within_s: float = STARTS_WITHIN_S) -> bool:
        """Tell nothing new, and wait until all that was told is acknowledged and counted; whether it is."""
        self.load.settle()
        if not await until(lambda: self.load.ledger.is_settled, within_s):
            return False
        self.load.stop()
        begun = monotonic()
        while monotonic() - begun < within_s:
            with suppress(Exception):
                if not await truth.waits(self.store, self.organization.id):
                    return True
            await asyncio.sleep(0.1)
        return False


async def until(holds: object, within_s: float) -> bool:
    """Wait until it holds; whether it ever did."""
    assert callable(holds)
    begun = monotonic()
    while not holds():
        if monotonic() - begun > within_s:
            return False
        await asyncio.sleep(0.05)
    return True


async def enrolled(store: Store, slug: str) -> tuple[Organization, str]:
    """An organization of this drill's own, and a key that may do everything."""
    now, key = datetime.now(UTC), random_key()
    record = OrganizationRecord(type="organization", id=slug, name=slug, plan="unlimited")

    async def job(db: Connection) -> Organization:
        made = (await enroll(db, record, now)).organization
        await store_key(db, await instance_secret(db), made, key, tuple(SCOPES), "drills", now)
        return made

    return await run(store, job, snapshot=True), key


@dataclass(frozen=True)
class Cast:
    """Which processes play: with what settings, and how they are started."""

    settings: dict[str, str] = field(default_factory=dict)
    serve: tuple[str, ...] = ("-m", "gateway.cli", "serve")
    work: tuple[str, ...] | None = ("-m", "gateway.cli", "worker")


@asynccontextmanager
async def played(
    name: str, url: str, folder: Path, cast: Cast, cluster: Cluster | None, warm_s: float
) -> AsyncGenerator[Scene]:
    """A scene under load, warm; everything that runs is ended with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    watching = Store(cluster.watching_url if cluster else url).of_everyone("drills count everything")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(watching.close)
        organization, key = await enrolled(watching, f"{name.replace('_', '-')}-{random_key()[-6:].lower()}")
        settings = _settings(url, folder, cast)
        server = Process(cast.serve, settings, folder / "server.log")
        worker = Process(cast.work, settings, folder / "worker.log") if cast.work else None
        for process in (server, worker):
            if process is not None:
                stack.push_async_callback(process.stopped)
                process.start()
        await server.answers()
        load = Load(server.port, key, Ledger(Random(name)))
        scene = Scene(watching, organization, key, folder, server, worker, load, cluster)
        async with asyncio.TaskGroup() as group:
            running, looking = group.create_task(load.run()), group.create_task(scene.look())
            try:
                await asyncio.sleep(warm_s)
                await until(lambda: scene.counts, STARTS_WITHIN_S)
                scene.held_before, scene.sessions_before = server.held_mib, scene.most_sessions
                yield scene
            finally:
                load.stop()
                looking.cancel()
                await running
                if scene.worker is not None:
                    await scene.worker.stopped()


def _settings(url: str, folder: Path, cast: Cast) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "EXPORT_FOLDER": str(folder / "exports"),
        "EMBEDDED_WORKER": "false" if cast.work else "true",
        "RATE_LIMITS": "false",
        "REFRESH_SECONDS": "0.5",
        **cast.settings,
    }
