"""Vendors' URLs as GraphiQL's gallery lists them, beside the questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Url:
    """A vendor's URL with example values; the page fills in dates such as '{90 days ago}'."""

    method: str
    address: str
    body: str
    summary: str

    @property
    def request(self) -> str:
        """The whole request, as `POST /v1/explain-url` reads it."""
        return f"{self.method} {self.address} {self.body}".strip()


@dataclass(frozen=True)
class Shelf:
    """The URLs of one vendor; `headers` are sent with them in place of the page's own."""

    name: str
    title: str
    urls: tuple[Url, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
