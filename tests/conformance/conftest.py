"""The gateways that clients ask, and what their compilers say before."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.conformance.generated import MANIFESTS, generate
from tests.conformance.node import EXAMPLES
from tests.conformance.site import Site, Stock, served, stocked


@pytest.fixture(scope="session")
async def stock(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """A store with a little data in it."""
    path = tmp_path_factory.mktemp("conformance") / "store.db"
    shutil.copyfile(sqlite_template, path)
    return await stocked(path.parent, f"sqlite+aiosqlite:///{path}")


@pytest.fixture(scope="session")
def compiled() -> str:
    """What the compilers complained of; skips where nothing is installed to compile with."""
    if not (EXAMPLES / "node_modules").exists():
        pytest.skip("the clients are not installed; 'make conformance' does it")
    try:
        return generate()
    except LookupError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def site(stock: Stock) -> Generator[Site]:
    """A gateway as its operators start it."""
    with served(stock) as site:
        yield site


@pytest.fixture(scope="session")
def strict_site(stock: Stock, compiled: str) -> Generator[Site]:
    """A gateway that runs the documents of the examples and no others."""
    with served(stock, DOCUMENTS_FOLDER=str(MANIFESTS), DOCUMENTS_ONLY="true") as site:
        yield site
