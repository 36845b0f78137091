"""Batched reads, one set for each request.

A loader takes keys and gives one value per key, in the order asked. It asks inside one organization,
and each batch opens a short connection of its own.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from strawberry.dataloader import DataLoader

from models import Fact
from models.engine import Store, is_outage
from models.errors import Expired
from resolvers.caller import Caller
from resolvers.campaigns import campaigns_by_id
from resolvers.filters import CAMPAIGN, Where
from resolvers.grounds import Grounds
from resolvers.known import Knowledge
from resolvers.plan import expired_of
from resolvers.question import Home, Question, Table
from resolvers.tables import answer, first_moment
from resolvers.watermarks import Mark, Progress


class Loaders:
    """Every loader of one request. `expired` says so when any bucket of an answer was no longer kept;
    `known` is how far counting has come, when somebody has just read it."""

    def __init__(
        self, store: Store, caller: Caller, knowledge: Knowledge | None = None, known: Progress | None = None
    ) -> None:
        self.store, self.caller, self._known = store.of(caller.organization.id), caller, known
        self._knowledge = knowledge or Knowledge(store)
        self.expired: Expired | None = None
        self._outage: Exception | None = None
        self.grounds = Grounds()
        self.tables: DataLoader[Question, Table] = DataLoader(self._tables)
        self.campaigns: DataLoader[str, Any] = DataLoader(self._campaigns)

    async def mark(self, fact: str) -> Mark:
        """The watermark of a fact, the same for the whole request; the answer stands on it."""
        self.grounds.marks.add(fact)
        return (await self.progress()).marks[fact]

    async def progress(self) -> Progress:
        """How far counting has come, the same for the whole request and read before any number is."""
        if self._known is None:
            found = await self._knowledge.of(self.caller.organization.id)
            self._known = self._known or found  # the same for all, though two may have asked at once
        return self._known

    async def home(self) -> Home:
        """What the planner must know of the caller's organization."""
        found = await self.progress()
        return Home(self.caller.organization.timezone, found.minutes_from, found.kept)

    async def first(self, fact: Fact, where: Where = ()) -> datetime | None:
        """The first moment of anything that a fact counts and a filter keeps; None when there is nothing."""
        home = await self.home()
        async with self.store.reading() as db:
            return await first_moment(db, fact, self.caller.organization.id, home, where)

    async def _settle(self, question: Question) -> None:
        """Note when the question counts what is not over."""
        as_of = (await self.progress()).marks[question.fact.mark].as_of
        if question.window is None or question.window.end > as_of:
            self.grounds.is_settled = False

    async def _campaigns(self, ids: list[str]) -> list[Any]:
        async with self.store.reading() as db:
            found = await campaigns_by_id(db, self.caller.organization.id, ids)
        return [found.get(key) for key in ids]

    async def _tables(self, questions: list[Question]) -> list[Table | Expired]:
        """Questions that differ in measures, or in the one campaign they are about, share a statement."""
        if len(questions) == 1 and _campaign(questions[0]) is None:
            return [await self._told(questions[0])]
        batches: dict[tuple[Question, bool], list[Question]] = defaultdict(list)
        for question in questions:
            batches[_shared(question), _campaign(question) is not None].append(question)
        answers = await asyncio.gather(
            *(self._batch(shared, batch) for (shared, _), batch in batches.items())
        )
        found = {question: table for batch in answers for question, table in batch.items()}
        return [found[question] for question in questions]

    async def _told(self, question: Question) -> Table | Expired:
        try:
            return await self._answer(question)
        except Expired as error:
            return error  # theirs alone: others are asked in the same breath

    async def _batch(self, shared: Question, batch: list[Question]) -> dict[Question, Table | Expired]:
        asked = {name for question in batch for name in question.fact.parts(question.measures)}
        measures = tuple(s.name for s in shared.fact.sums if s.name in asked)
        ids = sorted({key for question in batch if (key := _campaign(question)) is not None})
        whole = replace(shared, measures=measures)
        if not ids:
            return dict.fromkeys(batch, await self._told(whole))
        try:
            tables = await self.of_campaigns(whole, ids)
        except Expired as error:
            return dict.fromkeys(batch, error)
        return {question: tables[_campaign(question) or ""] for question in batch}

    async def of_campaigns(self, question: Question, ids: Sequence[str]) -> dict[str, Table]:
        """The answer to a question for each of some campaigns, by one statement. Raises Expired."""
        wanted = dict(question.where).get(CAMPAIGN, ids)
        rest = tuple(part for part in question.where if part[0] != CAMPAIGN)
        asked = (CAMPAIGN, tuple(sorted(set(ids).intersection(wanted))))
        table = await self._answer(replace(question, where=(*rest, asked), by=(CAMPAIGN, *question.by)))
        none = Table(table.buckets, table.sums, expired=table.expired)
        return dict.fromkeys(ids, none) | _by_campaign(table)

    async def _answer(self, question: Question) -> Table:
        home = await self.home()
        await self._settle(question)
        if self._outage is not None:
            raise self._outage  # what failed is looked for twice; a store that is away is asked once
        try:
            table = await answer(self.store, question, home)
        except Exception as error:
            if is_outage(error):
                self._outage = error
            raise
        if table.expired:
            self.expired = expired_of(question, home)
        return table


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
        part = parts.setdefault(str(campaign), Table(table.buckets, table.sums, expired=table.expired))
        part.groups[tuple(group)] = sums
    return parts
