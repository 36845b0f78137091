"""Campaigns with their summaries and series: right, batched, page by page, and nobody else's."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from models.direct import Compiled
from tests.house import ACME, House, event, message
from tests.worlds import direct_reads

PAGE = """query ($first: Int!, $after: String, $filter: CampaignsFilter) {
  campaigns(first: $first, after: $after, filter: $filter) {
    totalCount
    edges { cursor node { id externalId name status } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
BOTH = """{ campaigns(first: %d) { edges { node {
  externalId
  summary { logged delivered deliveryRate }
  timeSeries(metric: LOGGED, window: {days: {first: "2026-05-01", last: "2026-05-05"}}) { total columns { value } }
} } } }"""


def campaign(number: int, organization: str = "acme", **more: Any) -> dict[str, Any]:
    """A campaign of the n-th hour."""
    return {
        "type": "campaign",
        "organization": organization,
        "id": f"c{number}",
        "name": f"Campaign {number}",
        "status": "completed",
        "created_at": f"2026-05-01T{number % 24:02}:00:00Z",
        **more,
    }


@contextmanager
def counted(house: House) -> Generator[list[str]]:
    """The statements that the readers run meanwhile."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    engine = house.gateway.store.reader.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    store = house.gateway.store
    with direct_reads(store, lambda one: seen.append(Compiled(one, store.reader.dialect).text)):
        yield seen
    sa.event.remove(engine, "before_cursor_execute", note)


async def test_a_campaign_sums_up_its_own_messages(house: House, key: str) -> None:
    await house.take(
        campaign(1),
        campaign(2),
        message("a", "2026-05-01T09:00:00Z", campaign_id="c1", delivered_at="2026-05-01T09:01:00Z"),
        message("b", "2026-05-02T09:00:00Z", campaign_id="c1"),
        message("c", "2026-05-02T09:00:00Z", campaign_id="c2"),
        message("d", "2026-05-02T09:00:00Z"),
    )

    nodes = [edge["node"] for edge in (await house.ask(key, BOTH % 10))["campaigns"]["edges"]]

    # newest first: c2 was created an hour after c1; c1 has two messages, one of them delivered
    assert nodes == [
        {
            "externalId": "c2",
            "summary": {"logged": 1, "delivered": 0, "deliveryRate": 0},
            "timeSeries": {"total": 1, "columns": {"value": [0, 1, 0, 0, 0]}},
        },
        {
            "externalId": "c1",
            "summary": {"logged": 2, "delivered": 1, "deliveryRate": 50},
            "timeSeries": {"total": 2, "columns": {"value": [1, 1, 0, 0, 0]}},
        },
    ]


async def test_fifty_campaigns_take_as_many_statements_as_two(house: House, key: str) -> None:
    await house.take(
        *(campaign(n) for n in range(50)),
        *(message(f"m{n}", "2026-05-02T09:00:00Z", campaign_id=f"c{n}") for n in range(50)),
    )
    await house.told_of_commits()
    await house.ask(key, BOTH % 1)  # the key is remembered from here on

    with counted(house) as few:
        await house.ask(key, BOTH % 2)
    with counted(house) as many:
        answer = await house.ask(key, BOTH % 50)

    assert len(answer["campaigns"]["edges"]) == 50
    assert [edge["node"]["summary"]["logged"] for edge in answer["campaigns"]["edges"]] == [1] * 50
    assert len(many) == len(few) == 3  # the page, the summaries, the series


async def test_equal_questions_share_one_statement(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-02T09:00:00Z"))
    window = 'window: {days: {first: "2026-05-01", last: "2026-05-05"}}'
    await house.told_of_commits()
    await house.ask(key, "{ limits { plan } }")

    with counted(house) as seen:
        await house.ask(
            key,
            f"{{ a: messageBuckets(metric: SENT, {window}) {{ total }} b: messageBuckets(metric: LOGGED, {window}) {{ total }} }}",
        )

    assert len(seen) == 2  # the watermarks, and one statement for both


async def test_pages_follow_one_another_without_a_gap_or_a_repeat(house: House, key: str) -> None:
    await house.take(*(campaign(n) for n in range(30)))  # hours 0–5 hold two campaigns each: ties go by id

    seen: list[str] = []
    after = None
    for _ in range(10):
        page = (await house.ask(key, PAGE, first=7, after=after))["campaigns"]
        seen += [edge["node"]["externalId"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(seen) == len(set(seen)) == 30
    assert page["totalCount"] == 30


async def test_a_cursor_belongs_to_its_question_and_its_organization(house: House, key: str) -> None:
    await house.take({"type": "organization", "id": "rival"}, *(campaign(n) for n in range(3)))
    cursor = (await house.ask(key, PAGE, first=1))["campaigns"]["pageInfo"]["endCursor"]

    other_question = await house.post(key, PAGE, first=1, after=cursor, filter={"statuses": ["DRAFT"]})
    other_organization = await house.post(await house.key("rival"), PAGE, first=1, after=cursor)

    for response in (other_question, other_organization):
        assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"


@pytest.mark.parametrize("id", ["c1", "Campaign:c1"])
async def test_a_campaign_is_found_by_either_id_and_only_by_its_owner(
    house: House, key: str, id: str
) -> None:
    await house.take({"type": "organization", "id": "rival"}, campaign(1))
    ask = "query ($id: ID!) { campaign(id: $id) { id name } node(id: $id) { id } }"

    mine = await house.ask(key, ask, id=id)
    theirs = await house.ask(await house.key("rival"), ask, id=id)

    assert mine["campaign"] == {"id": "Campaign:c1", "name": "Campaign 1"}
    assert theirs == {"campaign": None, "node": None}


async def test_filters_choose_campaigns_by_state_channel_and_time(house: House, key: str) -> None:
    await house.take(
        campaign(1, status="draft", channel="sms"),
        campaign(2, channel="email"),
        campaign(3, channel="sms", created_at="2026-04-01T00:00:00Z"),
    )
    wanted = {
        "statuses": ["COMPLETED"],
        "channels": ["sms", "email"],
        "created": {"days": {"first": "2026-05-01", "last": "2026-05-01"}},
    }

    page = (await house.ask(key, PAGE, first=10, filter=wanted))["campaigns"]

    assert [edge["node"]["externalId"] for edge in page["edges"]] == ["c2"]
    assert page["totalCount"] == 1


async def test_the_campaign_told_of_last_is_the_truth_in_whatever_order_it_comes(
    house: House, key: str
) -> None:
    await house.take(campaign(1, name="new", updated_at="2026-05-03T00:00:00Z"))
    await house.take(campaign(1, name="old", updated_at="2026-05-02T00:00:00Z"))

    assert (await house.ask(key, '{ campaign(id: "c1") { name } }'))["campaign"]["name"] == "new"


async def test_events_before_the_campaign_count_for_it_all_the_same(house: House, key: str) -> None:
    await house.take(ACME, event("m", "delivered", "2026-05-02T09:00:00Z", campaign_id="c1"), campaign(1))

    summary = (await house.ask(key, '{ campaign(id: "c1") { summary { logged delivered } } }'))["campaign"][
        "summary"
    ]

    assert summary == {"logged": 1, "delivered": 1}
