"""Request bodies: read with a limit, unpacked with the same limit."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from typing import TypeVar

import orjson
from starlette.requests import Request
from starlette.types import Message

from gateway.begun import Begun

Read = TypeVar("Read")

JSON = "application/json"
READ_TIMEOUT_S = 10.0
SMALL, SMALL_TIMEOUT_S = 256 * 1024, 4.0  # a question's body, which leaves time to answer it


class Unreadable(Exception):
    """A request whose form is wrong; `status` is the HTTP status that says how."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_body(request: Request, most: int) -> bytes:
    """The body, unpacked when it is gzip. Raises Unreadable: 408, 413, 415, 400."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise Unreadable(415, "The body may be plain or gzip, nothing else.")
    packed = await _read(request, most)
    return packed if coding == "identity" else _unpacked(packed, most)


async def read_json(request: Request, most: int, read: Callable[[bytes], Read] = orjson.loads) -> Read:
    """The body as the JSON that its Content-Type says it is. Raises Unreadable."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise Unreadable(415, f"Send the body as {JSON}.")
    try:
        return read(await read_body(request, most))
    except orjson.JSONDecodeError as error:
        raise Unreadable(400, "The body is not JSON.") from error


async def _read(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    first = Begun(request.receive())
    if first.is_over:  # most bodies come with their head: a timer would take as long as reading them
        part, is_whole = _part(await first)
        if is_whole and len(part) <= most:
            return part
    within_s = READ_TIMEOUT_S if most > SMALL else min(SMALL_TIMEOUT_S, READ_TIMEOUT_S)
    try:
        async with asyncio.timeout(within_s):
            part, is_whole = _part(await first)
            parts, size = [part], len(part)
            while not is_whole and size <= most:
                part, is_whole = _part(await request.receive())
                parts.append(part)
                size += len(part)
    except TimeoutError as error:
        raise Unreadable(408, f"The body took longer than {within_s:g} seconds to arrive.") from error
    if size > most:
        raise _too_large(most)
    return b"".join(parts)


def _part(message: Message) -> tuple[bytes, bool]:
    """A part of a body, and whether it is the last. Raises Unreadable."""
    if message["type"] == "http.disconnect":
        raise Unreadable(400, "The body did not arrive whole.")
    return message.get("body", b""), not message.get("more_body", False)


def _unpacked(packed: bytes, most: int) -> bytes:
    reader = zlib.decompressobj(wbits=31)
    try:
        body = reader.decompress(packed, most + 1)
    except zlib.error as error:
        raise Unreadable(400, "The body is not gzip, though its Content-Encoding says so.") from error
    if len(body) > most:
        raise _too_large(most)
    if not reader.eof:
        raise Unreadable(400, "The gzip body ends too early.")
    return body


def _too_large(most: int) -> Unreadable:
    return Unreadable(413, f"The body is larger than {most} bytes; send it in smaller parts.")
