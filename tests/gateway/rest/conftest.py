"""One gateway over a store of each kind for all files; each test is an organization of its own in it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.unit import run
from models import RefreshLock
from models.base import EPOCH
from tests.gateway.rest.penguin import Penguin, opened
from tests.gateway.rest.sender import JWT_SECRET, Sender, enrolled
from tests.gateway.rest.slick import Slick, founded
from tests.gateway.rest.whato import Whato, arrived
from tests.gateway.rest.world import World, at
from tests.house import House, open_house

NUMBERS = count(1)


@pytest.fixture(scope="session")
async def sqlite_house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    path = tmp_path_factory.mktemp("rest") / "heliograph.db"
    shutil.copyfile(sqlite_template, path)
    async with open_house(f"sqlite+aiosqlite:///{path}", graphiql=False, jwt_secret=JWT_SECRET) as opened:
        yield opened


@pytest.fixture(scope="session")
async def postgres_house(postgres_template: Any) -> AsyncIterator[House]:
    name = f"{postgres_template.name}_rest_{next(NUMBERS)}"
    await postgres_template.make(name, postgres_template.name)
    async with open_house(postgres_template.url(name), graphiql=False, jwt_secret=JWT_SECRET) as opened:
        yield opened
    await postgres_template.run(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest) -> House:
    """The house of each kind of store; the test runs once in each."""
    return request.getfixturevalue(f"{request.param}_house")


@pytest.fixture
async def world(house: House) -> World:
    """A gateway with an organization on the plan scale; it is midnight after 2026-05-05."""
    house.now = at("2026-05-06T00:00:00Z")
    made = World(house, f"acme-{next(NUMBERS)}")
    uncounted = sa.update(RefreshLock).values(counted_to=EPOCH)  # tests before have put the clock further
    await run(house.store, lambda db: db.execute(uncounted))
    made.key = await made.enroll(made.slug, "scale")
    return made


@pytest.fixture
async def sender(house: House) -> Sender:
    """A gateway with an organization that MessageSender knows; it is midnight after 2026-05-05."""
    house.now = at("2026-05-06T00:00:00Z")
    return await enrolled(house)


@pytest.fixture
async def penguin(house: House) -> Penguin:
    """A gateway with a workspace that PenguinMails knows; it is ten o'clock on Wednesday, 2026-05-06."""
    house.now = at("2026-05-06T10:00:00Z")
    return await opened(house)


@pytest.fixture
async def whato(house: House) -> Whato:
    """A gateway with an organization that Whatomate knows; it is ten o'clock on Wednesday, 2026-05-06."""
    house.now = at("2026-05-06T10:00:00Z")
    return await arrived(house)


@pytest.fixture
async def slick(house: House) -> Slick:
    """A gateway with a brand that SlickText knows; it is ten o'clock on 2024-12-18, UTC, the brand's zone."""
    house.now = at("2024-12-18T10:00:00Z")
    return await founded(house)
