"""A closed loop: so many connections, each asks again as soon as it has its answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from time import perf_counter

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
TAG = re.compile(rb"^etag: *([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
BIGGEST_HEAD = 1 << 16


@dataclass
class Loop:
    """What came of it: seconds each answer took, and seconds in all."""

    took: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def percentile(self, share: float) -> float:
        """The time within which this share of answers came, in milliseconds."""
        ranked = sorted(self.took)
        return 1000 * ranked[min(int(share * len(ranked)), len(ranked) - 1)]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds


def request(
    path: str, body: bytes | None = None, key: str = "", kind: str = "application/json", kept: bool = False
) -> bytes:
    """A request as it goes over the wire: GET without a body. What was kept may only answer it if `kept`."""
    lines = [
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1",
        "Host: localhost",
        "Accept: application/json",
    ]
    if not kept:
        lines.append("Cache-Control: no-cache")
    if key:
        lines.append(f"Authorization: Bearer {key}")
    if body is not None:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def unless(request: bytes, tag: bytes) -> bytes:
    """The same request by who has an answer already, whose ETag is given."""
    return request.replace(b"\r\n\r\n", b"\r\nIf-None-Match: %s\r\n\r\n" % tag, 1)


class Line:
    """One connection that is kept; `head` is that of the last answer."""

    head = b""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Line:
        """A connection to a server on this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=BIGGEST_HEAD))

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer. Raises RuntimeError when it is neither a 200 nor a 304."""
        return b"".join([part async for part in self.parts(request)])

    async def parts(self, request: bytes) -> AsyncGenerator[bytes]:
        """The same part by part, as it comes."""
        self._writer.write(request)
        self.head = head = await self._reader.readuntil(b"\r\n\r\n")
        if head[9:12] == b"304":
            return
        if head[9:12] != b"200":
            rest = await self._reader.read(500)
            raise RuntimeError(f"{head[9:12].decode()} for {request[:80]!r}: {rest!r}")
        if length := LENGTH.search(head):
            yield await self._reader.readexactly(int(length[1]))
            return
        while size := int((await self._reader.readuntil(b"\r\n"))[:-2].partition(b";")[0], 16):
            yield (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readexactly(2)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def asked(port: int, request: bytes) -> bytes:
    """One answer."""
    return (await told(port, request))[1]


async def told(port: int, request: bytes) -> tuple[bytes, bytes]:
    """One answer: its head and its body."""
    line = await Line.open(port)
    try:
        body = await line.ask(request)
        return line.head, body
    finally:
        line.close()


async def closed_loop(
    port: int, request: bytes, connections: int, seconds: float, ended: asyncio.Event | None = None
) -> Loop:
    """Ask for so many seconds, or until `ended`; each connection gets one answer at least."""
    done = Loop()
    lines = [await Line.open(port) for _ in range(connections)]
    start = perf_counter()

    async def go_on(line: Line) -> None:
        while True:
            before = perf_counter()
            await line.ask(request)
            after = perf_counter()
            done.took.append(after - before)
            if after - start >= seconds or (ended is not None and ended.is_set()):
                return

    try:
        async with asyncio.TaskGroup() as group:
            for line in lines:
                group.create_task(go_on(line))
    finally:
        for line in lines:
            line.close()
    done.seconds = perf_counter() - start
    return done
