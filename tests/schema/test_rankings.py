"""The best campaigns: in what order, of equal ones too, and which take part."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import ACME, House, message

Counts = dict[str, int]
DOCUMENT = """query ($metric: MessageMetric, $first: Int, $filter: CampaignsFilter, $messages: MessageFilter) {
  topCampaigns(metric: $metric, first: $first, filter: $filter, messages: $messages) {
    rank value campaign { externalId } metrics { logged delivered }
  }
}"""
# What happens at noon: `delivered` of `logged` messages, and so on.
MOMENTS = {"delivered": "delivered_at", "opened": "opened_at", "clicked": "clicked_at", "sent": "sent_at"}


def campaign(id: str, hour: int, logged: int, **told: Any) -> list[dict[str, Any]]:
    """A campaign created at that hour of 1 May, and its messages; `delivered=2` makes two of them so."""
    counts: Counts = {name: told.pop(name) for name in [*told] if name in MOMENTS}
    created = f"2026-05-01T{hour:02}:00:00Z"
    noon = "2026-05-02T12:00:00Z"
    return [
        {"type": "campaign", "organization": "acme", "id": id, "created_at": created, **told},
        *(
            message(
                f"{id}-{number}",
                noon,
                campaign_id=id,
                **{MOMENTS[name]: noon for name, most in counts.items() if number < most},
            )
            for number in range(logged)
        ),
    ]


async def ranked(house: House, key: str, **variables: Any) -> list[tuple[int, str, Any]]:
    """(rank, campaign, value), best first."""
    found = (await house.ask(key, DOCUMENT, **variables))["topCampaigns"]
    return [(one["rank"], one["campaign"]["externalId"], one["value"]) for one in found]


async def the_field(house: House) -> None:
    """Campaigns of which some are as good as others."""
    await house.take(
        *campaign("best", 1, logged=4, delivered=3, status="completed"),
        *campaign("large", 2, logged=4, delivered=2, status="completed"),
        *campaign("old", 3, logged=2, delivered=1, status="sending"),
        *campaign("young b", 5, logged=2, delivered=1, status="sending"),
        *campaign("young a", 5, logged=2, delivered=1, status="completed"),
        *campaign("none", 6, logged=3),
        *campaign("empty", 7, logged=0),
        *campaign("inbound", 8, logged=0),
        message("in", "2026-05-02T12:00:00Z", campaign_id="inbound", direction="inbound"),
        message("stranger", "2026-05-02T12:00:00Z", campaign_id="nobody's"),
    )


async def test_of_equal_ones_the_larger_then_the_newer_then_the_first_by_id_goes_first(
    house: House, key: str
) -> None:
    await the_field(house)

    # 3/4, 2/4, three times 1/2, 0/3; a rate of nothing has no place
    assert await ranked(house, key) == [
        (1, "best", 75),
        (2, "large", 50),
        (3, "young a", 50),
        (4, "young b", 50),
        (5, "old", 50),
        (6, "none", 0),
    ]
    assert await ranked(house, key, first=2) == [(1, "best", 75), (2, "large", 50)]


async def test_a_sum_ranks_by_itself_and_then_by_age(house: House, key: str) -> None:
    await the_field(house)

    found = await ranked(house, key, metric="LOGGED", first=4)

    assert found == [(1, "large", 4), (2, "best", 4), (3, "none", 3), (4, "young a", 2)]


async def test_statuses_a_window_and_a_filter_of_messages_say_who_takes_part(house: House, key: str) -> None:
    await the_field(house)
    await house.take(*campaign("april", 1, logged=1, created_at="2026-04-01T00:00:00Z"))
    created = {"days": {"first": "2026-05-01", "last": "2026-05-01"}}

    sending = await ranked(house, key, filter={"statuses": ["SENDING"]})
    april = {"days": {"first": "2026-04-01", "last": "2026-04-30"}}
    early = await ranked(house, key, metric="LOGGED", filter={"created": april})
    both = await ranked(house, key, filter={"statuses": ["COMPLETED"], "created": created}, first=2)
    inbound = await ranked(house, key, metric="TOTAL", messages={"direction": ["inbound"]})

    assert sending == [(1, "young b", 50), (2, "old", 50)]
    assert early == [(1, "april", 1)]
    assert both == [(1, "best", 75), (2, "large", 50)]
    assert inbound == [(1, "inbound", 1)]


async def test_a_weighted_ratio_is_ranked_exactly(house: House, key: str) -> None:
    # 0.3 × 4 opened and 0.4 × 3 clicked of 10 are both 12 points; in floats the second would be more
    await house.take(
        *campaign("clicked", 1, logged=10, sent=10, clicked=3),
        *campaign("opened", 2, logged=10, sent=10, opened=4),
    )

    found = await ranked(house, key, metric="ENGAGEMENT_SCORE")

    assert found == [(1, "opened", 12), (2, "clicked", 12)]


async def test_other_measures_can_decide_between_equal_ones_and_then_the_id_does(
    house: House, key: str
) -> None:
    # all have one of two opened
    await house.take(
        *campaign("d", 1, logged=2, sent=2, opened=1),
        *campaign("c", 9, logged=2, sent=2, opened=1),
        *campaign("b", 2, logged=4, sent=4, opened=2, clicked=1),
        *campaign("a", 3, logged=4, sent=4, opened=2, clicked=2),
    )

    async def order(*ties: str) -> list[str]:
        document = """query ($ties: [MessageMetric!]) {
          topCampaigns(metric: ATTEMPTED_OPEN_RATE, ties: $ties) { campaign { externalId } }
        }"""
        found = await house.ask(key, document, **({"ties": ties} if ties else {}))
        return [one["campaign"]["externalId"] for one in found["topCampaigns"]]

    assert await order() == ["a", "b", "c", "d"]  # the larger, then the newer
    assert await order("CLICK_TO_OPEN_RATE") == ["a", "b", "c", "d"]  # 1, ½, 0, 0; then by id, not by age
    assert await order("FAILED", "CLICKED") == ["a", "b", "c", "d"]
    assert await order("FAILED") == ["a", "b", "c", "d"]
    await house.take(
        message("d-2", "2026-05-02T12:00:00Z", campaign_id="d", failed_at="2026-05-02T12:00:00Z")
    )
    await house.take(
        message(
            "d-3",
            "2026-05-02T12:00:00Z",
            campaign_id="d",
            sent_at="2026-05-02T12:00:00Z",
            opened_at="2026-05-02T12:00:00Z",
        )
    )
    assert await order("FAILED") == ["d", "a", "b", "c"]


async def test_messages_of_a_window_on_a_clock(house: House, key: str) -> None:
    april, noon = "2026-04-02T12:00:00Z", "2026-05-02T12:00:00Z"
    await house.take(
        *campaign("a", 1, logged=1, sent=1),
        *campaign("b", 2, logged=2, sent=2),
        *(message(f"old{i}", april, campaign_id="a", sent_at=april, opened_at=noon) for i in range(3)),
        *campaign("c", 3, logged=0),
        message("older", april, campaign_id="c", sent_at=april),
    )
    may = 'window: {days: {first: "2026-05-01", last: "2026-05-31"}}, timezone: "UTC"'

    async def ranked_by(arguments: str) -> list[tuple[str, Any]]:
        document = f"{{ topCampaigns({arguments}) {{ value campaign {{ externalId }} }} }}"
        found = (await house.ask(key, document))["topCampaigns"]
        return [(one["campaign"]["externalId"], one["value"]) for one in found]

    assert await ranked_by("metric: ATTEMPTED") == [("a", 4), ("b", 2), ("c", 1)]
    assert await ranked_by(f"metric: ATTEMPTED, {may}") == [("b", 2), ("a", 1)]
    assert await ranked_by(f"metric: OPENED, {may}") == []  # nothing was counted of any
    assert await ranked_by(f"metric: OPENED, {may}, clock: HAPPENED") == [("a", 3)]
    assert await ranked_by(f"metric: ATTEMPTED_OPEN_RATE, {may}, clock: HAPPENED") == [("a", 300), ("b", 0)]


async def test_nobody_elses_campaigns_take_part(house: House, key: str) -> None:
    await house.take({"type": "organization", "id": "rival"})
    await the_field(house)

    assert await ranked(house, await house.key("rival")) == []


HEAVY = {
    "topCampaigns": "{ value }",
    "bestSendTimes": "{ timezone }",
    "heatmap": "{ total }",
}


@pytest.mark.parametrize("field", HEAVY)
async def test_nineteen_heavy_questions_fit_into_one_request_and_two_more_do_not(
    house: House, key: str, field: str
) -> None:
    # each counts as 5,000 values, and those it answers with, of the 100,000 that the plan allows
    await house.take(ACME | {"plan": "growth"})
    asked = [f"a{number}: {field} {HEAVY[field]}" for number in range(21)]

    nineteen = (await house.post(key, f"{{ {' '.join(asked[:19])} }}")).json()
    two_more = (await house.post(key, f"{{ {' '.join(asked)} }}")).json()
    mixed = [f"a{number}: {field} {HEAVY[field]}" for number, field in enumerate([*HEAVY] * 7)]
    every = (await house.post(key, f"{{ {' '.join(mixed)} }}")).json()

    assert "errors" not in nineteen
    for refused in (two_more, every):
        assert {error["extensions"]["code"] for error in refused["errors"]} == {"TOO_MUCH_AT_ONCE"}


@pytest.mark.parametrize("first", [0, 101])
async def test_a_ranking_has_a_place_for_one_to_a_hundred(house: House, key: str, first: int) -> None:
    response = await house.post(key, DOCUMENT, first=first)

    assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
