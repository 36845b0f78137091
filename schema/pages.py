"""A page of a series: its buckets as rows and as columns, worked out when somebody looks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from models.errors import InvalidCursor
from resolvers.periods import Window
from resolvers.series import Group, Series, in_order, value
from schema.context import Context
from schema.paging import PageInfo
from schema.rows import Column, Rows, bounds, chained, repeated
from schema.series import BucketGroup, Columns, GroupColumn, SeriesComparison
from schema.sizes import COLUMN
from schema.time import State, WindowType


class Page:
    """Which buckets of a series are wanted, `first` of them from a place on, and which fields of them."""

    def __init__(
        self, series: Series, metric: str, start: int, first: int | None, names: frozenset[str]
    ) -> None:
        self.series, self.metric, self.names = series, metric, names
        self.start = start
        self.stop = len(series.buckets) if first is None else min(start + first, len(series.buckets))

    def values_of_rows(self) -> int:
        """How many values this page holds as rows."""
        groups = len(self.series.table.groups) if "groups" in self.names else 0
        metrics = len(self.series.table.sums) if "metrics" in self.names else 0
        return (self.stop - self.start) * (5 + metrics + 3 * groups)

    def values_worked_out(self) -> int:
        """How many values the whole series takes to work out, and to hold as columns."""
        columns = 2 if self.names & {"columns", "prior_columns"} else 1
        return int(COLUMN * len(self.series.buckets) * (1 + len(self.series.table.groups)) * columns)

    def cut(self, items: list[Any]) -> list[Any]:
        """This page's part of a column."""
        return items if self.stop - self.start == len(items) else items[self.start : self.stop]

    def is_like(self, other: Self) -> bool:
        """Whether it shows the same buckets, as far counted."""
        one, two = self.series, other.series
        places = (self.start, self.stop, one.as_of) == (other.start, other.stop, two.as_of)
        return places and one.buckets is two.buckets and one.table.expired == two.table.expired


@dataclass(frozen=True)
class Place:
    """Where a page starts, and the window and watermark that its cursor is pinned to."""

    start: int = 0
    window: Window | None = None
    as_of: datetime | None = None


def opened(here: Context, after: str | None, shape: Callable[[], Any]) -> Place:
    """The place after a cursor; the beginning without one."""
    if after is None:
        return Place()
    sealed = here.cursors.open(after, shape())
    if len(sealed) != 4:
        raise InvalidCursor()
    as_of, start, end = map(datetime.fromisoformat, sealed[1:])
    return Place(int(sealed[0]) + 1, Window(start, end), as_of)


class Answered:
    """A series as the GraphQL type of its buckets sees it: each field is worked out when somebody looks."""

    def __init__(self, here: Context, page: Page, shape: Callable[[], Any]) -> None:
        self.found, self.counted = page.series, page.metric
        self._cursors, self._page, self._shape = here.cursors, page, shape

    @property
    def granularity(self) -> Any:
        return self.found.question.granularity

    @property
    def timezone(self) -> str:
        return self.found.question.zone

    @property
    def as_of(self) -> datetime:
        return self.found.as_of

    @property
    def bucket_count(self) -> int:
        return len(self.found.buckets)

    @property
    def window(self) -> WindowType:
        return _window(self.found)

    @property
    def total(self) -> Any:
        return self.found.total(self.counted)

    @property
    def page_info(self) -> PageInfo:
        page, is_empty = self._page, self._page.stop == self._page.start
        return PageInfo(
            has_next_page=page.stop < self.bucket_count,
            has_previous_page=page.start > 0,
            start_cursor=None if is_empty else self._cursor(page.start),
            end_cursor=None if is_empty else self._cursor(page.stop - 1),
        )

    def _cursor(self, place: int) -> str:
        window = self.found.question.window
        assert window is not None
        pinned = [end.isoformat() for end in (self.as_of, window.start, window.end)]
        return self._cursors.seal(self._shape(), [place, *pinned])

    @property
    def columns(self) -> Columns:
        return _columns(self._page)

    @property
    def prior_columns(self) -> Columns | None:
        return _prior_columns(self._page)

    @property
    def comparison(self) -> SeriesComparison | None:
        return _comparison(self.found, self.counted)

    @property
    def buckets(self) -> Rows:
        return BucketRows([self._page])


def answered(here: Context, page: Page, shape: Callable[[], Any]) -> Answered:
    """A series as GraphQL answers with it.

    Each value is taken from the budget of the request; those of rows are many, and dear.
    """
    here.budget.spend(page.values_worked_out())
    if "buckets" in page.names:
        here.budget.spend(page.values_of_rows())
    return Answered(here, page, shape)


def _window(series: Series) -> WindowType:
    window = series.buckets.window
    return WindowType(start=window.start, end=window.end)


def _prior(page: Page) -> list[Any] | None:
    """The metric of the earlier twin, one for each bucket of the whole series."""
    if page.series.prior is None:
        return None
    values = page.series.prior.values(page.metric)
    size = len(page.series.buckets)
    return [*values[:size], *[None] * (size - len(values))]


def _columns(page: Page, groups: list[Group] | None = None) -> Columns:
    series, prior = page.series, _prior(page)
    starts, ends = _COLUMNS["start"](page), _COLUMNS["end"](page)
    return Columns(
        start=starts,
        end=ends,
        state=_states(page),
        value=page.cut(series.values(page.metric)),
        prior_start=None if prior is None else [_prior_start(series, at) for at in _places(page)],
        prior_value=None if prior is None else page.cut(prior),
        groups=_group_columns(page, groups or _groups(series)) if series.question.by else None,
    )


def _prior_columns(page: Page) -> Columns | None:
    prior = page.series.prior
    if prior is None:
        return None
    return _columns(Page(prior, page.metric, 0, None, page.names), _groups(page.series))


def _places(page: Page) -> range:
    return range(page.start, page.stop)


def _group_columns(page: Page, groups: list[Group]) -> list[GroupColumn]:
    series, prior = page.series, page.series.prior
    return [
        GroupColumn(
            key=key_of(group),
            value=page.cut(series.values(page.metric, group)),
            total=series.total(page.metric, group),
            prior_value=None if prior is None else page.cut(_prior_of(page, group)),
            prior_total=None if prior is None else prior.total(page.metric, group),
        )
        for group in groups
    ]


def _groups(series: Series) -> list[Group]:
    """The groups that have any number in the series or in its earlier twin, in order of their names."""
    if series.prior is None:
        return series.groups
    return in_order((*series.groups, *series.prior.groups))


class BucketRows(Rows):
    """The buckets of pages, one page after another."""

    def __init__(self, pages: list[Page]) -> None:
        super().__init__(sum(page.stop - page.start for page in pages), self._column_of)
        self._pages = pages

    @staticmethod
    def joined(parts: Sequence[Rows]) -> Rows:
        """Several of them as one."""
        return BucketRows([page for part in parts if isinstance(part, BucketRows) for page in part._pages])

    def _column_of(self, name: str) -> Column:
        if name == "metrics":
            return Rows(len(self), self._measured, self._nulls())
        if name == "value":
            return self._measured(self._pages[0].metric)
        column = _COLUMNS[name]
        if name in SHARED and self._are_alike:
            return repeated(column(self._pages[0]), len(self._pages))
        return chained([column(page) for page in self._pages])

    def _measured(self, name: str) -> list[Any]:
        """Every measure whose sums were read, of each bucket."""
        if len(self._pages) == 1:
            return self._pages[0].cut(self._pages[0].series.values(name))
        return [value for page in self._pages for value in page.cut(page.series.values(name))]

    def _nulls(self) -> frozenset[int]:
        size, found = 0, set[int]()
        for page in self._pages:
            series = page.series
            if series.table.expired or series.known < page.stop:
                found.update(size + at - page.start for at in _places(page) if not series.is_counted(at))
            size += page.stop - page.start
        return frozenset(found)

    @cached_property
    def _are_alike(self) -> bool:
        return all(page.is_like(self._pages[0]) for page in self._pages)


def _states(page: Page) -> list[State]:
    series = page.series
    if not series.table.expired and series.final >= page.stop:
        return [State.FINAL] * (page.stop - page.start)
    return [series.state(place) for place in _places(page)]


def _group_rows(page: Page) -> list[list[BucketGroup] | None]:
    series = page.series
    if not series.question.by:
        return [None] * (page.stop - page.start)
    columns = [
        (key_of(group), series.values(page.metric, group), _prior_of(page, group))
        for group in _groups(series)
    ]
    return [
        [BucketGroup(key=key, value=now[at], prior_value=then[at]) for key, now, then in columns]
        if series.is_counted(at)
        else None
        for at in _places(page)
    ]


def _prior_of(page: Page, group: Group) -> list[Any]:
    size = len(page.series.buckets)
    values = [] if page.series.prior is None else page.series.prior.values(page.metric, group)
    return [*values[:size], *[None] * (size - len(values))]


def _prior_start(series: Series, at: int) -> datetime | None:
    if series.prior is None or at >= len(series.prior.buckets):
        return None
    return series.prior.buckets.moments[at]


SHARED = frozenset({"start", "end", "state"})  # the same for pages that are alike
_COLUMNS: dict[str, Callable[[Page], Any]] = {
    "start": lambda page: bounds(page.series.buckets, page.start, page.stop),
    "end": lambda page: bounds(page.series.buckets, page.start + 1, page.stop + 1),
    "state": _states,
    "groups": _group_rows,
    "prior_start": lambda page: [_prior_start(page.series, at) for at in _places(page)],
    "prior_value": lambda page: page.cut(_prior(page) or [None] * len(page.series.buckets)),
}


def key_of(group: Group) -> list[str]:
    """A group as GraphQL tells it."""
    return [str(part) for part in group]


def _comparison(series: Series, metric: str) -> SeriesComparison | None:
    if series.prior is None or series.elapsed is None or series.elapsed_until is None:
        return None
    fact = series.question.fact
    now, then = (None if one is None else value(fact, metric, one.total()) for one in series.elapsed)
    change = None if now is None or then is None else now - then
    return SeriesComparison(
        window=_window(series.prior),
        until=series.elapsed_until,
        total=now,
        prior_total=then,
        change=change,
        change_percent=None if change is None or not then else 100 * change / then,
    )
