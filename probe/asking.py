"""Requests sent and answers compared: what is the same but for what was asked, and what is another's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from probe.tenants import Tenant
from probe.tries import Ask, Try

AWAY = 503
AGAIN = 2  # what differs is asked again: a second may have passed in between
MASKED = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"), "<moment>"),
    (re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b"), "<request>"),
    (re.compile(r'(?i)("request_?id"): ?"[^"]*"'), r"\1:<request>"),
    (re.compile(r"exp_[0-9A-Za-z]{22}"), "<export>"),
    (re.compile(r'(?i)("\w*cursor"): ?"[^"]*"'), r"\1:<sealed>"),  # it holds what was asked
)


@dataclass(frozen=True)
class Answer:
    """What came back, as two twins must have it in common."""

    status: int
    kind: str
    text: str

    def without(self, said: Sequence[str]) -> Answer:
        """With what was asked taken out of it, and what is of the moment."""
        return Answer(self.status, self.kind, masked(self.text, said))


def masked(text: str, said: Sequence[str]) -> str:
    """A text without what was asked, and without what is of the moment."""
    for word in sorted(said, key=len, reverse=True):
        text = text.replace(word, "<asked>")
    for pattern, name in MASKED:
        text = pattern.sub(name, text)
    return text


@dataclass
class Found:
    """What has been tried, and what leaked: the group, what, and the request."""

    requests: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)  # of them with success
    leaks: list[tuple[str, str, str]] = field(default_factory=list)

    def leak(self, group: str, what: str, ask: Ask) -> None:
        """Note one."""
        self.leaks.append((group, what, ask.about()))


class Asker:
    """Asks as one tenant; another's signs must be in no answer."""

    def __init__(
        self, client: httpx2.AsyncClient, headers: dict[str, str], strangers: Tenant, found: Found
    ) -> None:
        self._client, self._headers, self.strangers, self.found = client, headers, strangers, found
        self._signs = re.compile("|".join(map(re.escape, strangers.signs)), re.IGNORECASE)

    async def answer(self, ask: Ask) -> Answer:
        """What comes back."""
        self.found.requests += 1
        response = await self._client.request(
            ask.method,
            ask.path,
            params=ask.params or None,
            json=ask.body,
            headers={**self._headers, **ask.headers},
        )
        return Answer(response.status_code, response.headers.get("content-type", ""), response.text)

    def foreign(self, answer: Answer, said: Sequence[str] = ()) -> str | None:
        """What of the strangers' is in an answer, beside what was asked."""
        met = self._signs.search(answer.without(said).text)
        return None if met is None else met[0]

    async def check(self, one: Try) -> None:
        """Try it, and note what leaks."""
        self.found.tried[one.group] += 1
        for attempt in range(1 + AGAIN):
            foreign = await self.answer(one.foreign)
            if met := self.foreign(foreign, one.foreign.said):
                self.found.leak(one.group, f"another's {met!r}", one.foreign)
                return
            if foreign.status == AWAY and attempt < AGAIN:
                continue  # a machine that has too much to do
            if foreign.status >= 500:
                self.found.leak(one.group, f"status {foreign.status}", one.foreign)
                return
            if one.unknown is None:
                break
            unknown = await self.answer(one.unknown)
            if foreign.without(one.foreign.said) == unknown.without(one.unknown.said):
                break
            if attempt == AGAIN:
                self.found.leak(one.group, "not as of nobody's", one.foreign)
        self.found.answered[one.group] += foreign.status < 400

    async def tag(self, ask: Ask) -> str | None:
        """The ETag of what comes back, if it has one."""
        self.found.requests += 1
        response = await self._client.request(
            ask.method, ask.path, params=ask.params or None, headers=self._headers
        )
        return response.headers.get("etag")

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a document that must run."""
        body = {"query": query, "variables": variables}
        self.found.requests += 1
        response = await self._client.post("/graphql", json=body, headers=self._headers)
        told = response.json()
        if response.status_code != 200 or "errors" in told:
            raise RuntimeError(f"{query} is answered with {response.text[:300]}")
        return told["data"]
