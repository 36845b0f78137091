"""A gateway on a port of its own, in the loop of the tests: for what needs real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn

from gateway.app import create_app
from gateway.web.graphiql import PageSettings
from tests.house import House


@asynccontextmanager
async def listening(house: House, page: PageSettings | None = None) -> AsyncGenerator[str]:
    """The address of the house while it listens, without its scheme: '127.0.0.1:4711'."""
    config = uvicorn.Config(create_app(house.gateway, page), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110  uvicorn tells it no other way
        await asyncio.sleep(0.01)
    try:
        yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await serving
