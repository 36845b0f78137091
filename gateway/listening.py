"""The server that listens: uvicorn as we want it, for the command and for tests alike."""

from __future__ import annotations

from typing import Any

import uvicorn
from starlette.applications import Starlette

from gateway.connection import Connection, Upgraded
from gateway.graphql.requests import MAX_BODY

GRACE_S = 15  # for running requests when it is told to stop
IDLE_S = 30  # for a connection on which nothing is asked
PING_S = 20.0  # between a WebSocket's pings, and for the answer to one


def server(app: Starlette, **more: Any) -> uvicorn.Server:
    """A server of the application; `more` is told to uvicorn, such as host and port."""
    config = uvicorn.Config(
        app,
        http=Connection,
        ws=Upgraded,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=IDLE_S,
        ws_max_size=2 * MAX_BODY,
        ws_per_message_deflate=False,  # half a megabyte unpacks to half a gigabyte, all of it at once
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        **more,
    )
    return uvicorn.Server(config)
