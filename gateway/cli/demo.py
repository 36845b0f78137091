"""`heliograph demo`: the whole product on simulated traffic, with one command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import orjson
import typer

from gateway import logs
from gateway.app import create_app, utc_now, wire
from gateway.cli.data import load
from gateway.cli.service import chosen, listen
from gateway.demo import DATABASE_URL, DEMO_KEYS, as_json, is_loaded, is_stale, let_in, write_records
from gateway.process import run
from gateway.rest.examples import shelves
from gateway.settings import Settings, read_settings
from gateway.sources import Source
from gateway.web.graphiql import PageSettings
from gateway.web.questions import questions
from models.upgrades import migrate

RECORDS = Path("demo/records.ndjson")


def demo(
    keys: Annotated[
        bool, typer.Option("--keys", help="Print the demo's keys and ids as JSON and end.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the demo's own store away first.")] = False,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; HOST by default, else only this machine.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; PORT by default.")] = None,
) -> None:
    """Make a store full of simulated traffic and serve it: the first page is up within a minute."""
    if keys:
        print(orjson.dumps(as_json(), option=orjson.OPT_INDENT_2).decode())
        return
    settings = chosen(read_settings(), host, port)
    if "DATABASE_URL" not in os.environ:
        settings = settings.model_copy(update={"database_url": DATABASE_URL})
        _sweep(fresh)
    logs.configure(settings.log_level)
    run(_run(settings))


def _sweep(fresh: bool) -> None:
    """Remove the demo's own files when they are a day old, or on request."""
    if fresh or is_stale(RECORDS, utc_now()):
        for leftover in RECORDS.parent.glob("*"):
            leftover.unlink()


async def _run(settings: Settings) -> None:
    await migrate(settings.database_url)
    gateway = await wire(settings)
    now = utc_now()
    if not await is_loaded(gateway):
        typer.echo("Making four months of simulated traffic …", err=True)
        write_records(RECORDS, now)
        await load(gateway, [Source(str(RECORDS))], None, batch=20_000)
        await let_in(gateway, now)
    _welcome(settings)
    headers = {key.vendor: {"Authorization": f"Bearer {key.key}"} for key in DEMO_KEYS}
    page = PageSettings(headers=DEMO_KEYS[0].headers, questions=questions(), shelves=shelves(headers))
    await listen(create_app(gateway, page), gateway)


def _welcome(settings: Settings) -> None:
    base = f"http://{settings.host}:{settings.port}"
    typer.echo(f"\nGraphiQL   {base}/graphql\n", err=True)
    for key in DEMO_KEYS:
        typer.echo(f"{key.vendor}   {key.key}", err=True)
    question = f"{base}/v1/metrics/messages?metric=sent&granularity=day"
    typer.echo(f'\ncurl -H "Authorization: {DEMO_KEYS[0].headers["Authorization"]}" "{question}"\n', err=True)
