"""`heliograph keys`: create, list and revoke API keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, TypeVar

import typer

from gateway.app import utc_now
from gateway.cli.store import in_store
from gateway.unit import Connection
from models.errors import NotFound
from models.tenants import OURS
from resolvers.caller import METRICS_READ, SCOPES
from resolvers.keys import BRAND, NewKey, list_keys, random_key, revoke_key, store_key
from resolvers.organizations import find

app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)
Result = TypeVar("Result")


@app.command()
def create(
    organization: Annotated[str, typer.Option(help="Slug of the organization that the key belongs to.")],
    scope: Annotated[
        list[str] | None, typer.Option(help=f"What it may do: {', '.join(SCOPES)}; repeat for several.")
    ] = None,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    brand: Annotated[
        str, typer.Option(help="What it begins with, such as am_live for AgentMessage clients.")
    ] = BRAND,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Expires after so many days; never by default.")
    ] = None,
) -> None:
    """Create a key and show it, this once."""
    now = utc_now()
    expires = None if days is None else now + timedelta(days=days)
    scopes = tuple(scope or (METRICS_READ,))

    async def job(db: Connection, secret: str) -> NewKey:
        found = await find(db, OURS, organization)
        if found is None:
            raise NotFound(
                f"There is no organization '{organization}'; ingest its organization record first."
            )
        return await store_key(db, secret, found, random_key(brand), scopes, label, now, expires)

    made = in_store(job)
    print(made.key)
    typer.echo(f"Keep it now: only its prefix {made.prefix} can be shown again.", err=True)


@app.command(name="list")
def list_all() -> None:
    """List every key by its prefix."""

    async def job(db: Connection, _: str) -> list[dict[str, object]]:
        return await list_keys(db)

    for row in in_store(job):
        state = "revoked" if row["revoked_at"] else f"expires {_day(row['expires_at'])}"
        used = f"used {_day(row['last_used_at'])}"
        print(
            f"{row['prefix']:<18} {row['slug']:<16} {row['scopes']:<28} {state:<20} {used:<16} {row['label']}"
        )


@app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="What the key begins with, as `keys list` shows it.")],
) -> None:
    """Let a key in no more; every process knows within seconds."""

    async def job(db: Connection, _: str) -> None:
        await revoke_key(db, prefix, utc_now())

    in_store(job)
    print(f"{prefix} is revoked.")


def _day(moment: object) -> str:
    return f"{moment:%Y-%m-%d}" if isinstance(moment, datetime) else "never"
