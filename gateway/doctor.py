"""What is wrong with an installation, check after check, and what to do about it.

settings ─▶ store ─▶ schema ─▶ everything else; what stands on a failed one is not looked at
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from secrets import token_hex

from gateway.exports.storage import storage_of
from gateway.settings import Settings, SettingsError
from models import lock
from models.engine import Store
from models.revision import newest, revision_of
from resolvers.exports.leases import LOOKED_AT, stuck
from resolvers.organizations import every
from resolvers.rollup import never_counted
from resolvers.samples import chosen, compared
from resolvers.vitals import clock, faults, server
from resolvers.watermarks import oldest, waiting

SLOW, STILL = timedelta(minutes=1), timedelta(minutes=15)  # that counting is behind: a warning, a failure
MUCH = 1_000_000  # differences; a worker that keeps up never has as many
STUCK_FOR = timedelta(minutes=10)
SKEW = timedelta(seconds=2), timedelta(seconds=60)  # the expiry of links and keys is told by our clock
NAMED = 3
START_WORKER = "Run 'heliograph worker', or 'heliograph serve' without EMBEDDED_WORKER=false; see its log."


class State(StrEnum):
    """How a check came out, the better before the worse."""

    OK, WARNING, FAILED = "ok", "warning", "failed"


@dataclass(frozen=True)
class Finding:
    """What a check saw, and what to do when that is not well."""

    check: str
    state: State
    saw: str
    remedy: str = ""


@dataclass(frozen=True)
class Patient:
    """What is examined, and how thoroughly: `samples` buckets by the chance that `seed` gives."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]
    samples: int
    seed: int


Told = tuple[State, str] | tuple[State, str, str]
Check = Callable[[Patient], Awaitable[Told]]


async def examine(patient: Patient) -> AsyncGenerator[Finding]:
    """What each check finds, in their order."""
    patient = replace(patient, store=patient.store.of_everyone("the doctor looks at the whole installation"))
    for stage in STAGES:
        is_well = True
        for name, check in stage.items():
            finding = await _found(name, check, patient)
            is_well = is_well and finding.state is not State.FAILED
            yield finding
        if not is_well:
            return


async def _found(name: str, check: Check, patient: Patient) -> Finding:
    """What the check finds; what it cannot stand is a finding too."""
    try:
        return Finding(name, *await check(patient))
    except Exception as error:
        return Finding(name, State.FAILED, _why(error), "Check DATABASE_URL, and whether the server runs.")


def _why(error: Exception) -> str:
    """What the operator can make something of, in one line."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0] or type(error).__name__


async def _secret(patient: Patient) -> Told:
    if patient.settings.secret_key is not None:
        return State.OK, "SECRET_KEY is set"
    return (
        State.WARNING,
        "SECRET_KEY is not set: the store's own secret serves, and is in every copy of the store",
        "Set it before the first key is made; setting it later ends every key.",
    )


async def _exports_folder(patient: Patient) -> Told:
    place, name = patient.settings.export_folder, f"doctor-{token_hex(8)}"
    try:
        storage = storage_of(place)
        draft = storage.draft(name)
        draft.write_bytes(b"ok")
        await asyncio.to_thread(storage.publish, draft, name)
        await asyncio.to_thread(storage.remove, name)
    except SettingsError as error:
        return State.FAILED, str(error), "See EXPORT_FOLDER in docs/settings.md."
    except Exception as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        return (
            State.FAILED,
            f"no file can be written to {place}: {why}",
            "Let the gateway's user write there.",
        )
    return State.OK, f"files can be written to {place}"


async def _store(patient: Patient) -> Told:
    path = patient.store.url.database or ""
    if patient.store.is_sqlite and not Path(path).is_file():
        return State.FAILED, f"there is no file {path}", "Check DATABASE_URL, or run 'heliograph migrate'."
    async with patient.store.reading() as db:
        return State.OK, await server(db)


async def _schema(patient: Patient) -> Told:
    found, wanted = await revision_of(patient.settings.database_url), newest()
    if found == wanted:
        return State.OK, f"{found}, the newest"
    if found is not None and found > wanted:
        return State.FAILED, f"{found}, newer than this release's {wanted}", "Run the release that made it."
    was = found or "none"
    return State.FAILED, f"{was}, this release wants {wanted}", "Back up, then run 'heliograph migrate'."


async def _lock(patient: Patient) -> Told:
    async with patient.store.reading() as db:
        held = await lock.holds(db)
    if held is None:
        return State.OK, "SQLite has none: the guard in every statement stands alone"
    if held:
        return State.OK, "PostgreSQL holds every tenant's table for this role"
    remedy = "Let an ordinary role own the tables: no superuser, no BYPASSRLS; then 'heliograph migrate'."
    return State.WARNING, "row-level security does not hold this role: one lock instead of two", remedy


async def _file(patient: Patient) -> Told:
    async with patient.store.streaming() as db:
        found = await faults(db)
    if found:
        saw = f"{found[0]} (and {len(found) - 1} more)" if found[1:] else found[0]
        return State.FAILED, saw, "Stop the gateway, keep the file, and restore the last backup."
    return State.OK, "no page is damaged" if patient.store.is_sqlite else "PostgreSQL looks after its own"


async def _clock(patient: Patient) -> Told:
    async with patient.store.reading() as db:
        theirs, counted_to = await clock(db), await oldest(db)
    now = patient.clock()
    if counted_to is not None and counted_to > now + SKEW[0]:
        saw = f"counting has come to {counted_to:%Y-%m-%d %H:%M:%S}Z, which is still to come"
        return State.WARNING, saw, "The clock was ahead, or is behind: set it by NTP. Numbers stay right."
    if theirs is None:
        return State.OK, "one machine, one clock"
    skew = abs(theirs - now)
    saw = f"{skew.total_seconds():.1f} s from the store's"
    state = State.OK if skew < SKEW[0] else State.WARNING if skew < SKEW[1] else State.FAILED
    return (state, saw) if state is State.OK else (state, saw, "Set both clocks by NTP.")


async def _counting(patient: Patient) -> Told:
    async with patient.store.reading() as db:
        mark, uncounted = await oldest(db), await never_counted(db)
        slugs = {one.id: one.slug for one in await every(db)}
    if mark is None:
        return State.OK, "there is no organization yet"
    if uncounted:
        named = sorted({slugs[key] for key, _ in uncounted if key in slugs})
        saw = f"{len(uncounted)} facts were never counted, of {_few(named)}"
        return State.WARNING, saw, "A worker counts them after an upgrade: see whether its log says more."
    behind = max(patient.clock() - mark, timedelta(0))
    saw = f"the slowest of {len(slugs)} organizations is {_long(behind)} behind"
    delay = timedelta(seconds=patient.settings.watermark_delay_seconds)
    if behind <= SLOW + delay:
        return State.OK, saw
    return State.WARNING if behind <= STILL + delay else State.FAILED, saw, START_WORKER


async def _backlog(patient: Patient) -> Told:
    async with patient.store.reading() as db:
        number, mark = await waiting(db), await oldest(db)
    saw = f"{number:,} differences wait to be counted"
    if number and mark is not None:
        # a refresh takes all there is, so none has waited longer than the last one is ago
        saw += f", none for longer than {_long(max(patient.clock() - mark, timedelta(0)))}"
    return (State.OK, saw) if number <= MUCH else (State.WARNING, saw, START_WORKER)


async def _rollups(patient: Patient) -> Told:
    buckets, wrong = 0, dict[str, int]()
    async with patient.store.reading() as db:
        samples = await chosen(db, patient.samples, Random(patient.seed))  # noqa: S311  a sample is no secret
    for sample in samples:
        async with patient.store.streaming() as db:
            for one in await compared(db, sample):
                buckets += one.buckets
                if one.wrong:
                    slug = sample.organization.slug
                    wrong[slug] = wrong.get(slug, 0) + one.wrong
    saw = f"{buckets:,} buckets of {len(samples)} samples (--seed {patient.seed}) "
    if not wrong:
        return State.OK, saw + "equal their raw rows"
    worst = max(wrong, key=lambda slug: wrong[slug])
    saw += f"were compared, {sum(wrong.values()):,} differ, of {_few(sorted(wrong))}"
    return State.FAILED, saw, f"Run 'heliograph rebuild {worst}', and tell us how it came about."


async def _exports(patient: Patient) -> Told:
    async with patient.store.reading() as db:
        found = await stuck(db, patient.clock() - STUCK_FOR)
    if not found:
        return State.OK, "none is stuck"
    number = f"{LOOKED_AT} or more" if len(found) == LOOKED_AT else f"{len(found)}"
    saw = f"{number} stuck for {_long(STUCK_FOR)} and more, the first {found[0].id}"
    return State.WARNING, saw, START_WORKER


def _few(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _long(span: timedelta) -> str:
    """'3 s', '12 min', '5 h', '20 d'."""
    seconds = span.total_seconds()
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


STAGES: tuple[dict[str, Check], ...] = (
    {"secret": _secret, "exports folder": _exports_folder, "store": _store},
    {"schema": _schema},
    {
        "file": _file,
        "second lock": _lock,
        "clock": _clock,
        "counting": _counting,
        "backlog": _backlog,
        "rollups": _rollups,
        "exports": _exports,
    },
)
