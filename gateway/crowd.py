"""How many questions are answered at once: beyond so many, one more would only make everybody wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from models.errors import Unavailable

TOO_MANY = "Too many questions are being answered at once; try again in a moment."


class Crowd:
    """The questions of this process that have no answer yet: `most` at once, and of each organization half as
    many, so that none locks the others out."""

    def __init__(self, most: int) -> None:
        self._most, self._share, self.size = most, max(1, most // 2), 0
        self._of = Counter[int]()

    @contextmanager
    def joined(self, organization_id: int) -> Generator[None]:
        """One of them, for as long as it takes. Raises Unavailable at once when it is one too many."""
        if self.size >= self._most or self._of[organization_id] >= self._share:
            raise Unavailable(TOO_MANY)
        self.size += 1
        self._of[organization_id] += 1
        try:
            yield
        finally:
            self.size -= 1
            self._of[organization_id] -= 1
            if not self._of[organization_id]:
                del self._of[organization_id]
