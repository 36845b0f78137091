"""Streams end with the key that opened them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from gateway.answer import Answer, refused
from models.errors import HeliographError


async def while_welcome(
    answers: AsyncGenerator[Answer], check: Callable[[], Awaitable[object]]
) -> AsyncGenerator[Answer]:
    """The answers, each once `check` has passed; its error is the last one."""
    async with aclosing(answers):
        async for answer in answers:
            try:
                await check()
            except HeliographError as error:
                yield refused(error)
                return
            yield answer
