"""Requests sent and answers compared: what is the same but for what was asked, and what is another's."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import unquote_plus

import httpx2

from probe.tenants import Tenant
from probe.tries import Ask, Try

BUSY, PARTLY_BUSY = 503, '"code":"UNAVAILABLE"'  # the latter of one field of a document
PATIENCE_S = (0.2, 0.5, 1, 2, 4)  # how long to wait before each time a busy gateway is asked again
AGAIN = 2  # what differs is asked again: a second may have passed in between
AROUND = 60  # characters shown of each answer from where they part
MASKED = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"), "<moment>"),
    (re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b"), "<request>"),
    (re.compile(r'(?i)("request_?id"): ?"[^"]*"'), r"\1:<request>"),
    (re.compile(r"exp_[0-9A-Za-z]{22}"), "<export>"),
    (re.compile(r'(?i)("\w*cursor"): ?"[^"]*"'), r"\1:<sealed>"),  # it holds what was asked
    (re.compile(r"(?i)([?&]\w*(?:cursor|after|page_token))=[^&>\s]*"), r"\1=<sealed>"),
)
ALIKE = ("link", "location", "content-disposition", "www-authenticate")  # headers that twins have in common


@dataclass(frozen=True)
class Answer:
    """What came back, as two twins must have it in common."""

    status: int
    kind: str
    text: str
    headers: str = ""  # all of them, in which nothing of another's may be
    alike: str = ""  # those that depend on what was asked

    def without(self, said: Sequence[str]) -> Answer:
        """With what was asked taken out of it, and what is of the moment."""
        text, alike = masked(self.text, said), masked(self.alike, said)
        return Answer(self.status, self.kind, text, alike=alike)

    def searched(self, said: Sequence[str]) -> str:
        """Everything in which a sign can be, but for what was asked."""
        return masked(f"{self.headers}\n{self.text}", said)

    def beside(self, other: Answer) -> str:
        """Where the two part, in a line."""
        parts = ((getattr(self, one), getattr(other, one)) for one in ("status", "kind", "alike", "text"))
        ours, theirs = next((str(a), str(b)) for a, b in parts if a != b)
        same = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), len(ours))
        at = max(0, same - AROUND // 3)
        return f"{ours[at : at + AROUND]!r} but {theirs[at : at + AROUND]!r}"


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
    busy: int = 0  # of them answered with 503 and asked again
    tried: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)  # of them with success
    owned: Counter[str] = field(default_factory=Counter)  # the same for what is one's own, with success
    leaks: list[tuple[str, str, str]] = field(default_factory=list)

    def leak(self, group: str, what: str, ask: Ask) -> None:
        """Note one."""
        self.leaks.append((group, what, ask.about()))

    def unproven(self, groups: Sequence[str]) -> list[str]:
        """The groups in which nobody was answered with success: that nothing leaked there says nothing."""
        return [one for one in groups if not self.tried[one] or not (self.answered[one] + self.owned[one])]


class Asker:
    """Asks as one tenant, each gateway in turn; another's signs must be in no answer."""

    def __init__(
        self,
        clients: Sequence[httpx2.AsyncClient],
        headers: dict[str, str],
        strangers: Tenant,
        found: Found,
    ) -> None:
        self._clients, self._turns = clients, cycle(clients)
        self._headers, self.strangers, self.found = headers, strangers, found
        self._signs = re.compile("|".join(map(re.escape, strangers.signs)), re.IGNORECASE)

    async def answer(self, ask: Ask, gateway: int | None = None) -> Answer:
        """What comes back, from whichever gateway's turn it is."""
        response = await self._sent(ask, gateway)
        kind = response.headers.get("content-type", "")
        headers, alike = _told(response), _told(response, ALIKE)
        return Answer(response.status_code, kind, response.text, headers, alike)

    async def _sent(self, ask: Ask, gateway: int | None = None) -> httpx2.Response:
        """What comes back; a gateway that is busy is asked again, some times."""
        for wait_s in (*PATIENCE_S, None):
            self.found.requests += 1
            client = next(self._turns) if gateway is None else self._clients[gateway]
            headers = {**self._headers, **ask.headers}
            response = await client.request(
                ask.method, ask.path, params=ask.params or None, json=ask.body, headers=headers
            )
            is_busy = response.status_code == BUSY or PARTLY_BUSY in response.text
            if not is_busy or wait_s is None:
                break
            self.found.busy += 1
            await asyncio.sleep(wait_s)
        return response

    def foreign(self, answer: Answer, said: Sequence[str] = ()) -> str | None:
        """What of the strangers' is in an answer, beside what was asked."""
        met = self._signs.search(answer.searched(said))
        return None if met is None else met[0]

    async def own(self, group: str, ask: Ask) -> None:
        """Ask for what is one's own, and note whether it comes."""
        answer = await self.answer(ask)
        self.found.owned[group] += answer.status < 400
        if met := self.foreign(answer):
            self.found.leak(group, f"another's {met!r}", ask)

    async def check(self, one: Try) -> None:
        """Try it, and note what leaks."""
        self.found.tried[one.group] += 1
        for attempt in range(1 + AGAIN):
            foreign = await self.answer(one.foreign)
            if met := self.foreign(foreign, one.foreign.said):
                self.found.leak(one.group, f"another's {met!r}", one.foreign)
                return
            if foreign.status >= 500:
                self.found.leak(one.group, f"status {foreign.status}", one.foreign)
                return
            if one.unknown is None:
                break
            unknown = await self.answer(one.unknown)
            ours, theirs = foreign.without(one.foreign.said), unknown.without(one.unknown.said)
            if ours == theirs:
                break
            if attempt == AGAIN:
                self.found.leak(one.group, f"not as of nobody's: {ours.beside(theirs)}", one.foreign)
        self.found.answered[one.group] += foreign.status < 400

    async def tag(self, ask: Ask) -> str | None:
        """The ETag of what comes back, if it has one."""
        return (await self._sent(ask)).headers.get("etag")

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a document that must run."""
        response = await self._sent(Ask("POST", "/graphql", body={"query": query, "variables": variables}))
        told = response.json()
        if response.status_code != 200 or "errors" in told:
            raise RuntimeError(f"{query} is answered with {response.text[:300]}")
        return told["data"]


def _told(response: httpx2.Response, names: Sequence[str] = ()) -> str:
    """Its headers as text, those of these names if there are any."""
    lines = (f"{name}: {unquote_plus(held)}" for name, held in response.headers.multi_items())
    return "\n".join(line for line in lines if not names or line.partition(":")[0] in names)
