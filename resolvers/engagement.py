"""What people did with a campaign or a workflow: clicks, opt-outs and orders, from several facts at once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field, replace

from models import ENGAGEMENTS, MESSAGES, ORDERS, RECIPIENTS, WORKFLOW_ENTRIES, Fact
from resolvers.filters import Where
from resolvers.loaders import Loaders
from resolvers.periods import Buckets
from resolvers.plan import expired_of
from resolvers.question import Question, Table
from resolvers.series import Group, in_order

Sums = dict[str, int]


@dataclass(frozen=True)
class Part:
    """One fact's share of the numbers, and which of its rows are meant."""

    fact: Fact
    measures: tuple[str, ...]
    where: Where


@dataclass
class Engagement:
    """The numbers of every group, in total and by bucket, and all of them together."""

    buckets: Buckets | None
    groups: dict[Group, list[Sums]] = field(default_factory=dict)

    def total(self, group: Group | None = None) -> Sums:
        """All buckets of a group, or of all groups."""
        chosen = list(self.groups.values()) if group is None else [self.groups[group]]
        return _added([sums for buckets in chosen for sums in buckets])

    def bucket(self, place: int) -> Sums:
        """One bucket of all groups."""
        return _added([buckets[place] for buckets in self.groups.values()])


def of_campaign(campaign: str) -> tuple[Part, ...]:
    """What makes up a campaign's numbers."""
    where = (("campaign", (campaign,)),)
    return (Part(RECIPIENTS, ("recipients",), where), *_shared(where))


def of_workflow(workflow: str) -> tuple[Part, ...]:
    """What makes up a workflow's numbers."""
    entered = Part(WORKFLOW_ENTRIES, ("entrances", "exits", "current"), (("workflow", (workflow,)),))
    return (entered, *_shared((("source", ("workflow",)), ("source_id", (workflow,)))))


def _shared(where: Where) -> tuple[Part, ...]:
    return (
        Part(MESSAGES, ("logged", "clicked", "unsubscribed"), where),
        Part(ENGAGEMENTS, ("clicks",), where),
        Part(ORDERS, ("orders", "revenue_micros"), where),
    )


async def engagement(loaders: Loaders, asked: Question, parts: tuple[Part, ...]) -> Engagement:
    """The numbers of these parts, in the window, buckets and groups of a question. Raises Expired."""
    questions = [replace(asked, fact=p.fact, measures=p.measures, where=p.where) for p in parts]
    tables = await asyncio.gather(*(loaders.tables.load(question) for question in questions))
    for question, table in zip(questions, tables, strict=True):
        if table.expired:
            raise expired_of(question, await loaders.home())
    names = [name for part in parts for name in part.measures]
    found = Engagement(tables[0].buckets)
    size = 1 if found.buckets is None else len(found.buckets)
    for group in in_order(group for table in tables for group in table.groups) or ([] if asked.by else [()]):
        found.groups[group] = [dict.fromkeys(names, 0) for _ in range(size)]
    for part, table in zip(parts, tables, strict=True):
        _add(found, table, part.measures)
    return found


def _add(found: Engagement, table: Table, measures: tuple[str, ...]) -> None:
    """Add a fact's share; its table may hold what others of the same request have asked for."""
    for group, columns in table.groups.items():
        for name in measures:
            for place, number in enumerate(columns[name]):
                found.groups[group][place][name] += number


def _added(many: list[Sums]) -> Sums:
    total: Sums = defaultdict(int)
    for sums in many:
        for name, number in sums.items():
            total[name] += number
    return total
