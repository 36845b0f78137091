"""Requests as bytes, for what no client library would send."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from tests.worlds import PATIENCE_S

END = b"\r\n\r\n"
JSON = b"Content-Type: application/json\r\n"
ASKING = b'{"query": "{ __typename }"}'


@dataclass(frozen=True)
class Heard:
    """A response as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        """Its JSON."""
        return orjson.loads(self.body)


def request(
    headers: bytes = b"",
    body: bytes = b"",
    path: bytes = b"/graphql",
    method: bytes = b"POST",
    version: bytes = b"HTTP/1.1",
    length: bool = True,
) -> bytes:
    """A request; its length is told unless a header tells it otherwise."""
    counted = b"Content-Length: %d\r\n" % len(body) if length else b""
    return b"%b %b %b\r\nHost: x\r\n%b%b\r\n%b" % (method, path, version, headers, counted, body)


@asynccontextmanager
async def connected(address: str) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection, as bytes in and bytes out."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def heard(address: str, sent: bytes, within_s: float = PATIENCE_S) -> Heard | None:
    """The first response to these bytes; None when the other side hangs up without one."""
    async with connected(address) as (reader, writer):
        try:
            async with asyncio.timeout(within_s):
                writer.write(sent)
                return await _response(reader)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return None


async def _response(reader: asyncio.StreamReader) -> Heard:
    head = await reader.readuntil(END)
    status, *lines = head[: -len(END)].decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    code = int(status.split(" ")[1])
    if code == 100:
        return await _response(reader)
    return Heard(code, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"
)
TEXT, PING = 0x81, 0x89


def frame(kind: int, told: bytes) -> bytes:
    """A frame of a WebSocket, as clients send it: masked, here with nothing."""
    size = len(told)
    length = struct.pack(">B", 0x80 | size) if size < 126 else struct.pack(">BH", 0x80 | 126, size)
    return bytes([kind]) + length + bytes(4) + told
