"""A request whose headers are looked up, not searched for: answering asks for a dozen of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request


class QuickRequest(Request):
    """A request as any other."""

    @cached_property
    def headers(self) -> Headers:
        """Its headers."""
        return _Indexed(scope=self.scope)


class _Indexed(Headers):
    """Headers by their names; of several with the same the first counts, as in any other."""

    @cached_property
    def _first(self) -> dict[bytes, bytes]:
        return dict(reversed(self._list))

    def __getitem__(self, key: str) -> str:
        return self._first[key.lower().encode("latin-1")].decode("latin-1")

    def get(self, key: Any, default: Any = None, /) -> Any:
        """The first header of this name."""
        found = self._first.get(key.lower().encode("latin-1"))
        return default if found is None else found.decode("latin-1")
