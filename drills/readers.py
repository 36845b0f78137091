"""Clients that read a large export slowly: the server must not hold for them what they have not read."""

from __future__ import annotations

import asyncio
import socket
from hashlib import sha256
from time import monotonic
from urllib.parse import urlsplit

import orjson

from benchmarks.load import request
from drills.client import Client
from drills.exports import Exports, fill
from drills.load import graphql
from drills.scene import Scene, enrolled
from models.exports import COMPLETED

ROWS, READERS = 16_000, 8
WIDE = ("campaign_id", "contact_id", "sender_id", "content_type", "error_code", "bounce_reason")
SIP, SIPS_EVERY_S, SLOWLY_S = 16 << 10, 0.05, 5.0
MOST_MIB, FIRST_BYTE_S = 64.0, 1.0
LINK = "{ exports(first: 1) { edges { node { downloadUrl sha256 } } } }"


async def slow_readers(scene: Scene) -> None:
    """Each reads sip by sip for a while, and then the rest at once; all must have the whole file."""
    mine = Exports(scene, *await enrolled(scene.store, f"{scene.organization.slug}-readers"))
    await fill(scene, mine.key, ROWS, **dict.fromkeys(WIDE, "x" * 200))
    await mine.ask()
    await mine.until(COMPLETED)
    client = Client(scene.server.port)
    answer = orjson.loads((await client.ask("link", graphql(mine.key, LINK))).body)
    client.close()
    node = answer["data"]["exports"]["edges"][0]["node"]
    link = urlsplit(node["downloadUrl"])
    before = scene.server.held_mib

    with scene.fault():
        readers = [Reader(scene.server.port, f"{link.path}?{link.query}") for _ in range(READERS)]
        reading = [asyncio.create_task(reader.read()) for reader in readers]
        most = before
        while not all(task.done() for task in reading):
            most = max(most, scene.server.held_mib)
            await asyncio.sleep(SIPS_EVERY_S)
        hashes = await asyncio.gather(*reading)

    first_s = max(reader.first_s for reader in readers)
    size = readers[0].size >> 20
    grown = f"{most - before:+.0f} MiB for {READERS} times {size} MiB"
    scene.told["readers"] = f"{grown}, the first byte after {first_s:.1f} s"
    if set(hashes) != {node["sha256"]}:
        scene.wrong.append("a reader has another file than was made")
    if most - before > MOST_MIB:
        scene.wrong.append(f"the server grew by {most - before:.0f} MiB for its readers")
    if first_s > FIRST_BYTE_S:
        scene.wrong.append(f"the first byte came after {first_s:.1f} s")


class Reader:
    """One who downloads; `size` bytes, the first of them after `first_s` seconds."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self.first_s, self.size = 0.0, 0

    async def read(self) -> str:
        """The hash of what came."""
        line = socket.create_connection(("127.0.0.1", self._port))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SIP)  # or the machine would read on for us
        line.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=line, limit=SIP)
        begun, digest = monotonic(), sha256()
        writer.write(request(self._path))
        try:
            length = _length(await reader.readuntil(b"\r\n\r\n"))
            self.first_s = monotonic() - begun
            while self.size < length and (piece := await reader.read(SIP)):
                self.size += len(piece)
                digest.update(piece)
                if monotonic() - begun < SLOWLY_S:
                    await asyncio.sleep(SIPS_EVERY_S)
        finally:
            writer.close()
        return digest.hexdigest()


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return int(next(line.split(b":")[1] for line in lines if line.startswith(b"content-length:")))
