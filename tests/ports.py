"""Ports for servers that are told where to listen."""

from __future__ import annotations

import random
import socket

# below those that a kernel gives to whoever asks for any, as servers for a moment and all clients do:
# nobody else may come to listen where a server has not begun yet, or is to be started again
GIVEN_TO_NOBODY = range(10_000, 32_768)


def free_port() -> int:
    """A port that nobody listens on; hardly ever is it told to two who ask."""
    while True:
        try:
            with socket.create_server(("127.0.0.1", random.choice(GIVEN_TO_NOBODY))) as taken:
                return taken.getsockname()[1]
        except OSError:
            continue
