"""Requests sent and answers compared: what is another's in them, and what they tell of what is another's."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx2

from probe.answer import Answer, answer_of
from probe.tenants import Tenant
from probe.tries import Ask, Try, as_of

BUSY = 503
PARTLY_BUSY = re.compile(r'"code":"(UNAVAILABLE|TOOK_TOO_LONG)"')  # one field of a document
PATIENCE_S = (0.2, 0.5, 1, 2, 4)  # how long to wait before each time a busy gateway is asked again
AGAIN = 2  # what differs is asked again: a second may have passed in between


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
        self._clients, self._turns = clients, cycle(range(len(clients)))
        self._headers, self.strangers, self.found = headers, strangers, found
        self._signs = re.compile("|".join(map(re.escape, strangers.signs)), re.IGNORECASE)

    async def answer(self, ask: Ask, gateway: int | None = None) -> Answer:
        """What comes back, from whichever gateway's turn it is."""
        return answer_of(await self._sent(ask, gateway))

    async def _sent(self, ask: Ask, gateway: int | None = None) -> httpx2.Response:
        """What comes back; a gateway that is busy is asked again, some times."""
        for wait_s in (*PATIENCE_S, None):
            self.found.requests += 1
            client = self._clients[next(self._turns) if gateway is None else gateway]
            headers = {**self._headers, **ask.headers}
            response = await client.request(
                ask.method, ask.path, params=ask.params or None, json=ask.body, headers=headers
            )
            is_busy = response.status_code == BUSY or PARTLY_BUSY.search(response.text) is not None
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

    async def check(self, one: Try, owner: Asker) -> None:
        """Try it once its owner has asked the same gateway, which may keep the answer; note what leaks."""
        self.found.tried[one.group] += 1
        gateway = next(self._turns)
        if one.unknown is not None:
            told = await owner.answer(as_of(self.strangers, one.foreign), gateway)
            self.found.owned[one.group] += told.status < 400
        for attempt in range(1 + AGAIN):
            foreign = await self.answer(one.foreign, gateway)
            if met := self.foreign(foreign, one.foreign.said):
                self.found.leak(one.group, f"another's {met!r}", one.foreign)
                return
            if foreign.status >= 500:
                self.found.leak(one.group, f"status {foreign.status}", one.foreign)
                return
            if one.unknown is None:
                break
            unknown = await self.answer(one.unknown, gateway)
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
