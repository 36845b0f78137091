"""The gateway's own processes, as operators start them: `heliograph serve` and `heliograph worker`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import psutil
import sqlalchemy as sa

from benchmarks.usage import memory
from drills.client import Client
from drills.load import request
from gateway.settings import Settings
from tests.ports import free_port

STARTS_WITHIN_S = 120.0  # on a busy machine
ROOT = Path(__file__).parents[1]
MIB = 1 << 20


class Process:
    """One that can be started again and again, on the same port."""

    def __init__(self, words: tuple[str, ...], settings: Mapping[str, str], log: Path) -> None:
        self.words, self.log, self.port = words, log, free_port()
        left = {
            name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields
        }
        self.environment = {**left, **settings, "PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the one that runs, or ran last."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; it need not be ready yet."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                (sys.executable, *self.words), cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    async def ended(self, within_s: float = 20.0) -> int:
        """Its exit code; minus the signal that ended it. Raises TimeoutError."""
        assert self._process is not None
        return await asyncio.to_thread(_waited, self._process, within_s)

    async def killed(self) -> None:
        """Kill -9, and wait until it is gone."""
        self.send(signal.SIGKILL)
        await self.ended()

    async def stopped(self) -> None:
        """Make sure that it does not run any more."""
        if self._process is None or self._process.poll() is not None:
            return
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            await self.ended()
        except TimeoutError:
            await self.killed()

    async def answers(self) -> float:
        """Seconds until it answers at all. Raises RuntimeError with the end of its log when it does not."""
        begun, client = monotonic(), Client(self.port)
        try:
            while monotonic() - begun < STARTS_WITHIN_S and self.runs:
                if (await client.ask("health", request("/healthz"))).status == 200:
                    return monotonic() - begun
                await asyncio.sleep(0.05)
        finally:
            client.close()
        raise RuntimeError(f"it does not answer: {self.said[-2000:]}")

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def calls(self) -> set[tuple[str, int]]:
        """Whom it has connected to by itself, over the network."""
        found = psutil.Process(self.pid).net_connections("inet") if self.runs else []
        return {tuple(one.raddr) for one in found if one.raddr and one.laddr.port != self.port}

    @property
    def said(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def held_mib(self) -> float:
        """Memory that it holds, in MiB."""
        return memory("VmRSS", self.pid) / MIB


def reached(url: str | sa.URL) -> set[tuple[Any, ...]]:
    """Where on the network the database of a URL is, by name and by number; nowhere if it is a file's or a
    Unix socket's."""
    parts = sa.make_url(url)
    host, port = str(parts.query.get("host", parts.host or "")), parts.port or 5432
    if not host or host.startswith("/"):
        return set()
    return {(host, port), *(found[4][:2] for found in socket.getaddrinfo(host, port))}


def _waited(process: subprocess.Popen[bytes], within_s: float) -> int:
    try:
        return process.wait(within_s)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"it still runs after {within_s:g} s") from error
