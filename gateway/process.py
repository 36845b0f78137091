"""How this process handles its memory."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


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
