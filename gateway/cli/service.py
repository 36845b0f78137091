"""Commands that keep running: serve, worker; and migrate, which comes before them."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer
from starlette.applications import Starlette

from gateway import logs
from gateway.app import Gateway, create_app, wire
from gateway.listening import server
from gateway.process import ended, run, settle
from gateway.settings import Settings, read_settings
from models.errors import Unavailable
from models.revision import is_current


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; HOST by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; PORT by default.")] = None,
) -> None:
    """Answer GraphQL and REST until told to stop; counts in the same process unless EMBEDDED_WORKER=false."""
    settings = chosen(read_settings(), host, port)
    logs.configure(settings.log_level)
    run(_serve(settings))


async def _serve(settings: Settings) -> None:
    await prepared(settings)
    gateway = await wire(settings)
    app = create_app(gateway)
    settle()
    await listen(app, gateway)


async def listen(app: Starlette, gateway: Gateway) -> None:
    """Serve the application; a signal lets running requests finish first."""
    settings = gateway.settings
    await server(app, host=settings.host, port=settings.port).serve()


def worker() -> None:
    """Count what came in and make exports until told to stop; any number may run, one counts at a time."""
    settings = read_settings()
    logs.configure(settings.log_level)
    run(_work(settings))


async def _work(settings: Settings) -> None:
    await prepared(settings)
    gateway = await wire(settings)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    working, told = asyncio.create_task(gateway.worker.run()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((working, told), return_when=asyncio.FIRST_COMPLETED)
        gateway.worker.stop()
        await ended(working)
    finally:
        await gateway.store.close()


def migrate(
    lose_history: Annotated[
        bool,
        typer.Option(
            "--lose-history",
            help="Go on although numbers are counted anew whose rows retention took. Make a backup first.",
        ),
    ] = False,
) -> None:
    """Bring the store to the newest schema; safe to call again."""
    settings = read_settings()
    asyncio.run(_upgraded(settings.database_url, lose_history))
    print("The store's schema is current.")


async def prepared(settings: Settings) -> None:
    """A store that can be worked with: SQLite is migrated on the way, a server must have been."""
    if await is_current(settings.database_url):
        return
    if not settings.database_url.startswith("sqlite"):
        raise Unavailable("The store's schema is not current; run 'heliograph migrate' first.")
    await _upgraded(settings.database_url)


async def _upgraded(url: str, may_lose_history: bool = False) -> None:
    from models.upgrades import migrate  # noqa: PLC0415  Alembic is only loaded where there is something to do

    await migrate(url, may_lose_history)


def chosen(settings: Settings, host: str | None, port: int | None) -> Settings:
    """The settings with what the command line says put over them."""
    told = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return settings.model_copy(update=told)
