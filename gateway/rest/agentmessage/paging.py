"""From parameters to one page of a query: defaults, limits, and the cursor that pins all but `limit`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from gateway.rest.agentmessage.params import Params
from gateway.rest.vendor import Asked
from models import Plan
from models.base import EPOCH
from models.errors import InvalidCursor, InvalidInput, WindowTooLarge
from resolvers.cursors import Cursors
from resolvers.limits import check_granularity
from resolvers.periods import FIRST, Granularity

WIDTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True)
class Query:
    """What is asked, with defaults filled in: what a cursor pins."""

    metric: str
    start: datetime
    end: datetime
    granularity: str
    group_by: str | None
    compare_to: str | None

    @property
    def width(self) -> timedelta:
        """How long a bucket is."""
        return WIDTHS[self.granularity]

    @cached_property
    def count(self) -> int:
        """How many buckets the window has, a cut one included."""
        return -((self.start - self.end) // self.width)

    @property
    def prior_start(self) -> datetime:
        """Where the window of as many buckets right before this one starts."""
        return self.start - self.count * self.width


@dataclass(frozen=True)
class Page:
    """One page of a query: `size` buckets from `start` on, as they were known `as_of`."""

    family: str
    query: Query
    cursors: Cursors
    limit: int
    start: datetime
    as_of: datetime | None = None

    @cached_property
    def size(self) -> int:
        """How many buckets it has."""
        return min(self.limit, replace(self.query, start=self.start).count)

    @cached_property
    def end(self) -> datetime:
        """Where its last bucket ends."""
        return self.start + self.size * self.query.width


def understand(asked: Asked[Any]) -> Page:
    """The page that is wanted. Raises, in this order: InvalidInput, what the plan forbids, InvalidCursor."""
    params, plan = asked.params, asked.caller.plan
    page, refused = None, None
    if params.cursor is not None:
        try:
            page = _opened(params, asked.cursors)
        except InvalidCursor as error:
            refused = error  # told only when nothing else is wrong
    query = _query(params, None if page is None else page.query, plan, asked.now)
    check_granularity(plan, Granularity(query.granularity))
    if query.count > plan.max_buckets:
        raise WindowTooLarge(bucket_count=query.count, max_buckets=plan.max_buckets)
    if refused is not None:
        raise refused
    if page is None:
        return Page(params.family, query, asked.cursors, params.limit, query.start)
    if wrong := [name for name in _given(params) if getattr(query, name) != getattr(page.query, name)]:
        names = {"start": "from", "end": "to"}
        raise InvalidCursor(fields={names.get(name, name): "disagrees with the cursor" for name in wrong})
    return page


def _given(params: Params) -> list[str]:
    return [name for name in Query.__dataclass_fields__ if name in params.model_fields_set]


def _query(params: Params, pinned: Query | None, plan: Plan, now: datetime) -> Query:
    """What is given, else what the cursor pins, else our defaults. Raises InvalidInput."""
    fine = Granularity(plan.max_granularity).rank <= Granularity.HOUR.rank
    granularity = params.granularity or (pinned.granularity if pinned else "hour" if fine else "day")
    end = params.end or (pinned.end if pinned else now.replace(microsecond=0))
    span = timedelta(days=30) if granularity == "day" else timedelta(hours=24)
    start = params.start or (pinned.start if pinned else end - span)
    if start >= end and (pinned is None or (params.start and params.end)):
        raise InvalidInput(fields={"from": "must be earlier than 'to'"})
    # a repeated `from` meets the pinned one only when both are cut alike
    width = WIDTHS[pinned.granularity if pinned else granularity]
    query = Query(
        params.metric,
        start - (start - EPOCH) % width,
        end,
        granularity,
        params.group_by,
        params.compare_to,
    )
    if query.start < FIRST:
        raise InvalidInput(fields={"from": "must not be earlier than 1970-01-08"})
    if query.compare_to and query.prior_start < FIRST:
        raise InvalidInput(fields={"compare_to": "the prior period would begin before 1970-01-08"})
    return query


def next_cursor(page: Page, as_of: datetime) -> str | None:
    """The cursor of the page after this one; None when there is none."""
    if page.end >= page.query.end:
        return None
    query = page.query
    moments = [moment.isoformat() for moment in (query.start, query.end, page.end, as_of)]
    names = [query.metric, query.granularity, query.group_by, query.compare_to]
    return page.cursors.seal(_seal(page.family), [*moments, *names])


def _opened(params: Params, cursors: Cursors) -> Page:
    """The page that the cursor leads to. Raises InvalidCursor."""
    sealed = cursors.open(params.cursor or "", _seal(params.family))
    start, end, first, as_of = map(datetime.fromisoformat, sealed[:4])
    metric, granularity, group_by, compare_to = sealed[4:]
    query = Query(metric, start, end, granularity, group_by, compare_to)
    return Page(params.family, query, cursors, params.limit, first, as_of)


def _seal(family: str) -> list[str]:
    # the names of the fields: a cursor of a release that sealed others does not open
    return ["agentmessage", family, *Query.__dataclass_fields__]
