"""PostgreSQL on machines of their own, as far as TCP can tell: in other networks, at the ends of cables.

gateway ─ cable ─ relay ─ PostgreSQL's Unix socket, which can be reached from every network of a machine
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).parents[1]
HERE, THERE, PORT = "198.18.37.1", "198.18.37.2", 5432  # RFC 2544 sets them aside for experiments
PROGRAMS = ("ip", "unshare", "nsenter")


class NotHere(Exception):
    """This machine lacks what the drill needs."""


class Machine:
    """One that relays to PostgreSQL; its network is gone when `inside` is, the process that it belongs to."""

    def __init__(self, inside: Process) -> None:
        self.inside, self._in = inside, ("nsenter", "--target", str(inside.pid), "--net")
        self._near = f"drill{inside.pid}"
        self._relay: Process | None = None

    def lay_cable(self) -> None:
        """Who sends to the address reaches this machine from now on."""
        near = self._near
        _do("ip", "link", "add", near, "type", "veth", "peer", "name", "cable", "netns", str(self.inside.pid))
        _do("ip", "address", "add", f"{HERE}/32", "dev", near)
        _do("ip", "link", "set", near, "up")
        _do("ip", "route", "replace", f"{THERE}/32", "dev", near, "src", HERE)
        self._do("address", "add", f"{THERE}/30", "dev", "cable")
        self._do("link", "set", "cable", "up")

    def take_cable_away(self) -> None:
        """Its network may outlive it, with what it could not say any more."""
        subprocess.run(("ip", "link", "delete", self._near), capture_output=True, check=False)

    async def start(self, url: str) -> None:
        """It listens; returns when it does."""
        relay = (*self._in, sys.executable, "-m", "drills.line", url, THERE, str(PORT))
        self._relay = await asyncio.create_subprocess_exec(*relay, cwd=ROOT, stdout=subprocess.PIPE)
        assert self._relay.stdout is not None
        if not await self._relay.stdout.readline():
            raise NotHere("needs a network of its own, where nothing listened")

    def silence(self) -> None:
        """Nothing reaches it any more and nothing comes from it, not even that it is gone."""
        self._do("address", "delete", f"{THERE}/30", "dev", "cable")

    async def stop(self) -> None:
        """It relays no more."""
        if self._relay is not None and self._relay.returncode is None:
            self._relay.kill()
            await self._relay.wait()

    def _do(self, *words: str) -> None:
        _do(*self._in, "ip", *words)


class Cable:
    """What leads to the machine that has the address, one after another; `url` is how to reach PostgreSQL."""

    def __init__(self, url: str) -> None:
        self._to, self._stack = url, AsyncExitStack()
        through = sa.make_url(url).difference_update_query(["host"]).set(host=THERE, port=PORT)
        self.url = through.render_as_string(hide_password=False)
        self._machine: Machine | None = None

    async def change(self) -> None:
        """Another machine has the address."""
        # a network lives as long as who is in it, and cat as long as we do
        inside = await asyncio.create_subprocess_exec("unshare", "--net", "cat", stdin=subprocess.PIPE)
        self._stack.push_async_callback(inside.wait)
        self._stack.callback(inside.terminate)
        await _moved(inside.pid)
        self._machine = Machine(inside)
        self._stack.push_async_callback(self._machine.stop)
        self._stack.callback(self._machine.take_cable_away)
        self._machine.lay_cable()
        await self._machine.start(self._to)

    async def cut(self) -> None:
        """The machine is gone without a word; to PostgreSQL, whoever came by it has hung up."""
        assert self._machine is not None
        self._machine.silence()
        await self._machine.stop()

    async def close(self) -> None:
        """Nothing of it is left."""
        await self._stack.aclose()


@asynccontextmanager
async def cable(url: str) -> AsyncGenerator[Cable]:
    """A cable to the server of that URL. Raises NotHere."""
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        raise NotHere(f"needs {' and '.join(missing)}")
    if os.geteuid() != 0:
        raise NotHere("needs root, to make networks")
    made = Cable(url)
    try:
        await made.change()
        yield made
    finally:
        await made.close()


async def _moved(pid: int) -> None:
    """Wait until that process is in a network of its own."""
    ours = Path("/proc/self/ns/net").readlink()
    while Path(f"/proc/{pid}/ns/net").readlink() == ours:  # noqa: ASYNC110  nobody tells
        await asyncio.sleep(0.01)


def _do(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotHere(f"{' '.join(words)}: {done.stderr.strip()}")
