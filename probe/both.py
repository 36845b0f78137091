"""Both tenants at once: the same questions in the same processes, whose answers these may keep."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from probe.asking import Asker
from probe.other import EVERYTHING
from probe.rest import everything_plain
from probe.tenants import OTHER
from probe.tries import Ask

# What gateways keep the answers to. Both tenants ask it word for word, so that nothing but whose it is tells
# their answers apart: the first and the second show names, the third only numbers.
KEPT = tuple(
    Ask("POST", "/graphql", body={"query": query})
    for query in (
        "{ campaigns { edges { node { id name } } } }",
        "{ messageBuckets(groupBy: [CAMPAIGN]) { buckets { start groups { key value } } } }",
        "{ overview { messages { attempted credits costMicros } credits { granted debited amountMicros } } }",
    )
)


async def interleaved(
    own: Asker, stranger: Asker, rounds: int, seed: int, at_once: int, step: Callable[[], None]
) -> None:
    """Each is answered as when it was quiet and had a gateway to itself, whoever asked before."""
    asks = {
        own: [*KEPT, EVERYTHING, *everything_plain()],
        stranger: [*KEPT, EVERYTHING, *everything_plain(OTHER)],
    }
    quiet = {
        (asker, ask): await asker.answer(ask_, gateway)
        for gateway, asker in enumerate(asks)
        for ask, ask_ in enumerate(asks[asker])
    }
    for number, ask in enumerate(KEPT):
        if (told := quiet[own, number]).status != 200 or '"errors"' in told.text:
            raise RuntimeError(f"{ask.about()} is answered with {told.text[:300]}")
    turns = iter(random.Random(seed).choices([*quiet], k=rounds))

    async def work() -> None:
        for asker, number in turns:
            ask = asks[asker][number]
            answer = await asker.answer(ask)
            asker.found.tried["interleaved"] += 1
            asker.found.answered["interleaved"] += answer.status < 400
            if met := asker.foreign(answer):
                asker.found.leak("interleaved", f"another's {met!r}", ask)
            elif (now := answer.without(())) != (then := quiet[asker, number].without(())):
                asker.found.leak("interleaved", f"not as when it was quiet: {now.beside(then)}", ask)
            step()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
