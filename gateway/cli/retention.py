"""The command that takes what is older than retention keeps, or says what would go."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from gateway.app import Gateway, utc_now, wire
from gateway.cli.bars import bars
from gateway.cli.service import prepared
from gateway.settings import read_settings
from models import Organization
from models.errors import InvalidInput, NotFound
from resolvers.retention import Share, aimed_at, census

HINT = "RETENTION_DETAILED_DAYS and RETENTION_DAILY_DAYS are not set: everything is kept for ever."


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go; change nothing.")
    ] = False,
    organization: Annotated[
        str | None,
        typer.Option("--organization", "--org", help="Slug of the one organization; all by default."),
    ] = None,
) -> None:
    """Take what is older than RETENTION_DETAILED_DAYS and RETENTION_DAILY_DAYS, as the worker does hourly.

    Raw rows, minutes and quarters of an hour go first, days later, months never. What is gone comes back only
    from a backup: make one, then look at --dry-run. docs/retention.md says what questions answer afterwards.
    """
    asyncio.run(_retention(dry_run, organization))


async def _retention(dry_run: bool, slug: str | None) -> None:
    settings = read_settings()
    await prepared(settings)
    gateway = await wire(settings)
    try:
        if not gateway.retainer.terms.is_on:
            raise InvalidInput(HINT)
        chosen = [one for one in await gateway.retainer.organizations() if slug in (None, one.slug)]
        if slug is not None and not chosen:
            raise NotFound(f"There is no organization '{slug}'.")
        shares = [(one, await _census(gateway, one)) for one in chosen]
        _print(shares, "would go" if dry_run else "goes")
        if not dry_run:
            await _take(gateway, shares)
    finally:
        await gateway.store.close()


async def _census(gateway: Gateway, organization: Organization) -> list[Share]:
    async with gateway.store.of(organization.id).streaming() as db:
        kept = await aimed_at(db, organization, gateway.retainer.terms, utc_now())
        return await census(db, organization, kept)


def _print(shares: list[tuple[Organization, list[Share]]], verb: str) -> None:
    table = Table("organization", "table", "rows kept from", box=None, pad_edge=False)
    table.add_column(f"rows that {'would go' if verb == 'would go' else 'go'}", justify="right")
    for organization, found in shares:
        for share in found:
            since = "ever" if share.kept_from is None else f"{share.kept_from:%Y-%m-%d %H:%M}Z"
            table.add_row(organization.slug, share.table, since, f"{share.rows:,}")
    Console(width=None if sys.stdout.isatty() else 120).print(table)


async def _take(gateway: Gateway, shares: list[tuple[Organization, list[Share]]]) -> None:
    retainer = gateway.retainer
    for organization, _ in shares:
        await retainer.raise_horizons(organization)
    grace = retainer.terms.grace.total_seconds()
    typer.echo(f"Waiting {grace:g} s for questions that are still running …", err=True)
    await asyncio.sleep(grace)
    taken = 0
    with bars(TextColumn("{task.fields[table]}"), TimeElapsedColumn()) as progress:
        for organization, found in shares:
            task: TaskID = progress.add_task(
                organization.slug, total=sum(share.rows for share in found), table=""
            )
            async for table, rows in retainer.forget(organization):
                taken += rows
                progress.update(task, advance=rows, table=table)
    typer.echo(f"{taken:,} rows are gone.", err=True)
