"""How this process runs, and handles its memory."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any

ENDS_WITHIN_S = 5.0  # requests had fifteen before; who runs us kills after thirty


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, on the quickest event loop that is installed."""
    from uvicorn.loops.auto import auto_loop_factory  # noqa: PLC0415  commands that end soon need no other loop

    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(main)


async def ended(*tasks: asyncio.Task[None]) -> None:
    """Wait until all have ended that were told to; who still waits for a store that is silent is cut off.

    Raises what broke any of them.
    """
    done, silent = await asyncio.wait(tasks, timeout=ENDS_WITHIN_S)
    for task in silent:
        task.cancel()
    await asyncio.gather(*silent, return_exceptions=True)
    broken = [error for task in done if not task.cancelled() and (error := task.exception())]
    if broken:
        raise BaseExceptionGroup("some of what ran beside the requests broke", broken)


@contextmanager
def loading() -> Generator[None]:
    """What is loaded within stays for good, so nobody looks through it for garbage."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        settle()


def settle() -> None:
    """Let the garbage collector pass over what is loaded for good, and look less often at the rest.

    A batch makes a hundred thousand objects without a cycle among them; looking through them again and
    again took a third of the time of an intake.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
