"""Whether messages arrived, mailbox by mailbox and domain by domain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from models import MAILBOX_DAYS, MESSAGES, Clock, Domain, Mailbox
from resolvers.deliverability import health_score
from resolvers.exports.measures import at, measure_cells, measure_columns
from resolvers.exports.performance import DATE, PerformanceParams, by_date, check_performance
from resolvers.exports.source import Asking, Rows, Source
from resolvers.formats.columns import Column, Kind, Row, text
from resolvers.question import Question, Table
from resolvers.scope import mine

MEASURES = (
    *("attempted", "delivered", "bounced", "hard_bounced", "soft_bounced", "complained", "unsubscribed"),
    *("acceptance_rate", "bounce_rate", "hard_bounce_rate", "soft_bounce_rate", "complaint_rate"),
    "inbox_placement_rate",
)
SCORE = Column("health_score", Kind.NUMBER, "points")
Sums = dict[str, list[int]]


@dataclass(frozen=True)
class Sender:
    """One row of the file: what it is called, and the mailboxes whose numbers it adds up."""

    labels: tuple[str, ...]
    mailboxes: tuple[str, ...]


@dataclass(frozen=True)
class _Numbers:
    """What mailboxes sent, and what they are worth."""

    asking: Asking
    asked: Question
    sent: Table
    health: Table

    def rows(self, sender: Sender) -> Iterator[Row]:
        """The rows of one sender."""
        sums, scores = _added(self.sent, sender.mailboxes), _added(self.health, sender.mailboxes)
        for place, (day, told) in enumerate(by_date(self.asking, self.asked, self.sent, sums)):
            score = None if told is None else health_score(at(scores, place))
            yield (*day, *sender.labels, *measure_cells(MESSAGES, MEASURES, told), score)


async def _numbers(asking: Asking, params: PerformanceParams) -> _Numbers:
    asked = replace(params.question(asking.organization.id, ("sender",)), measures=MEASURES)
    names = tuple(one.name for one in MAILBOX_DAYS.sums)
    ends = (params.window, params.granularity, params.zone)
    health = Question(MAILBOX_DAYS, asking.organization.id, names, *ends, ("mailbox",), clock=Clock.CREATED)
    return _Numbers(asking, asked, await asking.table(asked), await asking.table(health))


def _added(table: Table, mailboxes: Sequence[str]) -> Sums:
    size = 1 if table.buckets is None else len(table.buckets)
    added = {name: [0] * size for name in table.sums}
    for mailbox in mailboxes:
        for name, values in table.groups.get((mailbox,), {}).items():
            added[name] = [a + b for a, b in zip(added[name], values, strict=True)]
    return added


async def _mailboxes(asking: Asking) -> list[Mailbox]:
    select = mine(sa.select(Mailbox.__table__), asking.organization.id).order_by(Mailbox.id)
    return [Mailbox(**row) for row in (await asking.db.execute(select)).mappings()]


async def _domains(asking: Asking) -> list[Domain]:
    select = mine(sa.select(Domain.__table__), asking.organization.id).order_by(Domain.id)
    return [Domain(**row) for row in (await asking.db.execute(select)).mappings()]


async def _by_mailbox(asking: Asking, params: PerformanceParams) -> Rows:
    known = {one.id: one for one in await _mailboxes(asking)}
    names = {one.id: one.name for one in await _domains(asking)}
    numbers = await _numbers(asking, params)
    told = {str(group[0]) for group in numbers.sent.groups} - {""}
    for key in sorted({*known, *told}):
        one = known.get(key)
        labels = (key, one.address, names.get(one.domain_id, "")) if one is not None else (key, "", "")
        yield list(numbers.rows(Sender(labels, (key,))))


async def _by_domain(asking: Asking, params: PerformanceParams) -> Rows:
    mailboxes = await _mailboxes(asking)
    numbers = await _numbers(asking, params)
    for domain in await _domains(asking):
        own = tuple(one.id for one in mailboxes if one.domain_id == domain.id)
        yield list(numbers.rows(Sender((domain.id, domain.name), own)))


def _columns(*labels: str) -> tuple[Column, ...]:
    return (*(text(label) for label in labels), *measure_columns(MESSAGES, MEASURES), SCORE)


def _dated(params: PerformanceParams, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return (DATE, *columns) if params.granularity else columns


DELIVERABILITY = Source(
    "deliverability",
    "Whether messages arrived: a row for each mailbox, or for each mailbox and day.",
    MESSAGES,
    PerformanceParams,
    lambda params: _dated(params, _columns("mailbox_id", "address", "domain")),
    _by_mailbox,
    check_performance,
)
DOMAIN_HEALTH = Source(
    "domain_health",
    "Whether what domains sent arrived: a row for each domain, or for each domain and day.",
    MESSAGES,
    PerformanceParams,
    lambda params: _dated(params, _columns("domain_id", "domain")),
    _by_domain,
    check_performance,
)
