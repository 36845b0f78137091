"""Answers that are kept, so that the same question costs neither a statement nor a run of its document.

question ──known of the organization──▶ kept and still true? ──▶ bytes
                                        else ──at the door──▶ bytes, kept when they may be

An answer is true for as long as nothing it was made of has moved: what is known of its organization, and only
when it stands on them, the watermarks that it shows and the second in which it was asked.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from graphql import OperationType

from gateway.answer import Answer
from gateway.door import ANY_OPERATION, QUERY_ONLY, Document, Door
from gateway.revalidation import print_of
from resolvers.caller import Caller
from resolvers.grounds import Grounds
from resolvers.watermarks import Progress
from schema.keeping import Made, made_of

LARGEST_SHARE = 8  # one answer takes an eighth of the room at most
OVERHEAD = 1_000  # bytes of an entry besides its texts
SETTLED = "private, max-age=60"  # only records that come late can still move it
MOVING = "private, no-cache"
NEVER = "private, no-store"


class Asked(NamedTuple):
    """A question, and all that its answer depends on besides what is known of the organization that asks."""

    organization_id: int
    timezone: str
    plan: str
    scopes: frozenset[str]
    text: str
    operation: str | None
    variables: bytes

    @property
    def size(self) -> int:
        """Bytes, more or less."""
        return len(self.text) + len(self.variables)


@dataclass(frozen=True)
class Reply:
    """An answer as bytes, and how long the caller may keep it. `answer` is what came of it just now; None
    when it was kept."""

    body: bytes
    cache_control: str
    answer: Answer | None = None

    @cached_property
    def print(self) -> bytes:
        """What stands for it in its tag; worked out once, for who reads with GET."""
        return print_of(self.body)


@dataclass
class _Kept:
    reply: Reply
    progress: Progress
    grounds: Grounds

    def holds(self, found: Progress, clock: Callable[[], datetime]) -> bool:
        """Whether nothing has moved that it was made of."""
        if self.progress is not found:
            if not _is_same(self.progress, found, self.grounds.marks):
                return False
            self.progress = found  # the next look is quicker
        at = self.grounds.now
        return at is None or at.replace(microsecond=0) == clock().replace(microsecond=0)


class Answers:
    """Asks at the door whatever is not kept; `most` bytes are. With none, everything is asked."""

    def __init__(self, door: Door, most: int) -> None:
        self._door, self._most, self._held = door, most, 0
        self.given, self.made = 0, 0  # answers that were kept, and those that the door was asked for
        self._kept: OrderedDict[Asked, _Kept] = OrderedDict()
        self._under_way: dict[Asked, asyncio.Event] = {}

    @property
    def held(self) -> int:
        """How many bytes are kept."""
        return self._held

    def at_hand(self, caller: Caller, document: Document) -> Reply | None:
        """What is kept and true, when that can be told without reading anything."""
        text = self._door.registry.at_hand(document.id, document.text)
        if text is None or not self._kept:
            return None
        asked = _asked(caller, document, text)
        if asked not in self._kept:
            return None
        found = self._door.knowledge.at_hand(asked.organization_id)
        return None if found is None else self._look(asked, found)

    async def ask(
        self,
        caller: Caller,
        document: Document,
        operations: frozenset[OperationType] = ANY_OPERATION,
        anew: bool = False,
    ) -> Reply:
        """What is kept, if it is still true, unless it is wanted `anew`. Never raises, as the door."""
        try:
            asked = await self._asked(caller, document)
            found = None if asked is None else await self._known(asked)
        except Exception:  # noqa: BLE001  whatever it is, the door meets it again and tells it
            asked = found = None
        if asked is None or found is None:
            return await self._reply(caller, document, operations)
        if not anew and (kept := await self._true(asked, found)) is not None:
            return kept
        done = self._under_way[asked] = asyncio.Event()
        try:
            reply = await self._reply(caller, document, operations)
            return self._kept_if_it_may(asked, found, reply)
        finally:
            done.set()
            if self._under_way.get(asked) is done:
                del self._under_way[asked]

    async def _asked(self, caller: Caller, document: Document) -> Asked | None:
        """The question, if its answer may be kept."""
        if not self._most:
            return None
        asked = _asked(caller, document, await self._door.registry.text(document.id, document.text))
        return asked if asked in self._kept or self._made_of(asked) is not Made.OTHERWISE else None

    async def _known(self, asked: Asked) -> Progress | None:
        """How far counting has come; None while nobody can tell for how long that is true."""
        knowledge, key = self._door.knowledge, asked.organization_id
        if (found := knowledge.at_hand(key)) is not None:
            return found
        return None if self._door.store.version.now() is None else await knowledge.of(key)

    def _made_of(self, asked: Asked) -> Made:
        schema = self._door.schema
        ready = schema.documents.ready(asked.text)
        if asked.operation not in ready.made:
            operation = ready.operation(asked.operation)
            if operation is None or ready.is_deferred:  # parts are not kept
                return Made.OTHERWISE
            ready.made[asked.operation] = made_of(schema._schema, ready.document, operation)
        return ready.made[asked.operation]

    async def _true(self, asked: Asked, found: Progress) -> Reply | None:
        """What is kept and true, or becomes so while we wait for who asks the same right now."""
        if (kept := self._look(asked, found)) is None and asked in self._under_way:
            await self._under_way[asked].wait()
            kept = self._look(asked, found)
        return kept

    def _look(self, asked: Asked, found: Progress) -> Reply | None:
        kept = self._kept.get(asked)
        if kept is None or not kept.holds(found, self._door.clock):
            return None
        self._kept.move_to_end(asked)
        self.given += 1
        return kept.reply

    async def _reply(self, caller: Caller, document: Document, operations: frozenset[OperationType]) -> Reply:
        self.made += 1
        answer = await self._door.ask(caller, document, operations)
        is_read = operations is QUERY_ONLY and not answer.errors
        return Reply(orjson.dumps(answer.body), MOVING if is_read else NEVER, answer)

    def _kept_if_it_may(self, asked: Asked, found: Progress, reply: Reply) -> Reply:
        """The reply, and kept under what was known before it was made."""
        answer = reply.answer
        if answer is None or answer.grounds is None or answer.errors:
            return reply
        is_settled = self._made_of(asked) is Made.OF_NUMBERS and _is_settled(answer.grounds)
        reply = replace(reply, cache_control=SETTLED if is_settled else MOVING)
        exact = asked._replace(variables=_exact(asked.variables))
        self._keep(exact, _Kept(replace(reply, body=_exact(reply.body), answer=None), found, answer.grounds))
        return reply

    def _keep(self, asked: Asked, kept: _Kept) -> None:
        if _size(asked, kept) * LARGEST_SHARE > self._most:
            return
        if (before := self._kept.pop(asked, None)) is not None:
            self._held -= _size(asked, before)
        self._kept[asked] = kept
        self._held += _size(asked, kept)
        while self._held > self._most:
            self._held -= _size(*self._kept.popitem(last=False))


def _asked(caller: Caller, document: Document, text: str) -> Asked:
    return Asked(*caller.rights, text, document.operation, document.written)


def _exact(written: bytes) -> bytes:
    """The same in no more memory than it takes: orjson's own bytes hold four kilobytes at least."""
    return bytes(bytearray(written))


def _size(asked: Asked, kept: _Kept) -> int:
    return asked.size + len(kept.reply.body) + OVERHEAD


def _is_settled(grounds: Grounds) -> bool:
    return grounds.is_settled and grounds.now is None and not grounds.marks


def _is_same(one: Progress, other: Progress, marks: set[str]) -> bool:
    """Whether two moments differ only in watermarks that nobody was shown."""
    return _moved(one, marks) == _moved(other, marks)


def _moved(known: Progress, marks: set[str]) -> tuple[Any, ...]:
    shown = [known.marks[fact].as_of for fact in sorted(marks)]
    return known.revisions, known.batches, known.kept, known.minutes_from, shown
