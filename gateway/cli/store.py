"""How commands work on the store that the settings name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.app import open_store, secret_of
from gateway.cli.service import prepared
from gateway.settings import read_settings
from gateway.unit import Connection, run

Result = TypeVar("Result")
COMMANDS = "the operator's commands are about any organization"


def in_store(job: Callable[[Connection, str], Awaitable[Result]]) -> Result:
    """Run the job in one transaction of the configured store."""

    async def work() -> Result:
        settings = read_settings()
        await prepared(settings)
        store = open_store(settings)
        try:
            secret = await secret_of(settings, store)
            return await run(store.of_everyone(COMMANDS), lambda db: job(db, secret))
        finally:
            await store.close()

    return asyncio.run(work())
