"""Lines into the store: read, sorted by organization, absorbed in one transaction each."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from gateway.unit import Connection, run
from gateway.within import within
from models import Organization
from models.engine import Store
from models.errors import HeliographError, TookTooLong
from models.records import OrganizationRecord, Record
from models.tenants import OURS
from resolvers.intake.absorb import Absorbed, absorb
from resolvers.intake.late import TOO_LATE
from resolvers.intake.parse import Parsed, Refusal, parse
from resolvers.organizations import enroll, find
from resolvers.rollup import Keep, rebuild

Numbered = Iterable[tuple[int, bytes]]
AT_ONCE = 2_000  # records of one request between two turns of the others
TOO_SLOW = "Taking these records took too long; send them again, or fewer at once: none counts twice."


@dataclass
class Report:
    """What became of some lines."""

    accepted: int = 0
    changed: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Take another report's numbers in."""
        self.accepted += other.accepted
        self.changed += other.changed
        self.refused += other.refused


class _Late(Exception):
    """Records of a batch that must be taken as a whole came too late."""

    def __init__(self, lines: list[int]) -> None:
        self.lines = lines


async def _absorbed(
    organization: Organization, numbered: list[tuple[int, Record]], atomic: bool, db: Connection
) -> Absorbed:
    """What became of the records; `atomic` ones are taken all or none. Raises _Late, which rolls back."""
    found = await absorb(db, organization, (record for _, record in numbered))
    if atomic and found.late:
        raise _Late([numbered[place][0] for place in sorted(found.late)])
    return found


class Intake:
    """Takes records in. `home` is the organization of records that name none.

    Of what a tenant sends, each two thousand records are taken within `patience_s`, or not: the parts before
    stay.
    """

    def __init__(
        self, store: Store, clock: Callable[[], datetime], keep: Keep, patience_s: float | None = None
    ) -> None:
        self.store, self._clock, self._keep, self.patience_s = store, clock, keep, patience_s
        self._everyones = store.of_everyone("the operator enrolls organizations")
        self._known: dict[str, Organization] = {}
        self.totals = {"accepted": 0, "changed": 0, "refused": 0}  # rows that changed may be of one record

    async def take_own(
        self, lines: Numbered, home: Organization, atomic: bool = False, spent_s: float = 0.0
    ) -> Report:
        """Records that a tenant sent: all must be its own. With `atomic`, one refusal refuses them all.

        Otherwise a long batch is taken part by part, so that others get their turn in between. `spent_s` of
        the time for it are gone already. Raises TookTooLong, Unavailable.
        """
        waiting, report = list(lines), Report()
        step = len(waiting) if atomic else AT_ONCE
        for first in range(0, len(waiting), step):
            part = waiting[first : first + step]
            patience_s = self._patience_for(part, 0.0 if first else spent_s)
            try:
                report.add(
                    self._told(await within(patience_s, self._take_own(part, home, atomic), self.store))
                )
            except TookTooLong as error:
                raise TookTooLong(TOO_SLOW) from error
            await asyncio.sleep(0)
        return report

    def _patience_for(self, lines: list[Any], spent_s: float) -> float | None:
        return self.patience_s and self.patience_s * -(-len(lines) // AT_ONCE) - spent_s

    async def _take_own(self, lines: Numbered, home: Organization, atomic: bool) -> Report:
        parsed = parse(lines, self._clock())
        own: list[tuple[int, Record]] = []
        ours = (None, home.slug)
        for line, record in parsed.records:
            if isinstance(record, OrganizationRecord):
                parsed.refused.append(
                    Refusal(line, "organizations are enrolled by the operator, not over HTTP")
                )
            elif record.organization not in ours:
                parsed.refused.append(Refusal(line, "organization: this key belongs to another organization"))
            else:
                own.append((line, record))
        parsed.refused.sort(key=lambda refusal: refusal.line)
        if atomic and parsed.refused:
            return Report(refused=parsed.refused)
        return await self._absorb(Parsed(own, parsed.refused), {home.slug: home}, home, atomic)

    async def take_any(self, lines: Numbered, home: Organization | None = None) -> Report:
        """Records that the operator brings: of any organization, new ones included."""
        parsed = parse(lines, self._clock())
        rest: list[tuple[int, Record]] = []
        enrolled = 0
        for line, record in parsed.records:
            if not isinstance(record, OrganizationRecord):
                rest.append((line, record))
                continue
            try:
                await self._enroll(record)
                enrolled += 1
            except HeliographError as error:
                parsed.refused.append(Refusal(line, error.message))
        report = await self._absorb(Parsed(rest, parsed.refused), self._known, home)
        report.accepted += enrolled
        return self._told(report)

    def _told(self, report: Report) -> Report:
        for name, number in (("accepted", report.accepted), ("changed", report.changed)):
            self.totals[name] += number
        self.totals["refused"] += len(report.refused)
        return report

    async def _absorb(
        self,
        parsed: Parsed,
        known: dict[str, Organization],
        home: Organization | None,
        atomic: bool = False,
    ) -> Report:
        report = Report(refused=parsed.refused)
        for slug, numbered in (await self._sorted(parsed, known, home)).items():
            try:
                store = self.store.of(known[slug].id)
                found = await run(store, partial(_absorbed, known[slug], numbered, atomic))
            except _Late as error:
                return Report(refused=[Refusal(line, TOO_LATE) for line in error.lines])
            report.changed += found.changed
            report.accepted += len(numbered) - len(found.late)
            report.refused += [Refusal(numbered[place][0], TOO_LATE) for place in sorted(found.late)]
        report.refused.sort(key=lambda refusal: refusal.line)
        return report

    async def _sorted(
        self, parsed: Parsed, known: dict[str, Organization], home: Organization | None
    ) -> dict[str, list[tuple[int, Record]]]:
        """The records by organization; those of an organization nobody knows are refused."""
        by_slug: dict[str, list[tuple[int, Record]]] = defaultdict(list)
        if home is not None:
            known[home.slug] = home
        at_home = home.slug if home else None
        for line, record in parsed.records:
            slug = record.organization or at_home
            if slug is None:
                reason = "organization: missing; name one in the record or for the whole file"
                parsed.refused.append(Refusal(line, reason))
            elif slug in known or await self._learn(slug):
                by_slug[slug].append((line, record))
            else:
                reason = f"organization: there is no '{slug}'; send its organization record first"
                parsed.refused.append(Refusal(line, reason))
        return by_slug

    async def _learn(self, slug: str) -> bool:
        async with self._everyones.reading() as db:
            found = await find(db, OURS, slug)
        if found is not None:
            self._known[slug] = found
        return found is not None

    async def _enroll(self, record: OrganizationRecord) -> None:
        """Create or update an organization; where its days begin elsewhere now, count it anew."""
        now = self._clock()

        async def job(db: Connection) -> Organization:
            enrolled = await enroll(db, record, now)
            if enrolled.is_rezoned:
                await rebuild(db, enrolled.organization, now, self._keep)
            return enrolled.organization

        self._known[record.id] = await run(self._everyones, job, snapshot=True)
