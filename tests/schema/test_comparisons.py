"""Campaigns held against one another, and rates with everything they are made of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import House, message

NOON = "2026-05-05T12:00:00Z"
DOCUMENT = """query ($campaigns: [ID!]!, $metrics: [MessageMetric!], $method: Method, $correction: Correction) {
  compareCampaigns(campaigns: $campaigns, metrics: $metrics, method: $method, correction: $correction) {
    campaigns { campaign { externalId } rates { metric value } metrics { attempted } }
    comparisons { metric winner { externalId } runnerUp { externalId } pValue test isSignificant finding }
  }
}"""


def campaign(id: str, sent: int, **counts: int) -> list[dict[str, Any]]:
    """A campaign that sent so many; `opened=2` makes two of them so."""
    return [
        {"type": "campaign", "organization": "acme", "id": id, "created_at": "2026-05-01T00:00:00Z"},
        *(
            message(
                f"{id}-{number}",
                NOON,
                campaign_id=id,
                sent_at=NOON,
                **{f"{name}_at": NOON for name, most in counts.items() if number < most},
            )
            for number in range(sent)
        ),
    ]


async def compared(house: House, key: str, *campaigns: str, **variables: Any) -> dict[str, Any]:
    document = DOCUMENT
    asked = {name: value for name, value in variables.items() if value is not None}
    return (await house.ask(key, document, campaigns=campaigns, **asked))["compareCampaigns"]


def verdict(one: dict[str, Any]) -> tuple[Any, ...]:
    """(winner, runner-up, p rounded to four, test, finding) of a comparison."""
    names = [one[who] and one[who]["externalId"] for who in ("winner", "runnerUp")]
    p = None if one["pValue"] is None else round(one["pValue"], 4)
    assert one["isSignificant"] == (one["finding"] == "DIFFERENT")
    return *names, p, one["test"], one["finding"]


async def test_the_best_against_the_second_best_by_the_test_that_fits(house: House, key: str) -> None:
    await house.take(
        *campaign("a", 395, opened=112, clicked=1),
        *campaign("b", 395, opened=140, clicked=3),
        *campaign("c", 10, opened=1),
    )
    metrics = ["ATTEMPTED_OPEN_RATE", "CLICK_TO_OPEN_RATE", "BOUNCE_RATE"]

    found = await compared(house, key, "c", "b", "a", metrics=metrics)

    assert [one["campaign"]["externalId"] for one in found["campaigns"]] == ["c", "b", "a"]
    assert [one["metrics"]["attempted"] for one in found["campaigns"]] == [10, 395, 395]
    assert [one["value"] for one in found["campaigns"][0]["rates"]] == [10, 0, 0]
    assert [verdict(one) for one in found["comparisons"]] == [
        # the same as in the vendor's example: z = 2.1375
        ("b", "a", 0.0326, "Z", "DIFFERENT"),
        # four clicks of 252: a cell is expected to hold fewer than five, so it is tested exactly. Of the four
        # 0 to 4 are a's with the chances 0.0934, 0.3056, 0.3687, 0.1945, 0.0379; all but 2 are as unlikely as 1
        ("b", "a", 0.6313, "EXACT", "NO_DIFFERENCE"),
        (None, "b", 1.0, "EXACT", "NO_DIFFERENCE"),  # nothing came back anywhere: a tie
    ]


async def test_the_method_can_be_chosen(house: House, key: str) -> None:
    await house.take(*campaign("a", 2, opened=2), *campaign("b", 2))
    metrics = ["ATTEMPTED_OPEN_RATE"]

    found = [
        verdict((await compared(house, key, "a", "b", metrics=metrics, method=method))["comparisons"][0])
        for method in (None, "AUTO", "EXACT", "Z")
    ]

    # of the six ways to have two of four opened, two are as uneven as this
    exact = ("a", "b", 0.3333, "EXACT", "NO_DIFFERENCE")
    assert found == [exact, exact, exact, ("a", "b", 0.0455, "Z", "DIFFERENT")]


async def test_holms_correction_is_over_all_rates_compared(house: House, key: str) -> None:
    await house.take(
        *campaign("a", 395, opened=112, clicked=60, replied=40),
        *campaign("b", 395, opened=140, clicked=90, replied=41),
    )
    metrics = ["ATTEMPTED_OPEN_RATE", "COMPLAINT_RATE", "HARD_BOUNCE_RATE"]

    plain = await compared(house, key, "a", "b", metrics=metrics)
    holm = await compared(house, key, "a", "b", metrics=metrics, correction="HOLM")

    assert [verdict(one)[2] for one in plain["comparisons"]] == [0.0326, 1.0, 1.0]
    # three are tested: the smallest is taken three times
    assert verdict(holm["comparisons"][0]) == ("b", "a", 0.0977, "Z", "NO_DIFFERENCE")
    assert plain["comparisons"][0]["isSignificant"]
    assert plain["campaigns"] == holm["campaigns"]


async def test_too_little_to_tell(house: House, key: str) -> None:
    await house.take(*campaign("a", 1, opened=1), *campaign("b", 5), *campaign("c", 0), *campaign("d", 0))

    async def told(*campaigns: str, metric: str = "ATTEMPTED_OPEN_RATE") -> tuple[Any, ...]:
        return verdict((await compared(house, key, *campaigns, metrics=[metric]))["comparisons"][0])

    assert await told("c", "d") == (None, None, None, None, "NOT_ENOUGH_DATA")
    assert await told("b", "c") == (None, None, None, None, "NOT_ENOUGH_DATA")
    assert await told("a", "b") == ("a", "b", None, None, "NOT_ENOUGH_DATA")  # one alone says nothing
    # a weighted score is no share of things that can be counted
    assert await told("a", "b", metric="ENGAGEMENT_SCORE") == (None, None, None, None, "NOT_ENOUGH_DATA")


async def test_sums_are_passed_over_and_without_metrics_it_is_every_rate(house: House, key: str) -> None:
    await house.take(*campaign("a", 2), *campaign("b", 2))

    some = await compared(house, key, "a", "b", metrics=["OPENED", "OPEN_RATE", "OPEN_RATE"])
    every = await compared(house, key, "a", "b")
    none = await compared(house, key, "a", "b", metrics=["OPENED"])

    assert [one["metric"] for one in some["comparisons"]] == ["OPEN_RATE"]
    assert {"DELIVERY_RATE", "ENGAGEMENT_SCORE"} < {one["metric"] for one in every["comparisons"]}
    assert none["comparisons"] == []
    assert none["campaigns"][0]["metrics"]["attempted"] == 2


async def test_a_window_a_clock_and_a_filter_say_what_counts(house: House, key: str) -> None:
    await house.take(
        *campaign("a", 2, opened=1),
        *campaign("b", 4),
        message(
            "early", "2026-04-01T00:00:00Z", campaign_id="b", sent_at="2026-04-01T00:00:00Z", opened_at=NOON
        ),
        message("sms", NOON, campaign_id="b", sent_at=NOON, opened_at=NOON, channel="sms"),
    )

    async def opened(arguments: str) -> list[int]:
        document = f"""{{ compareCampaigns(campaigns: ["a", "b"], metrics: [ATTEMPTED_OPEN_RATE]{arguments}) {{
          campaigns {{ rates {{ numerator denominator }} }} }} }}"""
        found = (await house.ask(key, document))["compareCampaigns"]["campaigns"]
        return [number for one in found for number in one["rates"][0].values()]

    may = ', window: {days: {first: "2026-05-01", last: "2026-05-05"}}'
    assert await opened("") == [1, 2, 2, 6]
    assert await opened(may) == [1, 2, 1, 5]
    assert await opened(f"{may}, clock: HAPPENED") == [1, 2, 2, 5]
    assert await opened(', filter: {channel: [""]}') == [1, 2, 1, 5]


@pytest.mark.parametrize(
    ("campaigns", "code"),
    [
        (["a"], "INVALID_INPUT"),
        (["a", "a"], "INVALID_INPUT"),
        (["a", "Campaign:a"], "INVALID_INPUT"),  # two names of one
        ([f"c{number}" for number in range(21)], "INVALID_INPUT"),
        (["a", "nobody"], "NOT_FOUND"),
    ],
)
async def test_two_to_twenty_campaigns_that_there_are(
    house: House, key: str, campaigns: list[str], code: str
) -> None:
    await house.take(*campaign("a", 1))

    response = await house.post(key, DOCUMENT, campaigns=campaigns)

    assert response.json()["errors"][0]["extensions"]["code"] == code


RATES = """query ($metrics: [MessageMetric!], $window: WindowInput, $clock: Clock) {
  campaign(id: "a") { rates(metrics: $metrics, window: $window, clock: $clock) {
    metric value numerator denominator formula interval { low high }
  } }
}"""


async def test_a_rate_tells_what_it_is_made_of_and_how_sure_it_is(house: House, key: str) -> None:
    await house.take(*campaign("a", 10, opened=3, clicked=2, hard_bounced=2))
    metrics = ["BOUNCE_RATE", "ACCEPTED_OPEN_RATE", "ENGAGEMENT_SCORE", "CONFIRMATION_RATE", "OPENED"]

    found = (await house.ask(key, RATES, metrics=metrics))["campaign"]["rates"]

    bounce, opened, score, confirmed = found
    # Wilson, z = 1.96: centre (2 + 1.92) ÷ 13.84, half 1.96 ÷ 13.84 × √(2 × 8 ÷ 10 + 0.96)
    assert (round(bounce["interval"]["low"], 2), round(bounce["interval"]["high"], 2)) == (5.67, 50.98)
    assert [bounce[name] for name in ("metric", "value", "numerator", "denominator", "formula")] == [
        *("BOUNCE_RATE", 20, 2, 10),
        "100 × bounced ÷ attempted",
    ]
    assert (opened["value"], opened["denominator"]) == (37.5, 8)
    assert opened["formula"] == "100 × opened ÷ (attempted − bounced)"
    assert opened["interval"]["low"] < 37.5 < opened["interval"]["high"]
    assert (score["value"], round(score["numerator"], 6), score["interval"]) == (17, 1.7, None)  # 0.9 + 0.8
    assert (confirmed["value"], confirmed["denominator"]) == (0, 10)


async def test_a_rate_of_nothing_is_null_and_more_than_all_has_no_interval(house: House, key: str) -> None:
    await house.take(
        *campaign("a", 1),
        *(
            message(
                f"m{i}",
                "2026-04-01T00:00:00Z",
                campaign_id="a",
                sent_at="2026-04-01T00:00:00Z",
                opened_at=NOON,
            )
            for i in range(2)
        ),
    )
    may = {"days": {"first": "2026-05-01", "last": "2026-05-05"}}
    metrics = ["ATTEMPTED_OPEN_RATE", "CLICK_TO_OPEN_RATE"]

    happened = (await house.ask(key, RATES, metrics=metrics, window=may, clock="HAPPENED"))["campaign"][
        "rates"
    ]
    created = (await house.ask(key, RATES, metrics=metrics, window=may, clock="CREATED"))["campaign"]["rates"]

    assert [(one["value"], one["interval"]) for one in happened][:1] == [(200, None)]
    assert happened[1]["value"] == 0
    assert [(one["value"], one["interval"]) for one in created][1:] == [(None, None)]
    assert created[0]["interval"]["low"] == 0
