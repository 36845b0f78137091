"""What came of a drill, held against what must hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import orjson

from drills import truth
from drills.client import HUNG, LOST, Reply
from drills.load import HEALTH, READY
from drills.processes import reached
from drills.scene import Scene

SLOWEST_S, RECOVERY_S = 5.0, 5.0
MORE_SESSIONS, LAZIEST_S = 15, 3.0
MORE_MIB = 64.0  # most of it caches that fill
# what no caller must ever read
INTERNAL = (
    b"Traceback",
    b'File "',
    b"sqlalchemy",
    b"asyncpg",
    b"sqlite3",
    b"SELECT ",
    b"INSERT ",
    b"UPDATE ",
)


@dataclass
class Verdict:
    """The line of a drill in the table; `wrong` is empty when everything held."""

    name: str
    about: str
    requests: int = 0
    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    slowest_s: float = 0.0
    recovery_s: float | None = None
    statuses: Counter[int] = field(default_factory=Counter)
    looks: str = ""
    sessions: str = ""
    grown: float | None = None
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    skipped: str = ""
    told: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Allowed:
    """What a fault excuses: 503s while the store is away, broken lines while nobody listens."""

    away: bool = True
    gone: bool = False
    unready: bool = False  # it must not say that it is ready all the time
    recovery_s: float = RECOVERY_S
    slowest_s: float = SLOWEST_S
    laziest_s: float = LAZIEST_S


async def judged(scene: Scene, verdict: Verdict, allowed: Allowed) -> None:
    """Fill the verdict in."""
    verdict.wrong += scene.wrong
    verdict.told |= scene.told
    if not scene.after.are_enough:
        verdict.wrong.append(
            f"only {scene.after.taken} of {scene.after.tried} looks came off after the fault"
        )
    if not await scene.until_counted():
        verdict.wrong.append("not everything was acknowledged and counted")
    await scene.store.close()  # what it had open may be no good any more
    await scene.look_once()
    verdict.looks = f"{scene.looks.taken} of {scene.looks.tried}"
    await _correct(scene, verdict)
    _replies(scene, verdict, allowed)
    _resources(scene, verdict, allowed)


async def _correct(scene: Scene, verdict: Verdict) -> None:
    """Nothing lost, nothing counted twice, by our own ledger, by the raw rows, and by a recount."""
    told, number = scene.load.ledger.numbers(), scene.organization.id
    rolled, raw = await truth.counted(scene.store, number)
    verdict.acknowledged = len(scene.load.ledger.acknowledged)
    verdict.lost, verdict.twice = (told - rolled).total(), (rolled - told).total()
    if told - raw:
        verdict.wrong.append(f"rows lost: {dict(told - raw)}")
    if verdict.lost:
        verdict.wrong.append(f"not counted: {dict(told - rolled)}")
    if verdict.twice:
        verdict.wrong.append(f"counted too much: {dict(rolled - told)}")
    if scene.above:
        verdict.wrong.append(f"the rollups were {scene.above} above the rows for a while")
    if differ := await truth.miscounted(scene.store, scene.organization):
        verdict.wrong.append(f"a recount changes {', '.join(differ)}")


def _replies(scene: Scene, verdict: Verdict, allowed: Allowed) -> None:
    """In time, in words of ours, and well again soon."""
    replies = scene.replies
    verdict.requests = len(replies)
    verdict.statuses = Counter(reply.status for reply in replies)
    verdict.slowest_s = max((r.seconds for r in replies if r.status not in (LOST, HUNG)), default=0.0)
    verdict.recovery_s = scene.recovered_s()
    if hung := verdict.statuses[HUNG]:
        verdict.wrong.append(f"{hung} requests were never answered")
    if verdict.slowest_s > allowed.slowest_s:
        slow = max((r for r in replies if r.status != HUNG), key=lambda r: r.seconds)
        verdict.wrong.append(f"a reply took {slow.seconds:.1f} s ({slow.about}, {slow.status})")
    if verdict.recovery_s is None:
        verdict.wrong.append("it did not recover")
    elif verdict.recovery_s > allowed.recovery_s + scene.waited_s:
        verdict.wrong.append(f"it took {verdict.recovery_s:.1f} s to recover")
    verdict.wrong += sorted({why for reply in replies if (why := dirt(reply, allowed))})
    if allowed.unready and not any(r.about == READY and r.status == 503 for r in replies):
        verdict.wrong.append("it said that it was ready while the store was away")


def dirt(reply: Reply, allowed: Allowed) -> str:
    """What is wrong with a reply; '' when nothing is."""
    if reply.status in (200, HUNG):
        return ""
    if reply.status == LOST:
        return "" if allowed.gone else f"a line was lost ({reply.about})"
    if reply.status != 503 or reply.about == HEALTH or not allowed.away:
        return f"{reply.about} answered {reply.status}: {reply.body[:120].decode(errors='replace')}"
    if any(word in reply.body for word in INTERNAL):
        return f"{reply.about} shows what is internal: {reply.body[:120].decode(errors='replace')}"
    try:
        orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return f"{reply.about} answered with something that is not JSON"
    if reply.about != READY and not reply.says_when_again:
        return f"{reply.about} answered 503 without Retry-After"
    return ""


def _resources(scene: Scene, verdict: Verdict, allowed: Allowed) -> None:
    """No session too many, none idle in a transaction, no memory that grows."""
    if scene.cluster is not None:
        more = scene.most_sessions - scene.sessions_before
        verdict.sessions = f"{scene.sessions_before} → {scene.most_sessions}"
        if more > MORE_SESSIONS:
            verdict.wrong.append(f"{more} more sessions than before")
        if scene.laziest_s > allowed.laziest_s:
            verdict.wrong.append(f"a session was idle in a transaction for {scene.laziest_s:.1f} s")
    if strangers := scene.called - reached(scene.store.url if scene.way is None else scene.way.url):
        verdict.wrong.append(f"somebody else than PostgreSQL was called: {sorted(strangers)}")
    if scene.server.runs and scene.held_before:
        verdict.grown = scene.server.held_mib / scene.held_before - 1
        if (more := scene.server.held_mib - scene.held_before) > MORE_MIB:
            verdict.wrong.append(f"the server grew by {more:.0f} MiB")
