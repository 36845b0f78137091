"""Batched reads, one set for each request.

A loader takes keys and gives one value per key, in the order asked. It asks inside one organization,
and each batch opens a short connection of its own.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from strawberry.dataloader import DataLoader

from models import Campaign
from models.engine import Store
from resolvers.caller import Caller
from resolvers.campaigns import campaigns_by_id
from resolvers.periods import minute
from resolvers.question import Home, Question, Table, answer
from resolvers.rollup import Keep
from resolvers.watermarks import Mark, marks

CAMPAIGN = "campaign"


class Loaders:
    """Every loader of one request."""

    def __init__(self, store: Store, caller: Caller, now: datetime, keep: Keep) -> None:
        self.store, self.caller, self.now, self.keep = store, caller, now, keep
        self.home = Home(caller.organization.timezone, minute(now - keep.minutes))
        self.tables: DataLoader[Question, Table] = DataLoader(self._tables)
        self.campaigns: DataLoader[str, Campaign | None] = DataLoader(self._campaigns)
        self._marks: asyncio.Task[dict[str, Mark]] | None = None

    async def mark(self, fact: str) -> Mark:
        """The watermark of a fact, the same for the whole request and read before any number is."""
        if self._marks is None:
            self._marks = asyncio.create_task(self._read_marks())
        return (await self._marks)[fact]

    async def _read_marks(self) -> dict[str, Mark]:
        async with self.store.reading() as db:
            return await marks(db, self.caller.organization.id)

    async def _campaigns(self, ids: list[str]) -> list[Campaign | None]:
        async with self.store.reading() as db:
            found = await campaigns_by_id(db, self.caller.organization.id, ids)
        return [found.get(key) for key in ids]

    async def _tables(self, questions: list[Question]) -> list[Table]:
        """Questions that differ in measures, or in the one campaign they are about, share a statement."""
        batches: dict[tuple[Question, bool], list[Question]] = defaultdict(list)
        for question in questions:
            batches[_shared(question), _campaign(question) is not None].append(question)
        answers = await asyncio.gather(
            *(self._batch(shared, batch) for (shared, _), batch in batches.items())
        )
        found = {question: table for batch in answers for question, table in batch.items()}
        return [found[question] for question in questions]

    async def _batch(self, shared: Question, batch: list[Question]) -> dict[Question, Table]:
        asked = {name for question in batch for name in question.fact.parts(question.measures)}
        measures = tuple(s.name for s in shared.fact.sums if s.name in asked)
        ids = sorted({key for question in batch if (key := _campaign(question)) is not None})
        whole = replace(shared, measures=measures)
        if ids:
            where = (*shared.where, (CAMPAIGN, tuple(ids)))
            whole = replace(whole, where=where, by=(CAMPAIGN, *shared.by))
        async with self.store.reading() as db:
            table = await answer(db, whole, self.home)
        if not ids:
            return dict.fromkeys(batch, table)
        parts = _by_campaign(table)
        none = Table(table.buckets, table.sums)
        return {question: parts.get(_campaign(question) or "", none) for question in batch}


def _campaign(question: Question) -> str | None:
    """The one campaign the question is about, if it is about one."""
    chosen = [values for name, values in question.where if name == CAMPAIGN]
    return chosen[0][0] if len(chosen) == 1 and len(chosen[0]) == 1 and CAMPAIGN not in question.by else None


def _shared(question: Question) -> Question:
    """The question without its measures and without its one campaign."""
    if _campaign(question) is None:
        return replace(question, measures=())
    where = tuple(part for part in question.where if part[0] != CAMPAIGN)
    return replace(question, measures=(), where=where)


def _by_campaign(table: Table) -> dict[str, Table]:
    parts: dict[str, Table] = {}
    for (campaign, *group), sums in table.groups.items():
        part = parts.setdefault(str(campaign), Table(table.buckets, table.sums))
        part.groups[tuple(group)] = sums
    return parts
