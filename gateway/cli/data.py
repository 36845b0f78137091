"""Commands about data: ingest files, simulate traffic, rebuild rollups."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from gateway.app import Gateway, keep_of, open_store, utc_now, wire
from gateway.cli.bars import bars
from gateway.cli.service import prepared
from gateway.cli.store import COMMANDS
from gateway.intake import Report
from gateway.settings import read_settings
from gateway.simulate import Plan, lines
from gateway.sources import Source
from gateway.unit import run
from models import Organization
from models.errors import InvalidInput, NotFound
from models.tenants import OURS
from resolvers.intake.parse import Refusal
from resolvers.organizations import find
from resolvers.rollup import rebuild as count_anew

LISTED = 20
REFRESH_EVERY = 250_000  # records; keeps the outbox small during a long load


def ingest(
    files: Annotated[
        list[str], typer.Argument(help="NDJSON, CSV or Parquet files, plain or .gz; - for standard input.")
    ],
    organization: Annotated[
        str | None, typer.Option(help="Slug of the organization of records that name none.")
    ] = None,
    type: Annotated[
        str | None, typer.Option(help="Type of records that name none, such as message; for CSV and Parquet.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=100_000, help="Records in one transaction.")] = 20_000,
    refused: Annotated[
        Path | None, typer.Option(help="Write every refused line and its reason to this file.")
    ] = None,
    count: Annotated[
        bool, typer.Option(help="Count at the end, so that the numbers can be asked for.")
    ] = True,
) -> None:
    """Take records in from files. Sending a file twice changes nothing."""
    if refused is not None:
        _make(refused)
    report = Report()
    try:
        asyncio.run(_ingest(files, organization, type, batch, count, report))
    finally:
        _tell(report, refused)
    if report.refused:
        raise typer.Exit(1)


def _make(path: Path) -> None:
    """An empty file, before the work begins rather than after it."""
    try:
        path.write_text("", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"'{path}' cannot be written: {error.strerror}.") from error


def _tell(report: Report, refused: Path | None) -> None:
    """List what was refused: the first on the terminal, all of it in the file."""
    if refused is not None:
        refused.write_text("".join(f"{line.reason}\n" for line in report.refused), encoding="utf-8")
    for line in report.refused[:LISTED]:
        typer.echo(f"refused: {line.reason}", err=True)
    if report.refused:
        more = len(report.refused) - LISTED
        hint = f" ({more} more; --refused FILE lists them all)" if more > 0 and refused is None else ""
        typer.echo(f"{len(report.refused):,} records were refused{hint}.", err=True)


async def _ingest(
    files: list[str], organization: str | None, kind: str | None, batch: int, count: bool, report: Report
) -> None:
    sources = [Source(name, kind) for name in files]
    settings = read_settings()
    await prepared(settings)
    gateway = await wire(settings)
    try:
        home = None if organization is None else await _organization(gateway, organization)
        await load(gateway, sources, home, batch, count, report)
    finally:
        await gateway.store.close()


async def load(
    gateway: Gateway,
    sources: list[Source],
    home: Organization | None,
    batch: int,
    count: bool = True,
    report: Report | None = None,
) -> Report:
    """Take every source in, behind a progress bar, and say what became of it, wherever it ends."""
    total, start, counted = report or Report(), perf_counter(), 0
    try:
        with _progress() as progress:
            for source in sources:
                task = progress.add_task(source.name, total=source.size, records="")
                numbered = source.lines()
                while chunk := list(islice(numbered, batch)):
                    total.add(_named(await gateway.intake.take_any(chunk, home), source))
                    progress.update(task, completed=source.done, records=f"{total.accepted:,} records")
                    if count and total.accepted - counted >= REFRESH_EVERY:
                        await gateway.worker.refresh()
                        counted = total.accepted
    finally:
        if count:
            await gateway.worker.refresh()
        _sum_up(total, perf_counter() - start)
    return total


def _named(report: Report, source: Source) -> Report:
    """The report with the file's name before each refusal."""
    report.refused = [Refusal(r.line, f"{source.name}:{r.line}: {r.reason}") for r in report.refused]
    return report


def _sum_up(total: Report, seconds: float) -> None:
    rate = total.accepted / seconds if seconds else 0
    typer.echo(
        f"{total.accepted:,} records taken in {seconds:.1f} s ({rate:,.0f} a second); "
        f"{total.changed:,} rows changed.",
        err=True,
    )


def _progress() -> Progress:
    return bars(TextColumn("{task.fields[records]}"), TimeElapsedColumn(), TimeRemainingColumn())


async def _organization(gateway: Gateway, slug: str) -> Organization:
    async with gateway.store.of_everyone(COMMANDS).reading() as db:
        found = await find(db, OURS, slug)
    if found is None:
        raise NotFound(f"There is no organization '{slug}'; ingest its organization record first.")
    return found


def simulate(
    events: Annotated[int, typer.Option(min=1, help="About how many records in all.")] = 100_000,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Over how many days, up to the end.")] = 90,
    end: Annotated[
        datetime | None, typer.Option(help="Up to when (UTC); the running hour by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed, span and number give the same bytes.")] = 1,
) -> None:
    """Write realistic traffic of five organizations to standard output as NDJSON."""
    now = utc_now().replace(minute=0, second=0, microsecond=0)
    until = now if end is None else end.replace(tzinfo=now.tzinfo)
    plan = Plan(start=until - timedelta(days=days), end=until, seed=seed, events=events)
    try:
        sys.stdout.buffer.writelines(lines(plan))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # the reader had enough; Python would complain about it at exit


def rebuild(
    organization: Annotated[str, typer.Argument(help="Slug of the organization.")],
) -> None:
    """Count an organization anew from its raw rows: repair after a change behind our back."""
    asyncio.run(_rebuild(organization))
    print(f"{organization} is counted anew.")


async def _rebuild(slug: str) -> None:
    settings = read_settings()
    await prepared(settings)
    store = open_store(settings)
    try:
        async with store.of_everyone(COMMANDS).reading() as db:
            found = await find(db, OURS, slug)
        if found is None:
            raise NotFound(f"There is no organization '{slug}'.")
        now, keep = utc_now(), keep_of(settings)
        await run(store.of(found.id), lambda db: count_anew(db, found, now, keep), snapshot=True)
    finally:
        await store.close()
