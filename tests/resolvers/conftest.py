"""An open store for each test that asks, or for all tests of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from models.engine import Store
from tests.house import store_at
from tests.worlds import TESTS


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """A migrated, empty store, open; the test runs once on each kind."""
    opened = store_at(store_url).of_everyone(TESTS)
    yield opened
    await opened.close()


@pytest.fixture
async def postgres_store(postgres_store_url: str) -> AsyncIterator[Store]:
    """The same on PostgreSQL alone, for what SQLite's one writer cannot do."""
    opened = store_at(postgres_store_url).of_everyone(TESTS)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def shared_store(shared_store_url: str) -> AsyncIterator[Store]:
    """One open store for all tests of a module, each of which has organizations of its own in it."""
    opened = store_at(shared_store_url).of_everyone(TESTS)
    yield opened
    await opened.close()
