"""Commands that keep a store safe: backup and restore."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import TimeElapsedColumn, TimeRemainingColumn

from gateway.app import open_store, utc_now
from gateway.backup import Header, Tell, back_up
from gateway.backup import restore as put_back
from gateway.cli.bars import bars
from gateway.settings import read_settings


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it, such as 2026-05-05.heliograph.gz.")],
) -> None:
    """Write the whole store, as it is at one moment, to one file. The gateway may go on running.

    It can be restored into SQLite and into PostgreSQL, by this release and by later ones. Files of exports
    are not in it. Keep it as safe as the store itself.
    """
    header = asyncio.run(_backup(file))
    print(f"{file}: {header.total:,} rows of schema {header.revision}, {file.stat().st_size:,} bytes.")


async def _backup(file: Path) -> Header:
    store = open_store(read_settings())
    try:
        with _bar(file.name) as tell:
            return await back_up(store, file, utc_now(), tell)
    finally:
        await store.close()


def restore(
    file: Annotated[Path, typer.Argument(help="What 'heliograph backup' wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Throw away what the store holds now.")] = False,
) -> None:
    """Put a backup into the store that DATABASE_URL names: a new one, unless --replace is given.

    Stop gateway and workers first. It is all or nothing: when it fails, the store is as it was.
    """
    settings = read_settings()
    with _bar(file.name) as tell:
        header = asyncio.run(put_back(settings.database_url, file, replace, tell))
    print(f"{header.total:,} rows are back, as they were at {header.made_at} in {header.store}.")


@contextmanager
def _bar(name: str) -> Generator[Tell]:
    with bars(TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
