"""A gateway whose clock is wrong: `python -m drills.skewed SECONDS serve|worker`."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

from gateway import logs
from gateway.app import create_app, utc_now, wire
from gateway.cli.service import listen, prepared
from gateway.process import run
from gateway.settings import read_settings


async def main(ahead: timedelta, command: str) -> None:
    """Serve, or count, by that clock."""

    def clock() -> datetime:
        return utc_now() + ahead

    settings = read_settings()
    logs.configure(settings.log_level)
    await prepared(settings)
    gateway = await wire(settings, clock)
    if command == "serve":
        await listen(create_app(gateway), gateway)
    else:
        await gateway.worker.run()


if __name__ == "__main__":
    run(main(timedelta(seconds=float(sys.argv[1])), sys.argv[2]))
