"""The command that looks an installation over."""

from __future__ import annotations

import asyncio
from secrets import randbelow
from typing import Annotated

import orjson
import typer

from gateway.app import open_store, utc_now
from gateway.doctor import Finding, Patient, State, examine
from gateway.settings import SettingsError, read_settings

CODES = {State.OK: 0, State.FAILED: 1, State.WARNING: 2}
SEEDS = 1_000_000


def doctor(
    samples: Annotated[
        int, typer.Option(min=0, max=10_000, help="How many days are counted anew and compared.")
    ] = 20,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed compares the same days; by chance without.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")] = False,
) -> None:
    """Look the installation over: settings, store, schema, clock, counting, numbers, exports.

    It changes nothing and may run beside the gateway, with the same settings. Exit code: 0 all is well,
    1 something failed, 2 there are warnings only.
    """
    found = asyncio.run(_examined(samples, randbelow(SEEDS) if seed is None else seed, as_json))
    worst = max((one.state for one in found), key=list(State).index)
    if as_json:
        told = {"state": worst, "checks": found}
        print(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    raise typer.Exit(CODES[worst])


async def _examined(samples: int, seed: int, is_quiet: bool) -> list[Finding]:
    try:
        settings = read_settings()
    except SettingsError as error:
        return [_told(Finding("settings", State.FAILED, str(error), "See docs/settings.md."), is_quiet)]
    found = [_told(Finding("settings", State.OK, "can be read"), is_quiet)]
    store = open_store(settings)
    try:
        async for one in examine(Patient(settings, store, utc_now, samples, seed)):
            found.append(_told(one, is_quiet))
    finally:
        await store.close()
    return found


def _told(one: Finding, is_quiet: bool) -> Finding:
    """The finding, on a line of its own as soon as it is there."""
    if not is_quiet:
        print(f"{one.state:<8} {one.check:<15} {one.saw}", flush=True)
        if one.remedy:
            print(f"{'':<8} {'':<15} → {one.remedy}", flush=True)
    return one
