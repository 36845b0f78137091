"""One who asks over a connection that is kept, and writes down what came of it, whatever it was."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from time import monotonic

HANGS_UP_AFTER_S = 12.0
LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
RETRY = re.compile(rb"^retry-after: *\d+", re.IGNORECASE | re.MULTILINE)
LOST, HUNG = 0, -1  # instead of a status: the line broke, or nothing came


@dataclass(frozen=True)
class Reply:
    """What came of one request that was sent `at`."""

    about: str
    at: float
    seconds: float
    status: int
    head: bytes = b""
    body: bytes = b""

    @property
    def says_when_again(self) -> bool:
        """Whether it carries Retry-After."""
        return RETRY.search(self.head) is not None


class Client:
    """Asks one thing after the other; connects anew when the line is lost."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, about: str, request: bytes) -> Reply:
        """One request, and what came of it."""
        at = monotonic()
        try:
            async with asyncio.timeout(HANGS_UP_AFTER_S):
                head, body = await self._asked(request)
        except TimeoutError:
            self.close()
            return Reply(about, at, monotonic() - at, HUNG)
        except (OSError, EOFError):
            self.close()
            return Reply(about, at, monotonic() - at, LOST)
        return Reply(about, at, monotonic() - at, int(head[9:12]), head, body)

    async def _asked(self, request: bytes) -> tuple[bytes, bytes]:
        if self._line is None:
            self._line = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._line
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if b"connection: close" in head.lower():
            self.close()
        return head, body

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line[1].close()
            self._line = None
