"""What serving loads: nothing that only some need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVED = """
import asyncio, json, sys
from gateway.cli.commands import command_line
from gateway.app import create_app, wire
from gateway.cli.service import prepared
from gateway.settings import read_settings

async def serve():
    settings = read_settings()
    await prepared(settings)
    gateway = await wire(settings)
    create_app(gateway)
    await gateway.store.close()

command_line("serve")
asyncio.run(serve())
print(json.dumps(sorted(sys.modules)))
"""
NEEDED_BY_SOME = (
    "alembic",  # upgrades
    "cryptography",  # tokens
    "gateway.simulate",  # the demo
    "httpx2",  # tokens
    "jwt",  # tokens
    "obstore",  # exports into a bucket
    "offapi",  # Swagger UI
    "pyarrow",  # exports as Parquet
    "rich.progress",  # commands that show how far they are
    "xlsxwriter",  # exports for Excel
)


def test_serving_a_store_that_is_current_loads_nothing_that_only_some_need(
    sqlite_store_url: str, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": sqlite_store_url, "EXPORT_FOLDER": str(tmp_path / "exports")}

    ran = subprocess.run(
        (sys.executable, "-c", SERVED),
        env={**os.environ, **settings},
        cwd=ROOT,
        capture_output=True,
        check=True,
    )

    loaded = set(json.loads(ran.stdout))
    assert "schema.build" in loaded
    assert not loaded & set(NEEDED_BY_SOME)
