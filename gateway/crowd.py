"""How many are being answered at once: beyond so many, one more would only make everybody wait."""

from __future__ import annotations

from models.errors import Unavailable

TOO_MANY = "Too many requests are being answered at once; try again in a moment."


class Crowd:
    """The requests of this process that have no answer yet; `most` may be there at once."""

    def __init__(self, most: int) -> None:
        self.most, self.size = most, 0

    def check(self) -> None:
        """Raises Unavailable for a request that is one too many: at once, so that others are answered."""
        if self.size > self.most:
            raise Unavailable(TOO_MANY)
