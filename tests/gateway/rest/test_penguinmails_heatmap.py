"""PenguinMails' heatmap: by the weekday and the part of the day an e-mail was sent, in a zone."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.rest.penguinmails import answers, shape
from models import MESSAGES, Ratio
from tests.gateway.rest.penguin import (
    HEATMAP,
    OVERVIEW,
    Penguin,
    back,
    happened,
    mail,
    mailing,
    opened,
)

PARTS = ("nighttime", "early_morning", "office_hours", "evening")


def cell(day: str, part: str, sent: int, opens: int, open_rate: float, score: float) -> dict[str, Any]:
    """One cell of the answer."""
    return {
        "day_of_week": day,
        "time_period": part,
        "emails_sent": sent,
        "emails_opened": opens,
        "open_rate": open_rate,
        "engagement_score": score,
    }


async def a_week(penguin: Penguin) -> None:
    """Ten e-mails of Monday the 4th and Tuesday the 5th of May, and what became of them later."""
    await penguin.take(
        mailing("cmp_1"),
        # Monday at 05:59:59 and at 06:00: night and early morning
        mail("m1", "2026-05-04T05:59:59.999Z"),
        mail("m2", "2026-05-04T06:00:00Z", campaign_id="cmp_1"),
        # Monday at 9 and at 16: office hours
        *(mail(f"o{i}", f"2026-05-04T09:0{i}:00Z", campaign_id="cmp_1") for i in range(3)),
        mail("p1", "2026-05-04T16:59:59Z"),
        # Monday at 17 and at 23:59: evening; the second came back
        mail("e1", "2026-05-04T17:00:00Z"),
        back("e2", "2026-05-04T23:59:59Z"),
        # Tuesday at midnight: night; and made at 08:00, but sent at 10:00
        mail("n1", "2026-05-05T00:00:00Z"),
        mail("n2", "2026-05-05T08:00:00Z", sent_at="2026-05-05T10:00:00Z"),
        # it is the sending that counts, not the opening, which may lie anywhere
        happened("o0", "opened", "2026-05-05T20:00:00Z"),
        happened("o0", "opened", "2026-05-05T20:01:00Z"),
        happened("o0", "clicked", "2026-05-05T20:01:00Z"),
        happened("o1", "opened", "2026-05-05T03:00:00Z"),
        happened("o1", "replied", "2026-05-06T03:00:00Z"),
        happened("p1", "opened", "2026-05-06T09:00:00Z"),
        happened("m2", "opened", "2026-05-06T09:00:00Z", actor="machine"),
        happened("n2", "clicked", "2026-05-06T09:00:00Z"),
        # none of these counts
        mail("x1", "2026-05-04T12:00:00Z", is_test=True),
        mail("x2", "2026-05-04T12:00:00Z", channel="sms"),
        mail("x3", "2026-05-04T12:00:00Z", sent_at=None),  # it has not left
    )
    await penguin.count_until("2026-05-06T10:00:00Z")


async def test_parts_of_days_from_monday_on_without_those_at_which_nothing_was_sent(penguin: Penguin) -> None:
    await a_week(penguin)

    body = (await penguin.ask(HEATMAP)).json()

    answers.HeatmapAnswer.model_validate(body)
    assert body["data"] == {
        "workspace_id": penguin.workspace,
        "timezone": "UTC",
        # office hours of both days have 40, and Monday's more sends; in them 9 o'clock has
        # (2 × 0.3 + 0.4 + 0.3) ÷ 3 = 43.33, 16 o'clock 0.3 ÷ 1 = 30
        "optimal_send_time": {"day_of_week": "Monday", "hour": 9, "engagement_score": 40.0},
        "heatmap": [
            cell("Monday", "nighttime", 1, 0, 0.0, 0.0),
            cell("Monday", "early_morning", 1, 0, 0.0, 0.0),
            # o0 to o2 and p1: three opened, one clicked, one replied; (0.9 + 0.4 + 0.3) ÷ 4
            cell("Monday", "office_hours", 4, 3, 75.0, 40.0),
            cell("Monday", "evening", 2, 0, 0.0, 0.0),
            cell("Tuesday", "nighttime", 1, 0, 0.0, 0.0),
            cell("Tuesday", "office_hours", 1, 0, 0.0, 40.0),
        ],
    }


async def test_of_equal_cells_and_hours_the_one_with_more_sends_then_the_earlier_is_best(
    penguin: Penguin,
) -> None:
    async def best(*moments: str) -> tuple[str, int]:
        made = await opened(penguin.house)
        clicked = {"clicked_at": "2026-05-06T09:00:00Z"}
        await made.take(*(mail(f"m{i}", f"2026-05-{at}:00Z", **clicked) for i, at in enumerate(moments)))
        await made.count_until("2026-05-06T10:00:00Z")
        found = (await made.told(HEATMAP))["optimal_send_time"]
        assert found["engagement_score"] == 40.0  # of all of them
        return found["day_of_week"], found["hour"]

    # the 3rd of May is a Sunday
    assert await best("05T10:00", "04T10:00") == ("Monday", 10)
    assert await best("03T10:00", "04T10:00") == ("Monday", 10)  # Monday comes first in the week
    assert await best("04T10:00", "04T19:00", "04T20:00") == ("Monday", 19)
    assert await best("04T19:00", "04T20:00", "04T20:30") == ("Monday", 20)
    assert await best("04T05:00", "04T04:00") == ("Monday", 4)


async def test_a_cell_in_which_nobody_did_anything_can_be_the_best(penguin: Penguin) -> None:
    await penguin.take(mail("m1", "2026-05-05T12:00:00Z"))
    await penguin.count_until("2026-05-06T10:00:00Z")

    told = await penguin.told(HEATMAP)

    assert told["optimal_send_time"] == {"day_of_week": "Tuesday", "hour": 12, "engagement_score": 0.0}


async def test_without_anything_sent_there_is_no_best_time(penguin: Penguin) -> None:
    told = await penguin.told(HEATMAP)

    assert (told["optimal_send_time"], told["heatmap"]) == (None, [])


ZONED = {
    # 05:59:59 UTC on Monday is 11:29 in Kolkata; 17:00 is 22:30, 23:59:59 is 05:29 on Tuesday
    "Asia/Kolkata": {
        ("Monday", "office_hours"): 5,  # m1, m2 at 11:30 and o0 to o2 at 14:30
        ("Monday", "evening"): 2,  # p1 at 22:29, e1
        ("Tuesday", "nighttime"): 2,  # e2, n1 at 05:30
        ("Tuesday", "office_hours"): 1,  # n2 at 15:30
    },
    # and 22:59 on Sunday, four hours behind in summer
    "America/New_York": {
        ("Monday", "nighttime"): 5,  # m1 at 01:59, m2, o0 to o2 at 05:00
        ("Monday", "office_hours"): 2,  # p1 at 12:59, e1 at 13:00
        ("Monday", "evening"): 2,  # e2, n1 at 20:00
        ("Tuesday", "early_morning"): 1,  # n2 at 06:00
    },
    "Pacific/Kiritimati": {  # fourteen hours ahead
        ("Monday", "evening"): 5,  # m1 at 19:59, m2 at 20:00, o0 to o2 at 23:00
        ("Tuesday", "early_morning"): 2,  # p1 at 06:59, e1 at 07:00
        ("Tuesday", "office_hours"): 2,  # e2 at 13:59, n1 at 14:00
        ("Wednesday", "nighttime"): 1,  # n2 at 00:00
    },
}


@pytest.mark.parametrize("zone", ZONED)
async def test_hours_and_days_are_those_of_the_zone(penguin: Penguin, zone: str) -> None:
    await a_week(penguin)

    told = await penguin.told(HEATMAP, timezone=zone)

    assert told["timezone"] == zone
    found = {(one["day_of_week"], one["time_period"]): one["emails_sent"] for one in told["heatmap"]}
    assert found == ZONED[zone]
    sums = [sum(one[name] for one in told["heatmap"]) for name in ("emails_sent", "emails_opened")]
    assert sums == [10, 3]  # in every zone
    assert (await penguin.told(OVERVIEW))["summary"]["emails_sent"] == 10


async def test_without_a_zone_it_is_the_workspaces_own(penguin: Penguin) -> None:
    await penguin.take({"type": "organization", "id": penguin.slug, "timezone": "Asia/Kolkata"})
    await a_week(penguin)

    own = await penguin.told(HEATMAP)

    assert own["timezone"] == "Asia/Kolkata"
    assert (
        own
        == await penguin.told(HEATMAP, timezone="Asia/Kolkata")
        == await penguin.told(HEATMAP, timezone="")
    )
    assert own != await penguin.told(HEATMAP, timezone="UTC")


async def test_the_range_is_of_days_in_utc_whatever_the_zone(penguin: Penguin) -> None:
    await penguin.take(
        mail("before", "2026-04-05T23:59:59.999Z"),
        mail("first", "2026-04-06T00:00:00Z"),
        mail("old", "2026-02-05T00:00:00Z"),
        mail("older", "2026-02-04T23:59:59.999Z"),
    )
    await penguin.count_until("2026-05-06T10:00:00Z")

    for zone in ("UTC", "Asia/Kolkata", "America/New_York"):
        cells = [
            (await penguin.told(HEATMAP, timezone=zone, timeRange=range))["heatmap"]
            for range in ("30d", "90d")
        ]
        assert [sum(one["emails_sent"] for one in found) for found in cells] == [1, 3]


async def test_one_campaign(penguin: Penguin) -> None:
    await a_week(penguin)

    told = await penguin.told(HEATMAP, campaignId="cmp_1")

    assert told["heatmap"] == [
        cell("Monday", "early_morning", 1, 0, 0.0, 0.0),
        cell("Monday", "office_hours", 3, 2, 66.67, 43.33),  # (0.6 + 0.4 + 0.3) ÷ 3
    ]


async def test_every_part_of_every_day_in_its_order(penguin: Penguin) -> None:
    await penguin.take(
        *(
            mail(f"m{day}-{hour}", f"2026-04-{20 + day}T{hour:02}:30:00Z")
            for day in range(7)
            for hour in (23, 0, 6, 9)
        )
    )
    await penguin.count_until("2026-05-06T10:00:00Z")

    cells = (await penguin.told(HEATMAP))["heatmap"]

    assert [(one["day_of_week"], one["time_period"]) for one in cells] == [
        (day, part) for day in shape.WEEKDAYS for part in PARTS
    ]


@pytest.mark.parametrize(
    ("sent", "opens", "clicks", "replies", "open_rate", "score"),
    [
        (500, 150, 0, 0, 30.0, 9.0),  # spec/vendors.md, 9: their document prints 75.5, which cannot be
        (600, 210, 0, 0, 35.0, 10.5),
        (5_000, 1_470, 245, 98, 29.4, 11.37),  # (441 + 98 + 29.4) ÷ 5,000
        (1, 1, 1, 1, 100.0, 100.0),
    ],
)
def test_scores_are_by_their_formula(
    sent: int, opens: int, clicks: int, replies: int, open_rate: float, score: float
) -> None:
    sums = {"attempted": sent, "opened": opens, "clicked": clicks, "replied": replies}
    measures = [MESSAGES.measures[name] for name in ("attempted_open_rate", "engagement_score")]
    of = [ratio.of(sums) for ratio in measures if isinstance(ratio, Ratio)]
    metrics = {"emails_sent": sent, "emails_opened": opens, "open_rate": of[0], "engagement_score": of[1]}

    told = shape._cell({"weekday": 0, "dayPart": "OFFICE_HOURS", "metrics": metrics})

    assert told == cell("Monday", "office_hours", sent, opens, open_rate, score)
