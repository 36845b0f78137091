"""A gateway on a port of its own, in the loop of the tests: for what needs real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gateway.app import create_app
from gateway.listening import server
from gateway.web.graphiql import PageSettings
from tests.house import House


@asynccontextmanager
async def listening(house: House, page: PageSettings | None = None) -> AsyncGenerator[str]:
    """The address of the house while it listens, without its scheme: '127.0.0.1:4711'."""
    listens = server(create_app(house.gateway, page), port=0, lifespan="off")
    serving = asyncio.create_task(listens._serve())
    while not listens.started:  # noqa: ASYNC110  uvicorn tells it no other way
        await asyncio.sleep(0.01)
    try:
        yield f"127.0.0.1:{listens.servers[0].sockets[0].getsockname()[1]}"
    finally:
        listens.should_exit = listens.force_exit = True
        await serving
