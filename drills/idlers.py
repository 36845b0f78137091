"""Clients who connect and say nothing, or half of a head: nobody else may notice, and they are hung up on."""

from __future__ import annotations

import asyncio
from time import monotonic

from drills.scene import Scene

IDLERS, HALF_A_HEAD = 800, b"GET /healthz HTTP/1.1\r\nHo"
ENDED_WITHIN_S = 15.0  # a head has ten seconds


async def idlers(scene: Scene) -> None:
    """Every other one says half a head."""
    with scene.fault():
        lines = [await asyncio.open_connection("127.0.0.1", scene.server.port) for _ in range(IDLERS)]
        begun = monotonic()
        for _, writer in lines[::2]:
            writer.write(HALF_A_HEAD)
        ends = await asyncio.gather(*(_ended(reader) for reader, _ in lines))
        took = monotonic() - begun
        for _, writer in lines:
            writer.close()
    scene.told["idlers"] = f"{sum(ends)} of {IDLERS} hung up on after {took:.0f} s"
    if not all(ends):
        scene.wrong.append(f"{ends.count(False)} held their connection")


async def _ended(reader: asyncio.StreamReader) -> bool:
    """Whether the other side hangs up in time."""
    try:
        async with asyncio.timeout(ENDED_WITHIN_S):
            await reader.read()
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True
