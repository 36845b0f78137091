"""Lines to PostgreSQL that end when nobody is at their other end any more, however long an answer may take.

A statement may rightly be silent for an hour, a dead line is silent for ever. The system can tell one from
the other: it asks the other end's system now and then, and what was sent must be confirmed. So a line ends
as well when its other end is there, but has not read for a minute what is sent to it.
"""

from __future__ import annotations

import socket
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

ASKED_EVERY_S, TIMES = 5, 3
# for what was sent, since a disk may stall for some seconds; on Linux it decides of the asking, too
UNCONFIRMED_S = 60
ENDED_WITHIN_S = ASKED_EVERY_S + max(ASKED_EVERY_S * TIMES, UNCONFIRMED_S)
# as systems spell them; what one does not have, it decides itself
OPTIONS = {
    "TCP_KEEPIDLE": ASKED_EVERY_S,
    "TCP_KEEPALIVE": ASKED_EVERY_S,  # macOS means the same
    "TCP_KEEPINTVL": ASKED_EVERY_S,
    "TCP_KEEPCNT": TIMES,
    "TCP_USER_TIMEOUT": UNCONFIRMED_S * 1000,
}
# the same at PostgreSQL's end: a gateway that has gone with its machine must not hold a snapshot for ever
SETTINGS = {
    "tcp_keepalives_idle": str(ASKED_EVERY_S),
    "tcp_keepalives_interval": str(ASKED_EVERY_S),
    "tcp_keepalives_count": str(TIMES),
    "tcp_user_timeout": str(UNCONFIRMED_S * 1000),
}


def engine_of(url: str | sa.URL, **options: Any) -> AsyncEngine:
    """SQLAlchemy's engine, of which every connection to PostgreSQL ends when its line is dead."""
    engine = create_async_engine(url, **options)
    if engine.dialect.name == "postgresql":
        sa.event.listen(engine.sync_engine, "connect", lambda one, _: ask_at_times(one.driver_connection))
    return engine


def ask_at_times(connection: Any) -> None:
    """Let the system find out whether the line of this connection of asyncpg's is dead. Raises OSError when
    it is closed already."""
    line = connection._transport.get_extra_info("socket")
    if line.family not in (socket.AF_INET, socket.AF_INET6):
        return  # a Unix socket cannot be cut
    if line.fileno() < 0:  # uvloop would raise ValueError
        raise ConnectionError("the connection to PostgreSQL was lost")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in OPTIONS.items():
        if (option := getattr(socket, name, None)) is not None:
            line.setsockopt(socket.IPPROTO_TCP, option, value)
