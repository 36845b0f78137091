"""How far counting has come is read once for as long as nothing is committed."""

from __future__ import annotations

import asyncio

import pytest

from resolvers import known
from resolvers.known import Knowledge
from resolvers.watermarks import Progress
from tests.models.test_version import following
from tests.worlds import at, counted, enrolled, message, opened, taken, told_of_commits

SENT = message("m1", at("2026-05-05 10:00"))


async def test_many_who_ask_at_once_and_after_each_other_share_one_reading(store_url: str) -> None:
    async with following(store_url) as store:
        organization, knowledge = await enrolled(store), Knowledge(store)
        await told_of_commits(store)

        found = await asyncio.gather(*(knowledge.of(organization.id) for _ in range(5)))
        found.append(await knowledge.of(organization.id))

        assert all(one is found[0] for one in found)


async def test_what_comes_in_and_what_is_counted_is_known_at_once(store_url: str) -> None:
    async with following(store_url) as store:
        organization, knowledge = await enrolled(store), Knowledge(store)
        empty = await knowledge.of(organization.id)

        await taken(store, organization, [SENT])
        came_in = await knowledge.of(organization.id)
        await counted(store)
        now = await knowledge.of(organization.id)

        assert [one.batches for one in (empty, came_in, now)] == [0, 1, 1]
        revisions = [one.marks["message"].revision for one in (empty, came_in, now)]
        assert revisions[0] == revisions[1] < revisions[2]


async def test_while_the_version_cannot_be_told_everybody_reads(postgres_store_url: str) -> None:
    async with opened(postgres_store_url) as store:
        organization, knowledge = await enrolled(store), Knowledge(store)

        found = [await knowledge.of(organization.id) for _ in range(2)]

        assert found[0] == found[1]
        assert found[0] is not found[1]


async def test_who_gives_up_leaves_the_reading_to_the_others(store_url: str) -> None:
    async with following(store_url) as store:
        organization, knowledge = await enrolled(store), Knowledge(store)
        impatient, patient = (asyncio.create_task(knowledge.of(organization.id)) for _ in range(2))
        await asyncio.sleep(0)

        impatient.cancel()

        assert isinstance(await patient, Progress)


async def test_only_so_many_organizations_are_remembered(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "MOST_KNOWN", 2)
    async with following(store_url) as store:
        knowledge, organizations = Knowledge(store), [await enrolled(store) for _ in range(3)]
        await told_of_commits(store)
        found = [await knowledge.of(organization.id) for organization in organizations]

        again = [await knowledge.of(organization.id) for organization in reversed(organizations)]

        # the first of the three was forgotten
        assert [one is other for one, other in zip(found, reversed(again), strict=True)] == [
            False,
            True,
            True,
        ]
