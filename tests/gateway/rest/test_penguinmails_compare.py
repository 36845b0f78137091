"""PenguinMails' comparison: rates side by side, and whether the best is better by more than chance."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.rest.penguinmails import answers
from gateway.rest.penguinmails.params import RATES
from tests.gateway.rest.penguin import Penguin, happened, mail, mailing
from tests.gateway.rest.world import received

NOON = "2026-05-05T12:00:00Z"


def sends(campaign: str, count: int, **counts: int) -> list[dict[str, Any]]:
    """A campaign that sent so many; `opened=2` makes two of them so. What came back is counted from the end."""
    bounced = counts.pop("hard_bounced", 0)

    def fate(number: int) -> dict[str, str]:
        told = {f"{name}_at": NOON for name, most in counts.items() if number < most}
        return told | ({"hard_bounced_at": NOON} if number >= count - bounced else {})

    return [
        mailing(campaign),
        *(mail(f"{campaign}-{i}", NOON, campaign_id=campaign, **fate(i)) for i in range(count)),
    ]


async def counted(penguin: Penguin, *worlds: list[dict[str, Any]]) -> None:
    await penguin.take(*(record for world in worlds for record in world))
    await penguin.count_until("2026-05-06T10:00:00Z")


async def test_the_best_against_the_second_best(penguin: Penguin) -> None:
    await counted(
        penguin,
        sends("a", 400, hard_bounced=5, opened=112, clicked=20),  # 112 ÷ 395 = 28.35 %
        sends("b", 400, hard_bounced=5, opened=140, clicked=20),  # 140 ÷ 395 = 35.44 %
        sends("c", 40, opened=4),  # 10 %
    )

    body = (
        await penguin.post({"campaign_ids": ["a", "b", "c"], "metrics": ["open_rate", "delivery_rate"]})
    ).json()

    answers.CompareAnswer.model_validate(body)
    assert body["data"] == {
        "comparison": [
            {
                "campaign_id": "a",
                "campaign_name": "a",
                "metrics": {"open_rate": 28.35, "delivery_rate": 98.75},
            },
            {
                "campaign_id": "b",
                "campaign_name": "b",
                "metrics": {"open_rate": 35.44, "delivery_rate": 98.75},
            },
            {
                "campaign_id": "c",
                "campaign_name": "c",
                "metrics": {"open_rate": 10.0, "delivery_rate": 100.0},
            },
        ],
        "statistical_significance": [
            # pooled 252 ÷ 790; the error is √(0.31899 × 0.68101 × 2 ÷ 395) = 0.033164; the difference
            # 28 ÷ 395 = 0.070886; z = 2.1375; p = 0.0326
            {"metric": "open_rate", "winner": "b", "p_value": 0.0326, "is_significant": True},
            # c is the best, and of the two that are as good the first is held against it:
            # 435 of 440, error √(0.988636 × 0.011364 × (1 ÷ 40 + 1 ÷ 400)) = 0.017577, z = 0.7112
            {"metric": "delivery_rate", "winner": "c", "p_value": 0.477, "is_significant": False},
        ],
    }


async def test_campaigns_and_rates_come_in_the_order_asked(penguin: Penguin) -> None:
    await counted(penguin, *(sends(name, 2) for name in "abcde"))

    told = await penguin.compared("d", "b", "e", "a", "c", metrics=["spam_rate", "open_rate"])

    assert [one["campaign_id"] for one in told["comparison"]] == ["d", "b", "e", "a", "c"]
    assert {tuple(one["metrics"]) for one in told["comparison"]} == {("spam_rate", "open_rate")}
    assert [one["metric"] for one in told["statistical_significance"]] == ["spam_rate", "open_rate"]


async def test_without_metrics_it_is_all_of_them(penguin: Penguin) -> None:
    counts = {"opened": 6, "clicked": 3, "replied": 2, "complained": 1, "unsubscribed": 1}
    await counted(penguin, sends("a", 10, hard_bounced=2, **counts), sends("b", 10, opened=1))

    told = await penguin.compared("a", "b")

    assert told["comparison"][0]["metrics"] == {
        "delivery_rate": 80.0,  # 8 ÷ 10
        "open_rate": 75.0,  # 6 ÷ 8
        "click_rate": 37.5,
        "click_to_open_rate": 50.0,  # 3 ÷ 6
        "reply_rate": 25.0,
        "bounce_rate": 20.0,
        "spam_rate": 10.0,
        "unsubscribe_rate": 12.5,
    }
    winners = {one["metric"]: one["winner"] for one in told["statistical_significance"]}
    # of what is bad the one with less wins
    assert winners == {
        **dict.fromkeys(("open_rate", "click_rate", "click_to_open_rate", "reply_rate"), "a"),
        **dict.fromkeys(("delivery_rate", "bounce_rate", "spam_rate", "unsubscribe_rate"), "b"),
    }
    assert list(winners) == list(RATES)


async def test_a_tie_has_no_winner(penguin: Penguin) -> None:
    await counted(penguin, sends("a", 10, opened=5), sends("b", 20, opened=10), sends("c", 10, opened=2))

    told = await penguin.compared("a", "b", "c", metrics=["open_rate", "bounce_rate"])

    assert told["statistical_significance"] == [
        {"metric": "open_rate", "winner": None, "p_value": 1.0, "is_significant": False},
        {"metric": "bounce_rate", "winner": None, "p_value": 1.0, "is_significant": False},  # all have none
    ]


async def test_a_rate_of_nothing_takes_no_part(penguin: Penguin) -> None:
    await counted(
        penguin,
        sends("a", 10, opened=2, clicked=1),
        sends("b", 10),  # nobody opened: no click to open rate
        sends("c", 3, hard_bounced=3),  # nothing arrived: no open rate
        [mailing("d")],  # nothing was sent
    )
    metrics = ["delivery_rate", "open_rate", "click_to_open_rate"]

    async def tested(*campaigns: str) -> dict[str, Any]:
        told = await penguin.compared(*campaigns, metrics=metrics)
        for one in told["comparison"]:
            assert set(one["metrics"]) == set(metrics)  # it is still shown, as 0
        return {one["metric"]: one["winner"] for one in told["statistical_significance"]}

    assert await tested("a", "b") == {"delivery_rate": None, "open_rate": "a"}
    assert await tested("a", "c") == {"delivery_rate": "a"}
    assert await tested("a", "d") == {}
    assert await tested("d", "c", "a", "b") == {"delivery_rate": None, "open_rate": "a"}


async def test_what_is_no_share_takes_no_part(penguin: Penguin) -> None:
    # in this week two are opened that left before it, and one leaves
    early = "2026-04-20T12:00:00Z"
    await counted(
        penguin,
        sends("a", 1),
        sends("b", 4, opened=1),
        [mail(f"old{i}", early, campaign_id="a") for i in range(2)],
        [happened(f"old{i}", "opened", NOON) for i in range(2)],
    )

    week = await penguin.compared("a", "b", metrics=["open_rate"], time_range="7d")
    month = await penguin.compared("a", "b", metrics=["open_rate"])

    assert [one["metrics"]["open_rate"] for one in week["comparison"]] == [200.0, 25.0]
    assert week["statistical_significance"] == []
    # 2 ÷ 3 and 1 ÷ 4: pooled 3 ÷ 7, error √(12 ÷ 49 × (1 ÷ 3 + 1 ÷ 4)) = 0.377964, z = 1.1024
    assert month["statistical_significance"] == [
        {"metric": "open_rate", "winner": "a", "p_value": 0.2703, "is_significant": False}
    ]


async def test_campaigns_and_metrics_named_twice_count_once(penguin: Penguin) -> None:
    await counted(penguin, sends("a", 4, opened=1), sends("b", 4, opened=3))

    twice = await penguin.compared("b", "a", "b", "a", metrics=["open_rate", "open_rate"])

    assert twice == await penguin.compared("b", "a", metrics=["open_rate"])
    assert len(twice["statistical_significance"]) == 1


@pytest.mark.parametrize("metrics", [["open_rate"], list(RATES)])
async def test_no_p_value_is_corrected_for_being_one_of_several(penguin: Penguin, metrics: list[str]) -> None:
    await counted(penguin, sends("a", 395, opened=112), sends("b", 395, opened=140))

    told = await penguin.compared("a", "b", metrics=metrics)

    found = {one["metric"]: one["p_value"] for one in told["statistical_significance"]}
    assert found["open_rate"] == 0.0326


async def test_a_small_sample_is_tested_by_z_all_the_same(penguin: Penguin) -> None:
    await counted(penguin, sends("a", 2, opened=2), sends("b", 2))

    told = await penguin.compared("a", "b", metrics=["open_rate"])

    # pooled ½, error √(¼ × 1) = ½, z = 2, p = 0.0455; Fisher's exact test would say 0.3333
    assert told["statistical_significance"] == [
        {"metric": "open_rate", "winner": "a", "p_value": 0.0455, "is_significant": True}
    ]


async def test_only_what_counts_elsewhere_counts_here(penguin: Penguin) -> None:
    await counted(
        penguin,
        sends("a", 2, opened=1),
        sends("b", 2),
        [
            mail("x1", NOON, campaign_id="a", is_test=True),
            mail("x2", NOON, campaign_id="a", channel="sms"),
            mail("x3", NOON, campaign_id="a", channel=None),  # one that says nothing of its channel counts
            received("x4", NOON, campaign_id="a", channel="email"),
            happened("a-1", "opened", NOON, actor="machine"),
        ],
    )

    told = await penguin.compared("a", "b", metrics=["open_rate"])

    assert told["comparison"][0]["metrics"] == {"open_rate": 33.33}  # 1 ÷ 3
