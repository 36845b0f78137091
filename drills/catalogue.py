"""Every drill: what is done to a gateway at work, on which store, and what that excuses."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from benchmarks.usage import cpu_s, queued_s
from drills import lines, overload, sqlite, twins
from drills.cable import Cable, cable
from drills.client import Client, Reply
from drills.cluster import ROLE
from drills.exports import exports
from drills.idlers import idlers
from drills.line import Line, line
from drills.load import ASK, QUESTION, graphql
from drills.processes import Process
from drills.readers import slow_readers
from drills.scene import Cast, Scene
from drills.truth import NUMBERS
from drills.verdict import Allowed
from gateway.unit import run
from models.records import MessageRecord
from resolvers.intake.absorb import absorb

POSTGRES, SQLITE = "PostgreSQL", "SQLite"
AWAY = Allowed(unready=True)
SKEWED = ("-m", "drills.skewed")
# a transaction under way lasts as long as nothing comes through: PostgreSQL cannot know that nobody hears it
DEAD = Allowed(unready=True, laziest_s=lines.DEAD_S + 1)
NOTHING = Allowed(away=False)
GONE = Allowed(away=False, gone=True)
UNNOTICED = Allowed(away=False, slowest_s=1.0)


ALONE = Cast(work=None)
LEASED = Cast({"EXPORT_LEASE_SECONDS": "2"})


@dataclass(frozen=True)
class Drill:
    """A fault; `needs_ours` when it is done to a PostgreSQL that we must have started; `way` is what leads
    there, when it is done to that."""

    name: str
    about: str
    act: Callable[[Scene], Awaitable[None]]
    allowed: Allowed = AWAY
    cast: Cast = field(default_factory=Cast)
    store: str = POSTGRES
    needs_ours: bool = False
    way: Callable[[str], AbstractAsyncContextManager[Line | Cable]] | None = None


async def kill_server(scene: Scene) -> None:
    with scene.fault():
        await scene.server.killed()
        scene.server.start()
    await _listens(scene)


async def _listens(scene: Scene) -> None:
    """Wait until the server listens again; the time in which others had the processor is not its own."""
    await scene.server.answers()
    took, pid = monotonic() - scene.over, scene.server.pid
    scene.waited_s = min(took, queued_s(pid))
    shares = f"{cpu_s(pid):.1f} s of which it worked, {scene.waited_s:.1f} s waited for a processor"
    scene.told["start"] = f"listens {took:.1f} s after its start, {shares}"


async def kill_worker(scene: Scene) -> None:
    assert scene.worker is not None
    with scene.fault():
        for pause_s in (0.1, 0.7, 1.3):  # in its start, in its first count, between two
            await scene.worker.killed()
            scene.worker.start()
            await asyncio.sleep(pause_s)


async def term_server(scene: Scene) -> None:
    """Eight questions wait for a table when the signal comes; all must be answered."""
    async with scene.postgres.connection("drilled") as db:
        await db.execute(f"BEGIN; LOCK TABLE {NUMBERS} IN ACCESS EXCLUSIVE MODE")
        asks = [asyncio.create_task(_fresh(scene, Client(scene.server.port))) for _ in range(8)]
        await asyncio.sleep(0.5)
        with scene.fault():
            scene.server.send(signal.SIGTERM)
            await asyncio.sleep(1)
            await db.execute("ROLLBACK")
            finished = [reply.status for reply in await asyncio.gather(*asks)]
            code = await scene.server.ended()
            scene.server.start()
        await _listens(scene)
    scene.told["in flight"] = f"{finished.count(200)} of 8 answered, exit {code}"
    if finished != [200] * 8 or code not in (0, -signal.SIGTERM):
        scene.wrong.append(f"in flight: {finished}, exit code {code}")


async def _fresh(scene: Scene, client: Client) -> Reply:
    """A question that no kept answer can serve."""
    try:
        now = datetime.now(UTC)
        window = {"start": (now - timedelta(days=20)).isoformat(), "end": now.isoformat()}
        return await client.ask(ASK, graphql(scene.key, QUESTION, window))
    finally:
        client.close()


async def stop_pg(scene: Scene) -> None:
    with scene.fault():
        await scene.postgres.stop()
        await asyncio.sleep(5)
        await scene.postgres.start()


async def restart_pg(scene: Scene) -> None:
    with scene.fault():
        await scene.postgres.stop()
        await scene.postgres.start()


async def crash_pg(scene: Scene) -> None:
    with scene.fault():
        await scene.postgres.stop(signal.SIGQUIT)
        await asyncio.sleep(2)
        await scene.postgres.start()


async def kill_backend(scene: Scene) -> None:
    with scene.fault():
        await scene.postgres.kill_one()
        await scene.postgres.let_in()


async def pause_pg(scene: Scene) -> None:
    with scene.fault(), scene.postgres.frozen():
        await asyncio.sleep(8)


async def term_frozen(scene: Scene) -> None:
    """SIGTERM to both while PostgreSQL is frozen: they end all the same, and by themselves."""
    assert scene.worker is not None
    with scene.fault():
        with scene.postgres.frozen():
            await asyncio.sleep(1)
            for process in (scene.server, scene.worker):
                process.send(signal.SIGTERM)
            codes = [await process.ended(25) for process in (scene.server, scene.worker)]
        scene.worker.start()
        scene.server.start()
    await _listens(scene)
    scene.told["ends"] = f"ended with {codes[0]} and {codes[1]}"


async def conn_limit(scene: Scene) -> None:
    with scene.fault():
        await scene.postgres.run(f"ALTER ROLE {ROLE} CONNECTION LIMIT 0")
        await scene.postgres.cut_off()
        await asyncio.sleep(4)
        await scene.postgres.run(f"ALTER ROLE {ROLE} CONNECTION LIMIT -1")


async def pool_exhausted(scene: Scene) -> None:
    """Two connections a pool, and a hundred who ask at once what takes its time."""
    with scene.fault():
        await _crowd(scene, 100)


async def _crowd(scene: Scene, number: int) -> None:
    asks = (_fresh(scene, Client(scene.server.port)) for _ in range(number))
    scene.replies.extend(await asyncio.gather(*asks))


async def lock_table(scene: Scene) -> None:
    async with scene.postgres.connection("drilled") as db:
        with scene.fault():
            await db.execute(f"BEGIN; LOCK TABLE messages, {NUMBERS} IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(7)
            await db.execute("ROLLBACK")


async def late_commit(scene: Scene) -> None:
    """Twenty messages are written at once and become visible six seconds later, behind the watermark."""
    now = datetime.now(UTC)
    records = [MessageRecord(type="message", id=f"late-{n}", created_at=now) for n in range(20)]

    async def slowly(db: Any) -> None:
        await absorb(db, scene.organization, records)
        await asyncio.sleep(6)

    with scene.fault():
        await run(scene.store, slowly)
    scene.load.ledger.acknowledged += [record.model_dump(include={"type", "id"}) for record in records]


async def disconnect(scene: Scene) -> None:
    """150 hang up while their question waits for the store; a second later nothing is asked for them."""
    async with scene.postgres.connection("drilled") as db:
        with scene.fault(), scene.load.resting():
            await scene.worker_rests()
            await db.execute(f"BEGIN; LOCK TABLE {NUMBERS} IN ACCESS EXCLUSIVE MODE")
            asks = [asyncio.create_task(_fresh(scene, Client(scene.server.port))) for _ in range(150)]
            await asyncio.sleep(2)
            before = await scene.postgres.waiting()
            for ask in asks:
                ask.cancel()
            await asyncio.gather(*asks, return_exceptions=True)
            await asyncio.sleep(1)
            after = await scene.postgres.waiting()
            await db.execute("ROLLBACK")
            scene.worker_works()
    scene.told["statements"] = f"{before} ran, {after} a second later"
    if not before or after:
        scene.wrong.append(f"{before} statements ran for 150 clients, {after} after they had gone")


async def kill_export(scene: Scene) -> None:
    """kill -9 in the middle of two exports."""
    await exports(scene, signal.SIGKILL)


async def term_export(scene: Scene) -> None:
    """SIGTERM in the middle of two exports."""
    await exports(scene, signal.SIGTERM)


async def clock_skew(scene: Scene) -> None:
    """The worker's clock was two hours ahead; now it steps back, to one hour behind."""
    assert scene.worker is not None
    with scene.fault():
        await scene.worker.stopped()
        behind = Process((*SKEWED, "-3600", "worker"), scene.worker.environment, scene.worker.log)
        scene.worker = behind
        behind.start()
        await asyncio.sleep(4)
        await behind.stopped()
        scene.worker = Process(Cast().work or (), behind.environment, behind.log)
        scene.worker.start()


DRILLS: tuple[Drill, ...] = (
    Drill("kill_server", "kill -9 of the server, started again at once", kill_server, GONE),
    Drill("term_server", "SIGTERM with 8 questions in flight", term_server, GONE),
    Drill("kill_worker", "kill -9 of the worker, three times", kill_worker, NOTHING),
    Drill("stop_pg", "PostgreSQL stopped for 5 s", stop_pg, needs_ours=True),
    Drill("restart_pg", "PostgreSQL restarted", restart_pg, Allowed(), needs_ours=True),
    Drill("crash_pg", "PostgreSQL stopped as by a crash, away for 2 s", crash_pg, needs_ours=True),
    Drill(
        "kill_backend", "kill -9 of one of PostgreSQL's processes", kill_backend, Allowed(), needs_ours=True
    ),
    Drill("pause_pg", "PostgreSQL frozen (SIGSTOP) for 8 s", pause_pg, needs_ours=True),
    Drill("dead_line", "the line to PostgreSQL dead for 8 s", lines.dead, DEAD, way=line),
    Drill(
        "other_machine",
        "PostgreSQL's machine gone without a word, another in its place",
        lines.other_machine,
        Allowed(),
        needs_ours=True,
        way=cable,
    ),
    Drill(
        "term_frozen",
        "SIGTERM to server and worker while PostgreSQL is frozen",
        term_frozen,
        Allowed(gone=True),
        needs_ours=True,
    ),
    Drill("conn_limit", "no connections for the gateway for 4 s", conn_limit),
    Drill("lock_table", "tables locked by somebody else for 7 s", lock_table, Allowed()),
    Drill("late_commit", "20 rows that become visible 6 s late", late_commit, Allowed()),
    Drill(
        "pool_exhausted",
        "100 ask at once, pools of 2",
        pool_exhausted,
        Allowed(),
        Cast({"POOL_SIZE": "2"}),
    ),
    Drill("overload", "twice as many ask as may at once", overload.overload, NOTHING, overload.CAST),
    Drill("disconnect", "150 clients hang up while they wait", disconnect, Allowed()),
    Drill("duplicates", "30 batches, each sent 5 times at once to 2 servers", twins.told, NOTHING),
    Drill("kill_export", "kill -9 of the worker while it exports", kill_export, NOTHING, LEASED),
    Drill("term_export", "SIGTERM to the worker while it exports", term_export, NOTHING, LEASED),
    Drill("idlers", "800 connect and say nothing, or half a head", idlers, UNNOTICED),
    Drill("slow_readers", "8 clients read a large export slowly", slow_readers, NOTHING),
    Drill(
        "clock_skew",
        "server 3 min slow, worker 2 h ahead, then 1 h behind",
        clock_skew,
        NOTHING,
        Cast({}, (*SKEWED, "-180", "serve"), (*SKEWED, "7200", "worker")),
    ),
    Drill("sqlite_lock", "the file locked by somebody else for 7 s", sqlite.locked, Allowed(), ALONE, SQLITE),
    Drill("disk_full", "no room on the disk for 4 s", sqlite.full, Allowed(), ALONE, SQLITE),
    Drill("sqlite_corrupt", "started on damaged files", sqlite.damaged, NOTHING, ALONE, SQLITE),
)
