"""A line to PostgreSQL that can go dead: nothing comes through any more, and nobody hangs up.

The system of who relays still answers for the line: TCP takes it for alive.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import sqlalchemy as sa

AT_ONCE = 1 << 16


class Line:
    """What goes through it; `url` is how to reach the server by it."""

    def __init__(self, url: str) -> None:
        self._to, self.url = sa.make_url(url), ""
        self._lives = asyncio.Event()
        self._lives.set()
        self._pumps: set[asyncio.Task[None]] = set()

    @contextmanager
    def dead(self) -> Generator[None]:
        """Everything is held back meanwhile, new connections too."""
        self._lives.clear()
        try:
            yield
        finally:
            self._lives.set()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody connects: connect them with the server."""
        host, port = self._to.query.get("host") or self._to.host or "localhost", self._to.port or 5432
        assert isinstance(host, str)
        if host.startswith("/"):
            theirs = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            theirs = await asyncio.open_connection(host, port)
        for source, target in ((reader, theirs[1]), (theirs[0], writer)):
            pump = asyncio.create_task(self._pump(source, target))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(AT_ONCE):
                await self._lives.wait()
                target.write(data)
                await target.drain()
        except OSError:
            pass  # one of the two has gone
        finally:
            target.close()

    async def close(self) -> None:
        """Hang up on everybody."""
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)


@asynccontextmanager
async def line(url: str, host: str = "127.0.0.1", port: int = 0) -> AsyncGenerator[Line]:
    """A line to the server of that URL, alive."""
    made = Line(url)
    server = await asyncio.start_server(made.meet, host, port)
    try:
        port = server.sockets[0].getsockname()[1]
        through = sa.make_url(url).difference_update_query(["host"]).set(host=host, port=port)
        made.url = through.render_as_string(hide_password=False)
        yield made
    finally:
        server.close()
        await made.close()


async def main(url: str, host: str, port: str) -> None:
    """Relay what comes there, until killed; say as soon as something may."""
    async with line(url, host, int(port)) as made:
        print(made.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
