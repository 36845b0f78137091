"""Rows that are kept as columns: nobody makes an object for each of ten thousand buckets.

The bulk executor reads them column by column; to everybody else they are a sequence of objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, TypeAlias, overload

from resolvers.periods import Buckets

FOR_ALL = "for_all"  # in a field's metadata: async (parents, info, **arguments) → a value for each parent
Column: TypeAlias = Sequence[Any]


class Rows(Sequence[Any]):
    """So many rows; `column_of` works out a column of them, once, when somebody looks at it. `nulls` are the
    places where there is no row, of whose values a column may hold anything."""

    def __init__(
        self, size: int, column_of: Callable[[str], Column], nulls: frozenset[int] = frozenset()
    ) -> None:
        self.nulls = nulls
        self._size, self._column_of = size, column_of
        self._made: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """A value for each row."""
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._column_of(name)
        return found

    @staticmethod
    def joined(parts: Sequence[Rows]) -> Rows:
        """Rows one after another, all of the kind of the first."""
        nulls = frozenset(_shifted(parts))
        return Rows(sum(map(len, parts)), lambda name: chained([one.column(name) for one in parts]), nulls)

    @property
    def there(self) -> Rows:
        """The rows that are no nulls."""
        kept = [place for place in range(self._size) if place not in self.nulls]

        def picked(name: str) -> Column:
            column = self.column(name)
            return [column[place] for place in kept]

        return Rows(len(kept), picked)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(self._size))]
        if not -self._size <= place < self._size:
            raise IndexError(place)
        place %= self._size
        return None if place in self.nulls else _Row(self, place)

    def __len__(self) -> int:
        return self._size


class _Row:
    """One row as an object."""

    def __init__(self, rows: Rows, place: int) -> None:
        self._rows, self._place = rows, place

    def __getattr__(self, name: str) -> Any:
        try:
            return self._rows.column(name)[self._place]
        except KeyError:
            raise AttributeError(name) from None


class Moments(Sequence[datetime]):
    """Moments with the texts that JSON tells them by; as moments nobody may ever ask for them."""

    def __init__(self, texts: list[bytes], moments: Callable[[], Sequence[datetime]]) -> None:
        self.texts, self._moments = texts, moments

    @overload
    def __getitem__(self, place: int) -> datetime: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[datetime]: ...
    def __getitem__(self, place: int | slice) -> Any:
        return self._moments()[place]

    def __len__(self) -> int:
        return len(self.texts)


def bounds(buckets: Buckets, start: int, stop: int) -> Moments:
    """The bounds of buckets at the places [start, stop)."""
    return Moments(buckets.texts[start:stop], lambda: buckets.moments[start:stop])


def chained(columns: Sequence[Column]) -> Column:
    """The values of several columns one after another."""
    if len(columns) == 1:
        return columns[0]
    full: list[Any] = [column for column in columns if len(column)]
    if full and all(isinstance(column, Rows) for column in full):
        return full[0].joined(full)
    if full and all(isinstance(column, Moments) for column in full):
        texts = list(chain.from_iterable(column.texts for column in full))
        return Moments(texts, lambda: list(chain.from_iterable(full)))
    return list(chain.from_iterable(full))


def _shifted(parts: Iterable[Rows]) -> Iterator[int]:
    size = 0
    for part in parts:
        yield from (size + place for place in part.nulls)
        size += len(part)


def repeated(column: Column, times: int) -> Column:
    """A column so many times over."""
    if times == 1:
        return column
    if isinstance(column, Moments):
        return Moments(column.texts * times, lambda: list(column) * times)
    return list(column) * times
