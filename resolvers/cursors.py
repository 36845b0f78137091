"""Cursors: a place in a list, sealed together with the question it belongs to."""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b
from typing import Any

import orjson
from itsdangerous import BadData, URLSafeSerializer

from models.errors import InvalidCursor

MAX_LENGTH = 2048


class Cursors:
    """Seals and opens cursors of one organization; nobody else's open here."""

    def __init__(self, secret: str, organization_id: int) -> None:
        self._secret, self._salt = secret, f"cursor/{organization_id}"

    @cached_property
    def _seal(self) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret, salt=self._salt)

    def seal(self, shape: Any, place: list[Any]) -> str:
        """A cursor for this place in the list of that shape (anything JSON can say)."""
        return str(self._seal.dumps([_print(shape), *place]))

    def open(self, cursor: str, shape: Any) -> list[Any]:
        """The place. Raises InvalidCursor when altered, foreign, or sealed for another shape."""
        place = self.peek(cursor)
        if place[0] != _print(shape):
            raise InvalidCursor()
        return place[1:]

    def peek(self, cursor: str) -> list[Any]:
        """What was sealed, the print of the shape first. Raises InvalidCursor when altered or foreign."""
        if len(cursor) > MAX_LENGTH:
            raise InvalidCursor()
        try:
            place = self._seal.loads(cursor)
        except BadData as error:
            raise InvalidCursor() from error
        return list(place)


def _print(shape: Any) -> str:
    return blake2b(orjson.dumps(shape, option=orjson.OPT_SORT_KEYS, default=str), digest_size=9).hexdigest()
