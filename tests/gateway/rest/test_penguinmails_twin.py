"""PenguinMails' numbers are GraphQL's numbers, and fit together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rest.penguinmails import documents, shape
from gateway.rest.penguinmails.ranges import Range
from tests.gateway.rest.penguin import DELIVERABILITY, HEATMAP, OVERVIEW, Penguin, mail, mailing
from tests.gateway.rest.twins import twin_of
from tests.gateway.rest.world import at
from tests.resolvers.truth import ZONES
from tests.worlds import bounded

CAMPAIGNS = ("cmp_1", "cmp_2", "cmp_3")
CAMPAIGN = "campaigns/cmp_1/analytics"
FIRST, DAYS = at("2026-04-20T00:00:00Z"), 16
MINUTE = timedelta(seconds=61)  # so that nobody asks too often
SUMMARY = {
    "emails_sent": "sent",
    "emails_delivered": "delivered",
    "emails_opened": "opened",
    "emails_clicked": "clicked",
    "emails_replied": "replied",
}
POINTS = {**SUMMARY, "emails_bounced": "bounced", "spam_complaints": "spam_complaints"}
THINGS = {"opened_at": 3, "clicked_at": 5, "replied_at": 7, "complained_at": 11, "soft_bounced_at": 13}


def moment(number: int) -> datetime:
    """A moment of the sixteen days that no rollup could cut at."""
    return FIRST + timedelta(microseconds=number * 7_654_321_987 % (DAYS * 86_400_000_000))


@pytest.fixture
async def made(penguin: Penguin) -> list[dict[str, datetime]]:
    """E-mails of three campaigns all over sixteen days; says when each thing happened to each of them."""
    truths = []
    for i in range(120):
        sent = moment(i) if i % 4 else FIRST + timedelta(minutes=15 * i)  # some on the edges of quarters
        truth = {"sent_at": sent}
        for name, every in THINGS.items():
            if i % every == 0:
                truth[name] = sent + timedelta(seconds=37 * every * i)
        truths.append(truth)
    await penguin.take(
        *(mailing(id) for id in CAMPAIGNS),
        *(
            mail(
                f"m{i}",
                truth["sent_at"].isoformat(),
                campaign_id=CAMPAIGNS[i % 3],
                sender_id=f"box_{i % 2}",
                **{name: when.isoformat() for name, when in truth.items() if name != "sent_at"},
            )
            for i, truth in enumerate(truths)
        ),
        *(mail(f"t{i}", moment(i).isoformat(), campaign_id="cmp_1", is_test=True) for i in range(5)),
    )
    await penguin.count_until("2026-05-06T10:00:00Z")
    return truths


async def followed(penguin: Penguin, tail: str, **params: str) -> tuple[Any, Any]:
    """An answer, and what the twin that its Link names says, in the vendor's shape."""
    answer = await penguin.ask(tail, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"], await twin_of(penguin.http, penguin.key, answer)


@pytest.mark.usefixtures("made")
async def test_its_links_lead_to_graphql_queries_with_the_same_numbers(penguin: Penguin) -> None:
    told, data = await followed(penguin, CAMPAIGN, startDate="2026-04-22", endDate="2026-04-28T10:00:00Z")
    twin = data["campaign"]
    assert told["campaign_id"] == twin["campaign_id"]
    assert told["summary"]["emails_sent"] == twin["summary"]["sent"] > 0
    assert told["rates"] == {name: shape.half_up(twin["summary"][name]) for name in shape.METRICS}
    assert [one["sent"] for one in told["time_series"]] == [
        bucket["metrics"]["sent"] for bucket in twin["timeSeries"]["buckets"]
    ]

    told, data = await followed(penguin, OVERVIEW, timeRange="90d")
    assert told["summary"]["total_campaigns"] == data["all"]["totalCount"] == 3
    assert told["summary"]["emails_opened"] == data["overview"]["messages"]["opened"] > 0
    assert [one["campaign_id"] for one in told["top_campaigns"]] == [
        one["campaign"]["campaign_id"] for one in data["top"]
    ]

    told, data = await followed(penguin, DELIVERABILITY, campaignId="cmp_2")
    twin = data["deliverability"]
    assert told["bounce_analysis"]["soft_bounces"] == twin["messages"]["soft_bounces"] > 0
    assert [one["count"] for one in told["bounce_analysis"]["top_bounce_reasons"]] == [
        one["count"] for one in twin["bounceReasons"]
    ]

    for params in ({}, {"campaignId": "cmp_2", "timezone": "Asia/Kathmandu"}):
        told, data = await followed(penguin, HEATMAP, **params)
        cells = [cell["metrics"] for cell in data["heatmap"]["cells"] if cell["metrics"]["emails_sent"]]
        assert [one["emails_opened"] for one in told["heatmap"]] == [one["emails_opened"] for one in cells]
        assert told["timezone"] == data["heatmap"]["timezone"]


@pytest.mark.usefixtures("made")
async def test_a_comparison_is_that_of_graphql(penguin: Penguin) -> None:
    metrics = list(shape.METRICS)
    start, end = "2026-04-22T00:00:00Z", "2026-05-01T00:00:00Z"
    window = {"between": {"start": start, "end": end}}

    told = await penguin.compared(*CAMPAIGNS, start_date="2026-04-22", end_date="2026-04-30")
    data = await penguin.graphql(
        documents.COMPARE, campaigns=CAMPAIGNS, metrics=list(shape.METRICS.values()), window=window
    )

    asked = Range(at(start), at(end), "custom", _Metrics(metrics), {})
    assert told == shape.compare(asked, data)["data"]
    one = (await penguin.told(CAMPAIGN, startDate="2026-04-22", endDate="2026-04-30"))["rates"]
    assert told["comparison"][0]["metrics"] == one


class _Metrics:
    def __init__(self, metrics: list[str]) -> None:
        self.metrics = metrics


DATES = st.integers(0, DAYS).map(lambda number: str((FIRST + timedelta(days=number)).date()))
SECONDS = st.integers(0, DAYS * 86_400).map(
    lambda number: (FIRST + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
)
ENDS = st.tuples(DATES | SECONDS, DATES | SECONDS).map(sorted)


@bounded(6)
@given(ends=ENDS, group_by=st.sampled_from(["day", "week", "month"]))
async def test_points_add_up_to_the_summary_campaigns_to_the_overview_and_both_to_the_truth(
    penguin: Penguin, made: list[dict[str, datetime]], ends: list[str], group_by: str
) -> None:
    penguin.house.now += MINUTE
    params = {"startDate": ends[0], "endDate": ends[1]}
    if (await penguin.ask(OVERVIEW, **params)).status_code == 400:
        return  # two equal moments

    overview = await penguin.told(OVERVIEW, **params)
    campaigns = [
        await penguin.told(f"campaigns/{id}/analytics", groupBy=group_by, **params) for id in CAMPAIGNS
    ]

    for one in campaigns:
        for name, point in POINTS.items():
            assert one["summary"][name] == sum(each[point] for each in one["time_series"]), name
    for name in SUMMARY:
        assert overview["summary"][name] == sum(one["summary"][name] for one in campaigns), name
    start, end = at(overview["time_range"]["start"]), at(overview["time_range"]["end"]) + timedelta(seconds=1)
    counts = {name: sum(name in t and start <= t[name] < end for t in made) for name in ("sent_at", *THINGS)}
    assert overview["summary"]["emails_sent"] == counts["sent_at"]
    assert overview["summary"]["emails_delivered"] == counts["sent_at"] - counts["soft_bounced_at"]
    assert overview["summary"]["emails_replied"] == counts["replied_at"]
    assert sum(one["summary"]["spam_complaints"] for one in campaigns) == counts["complained_at"]


@bounded(6)
@given(zone=st.sampled_from(ZONES), campaign=st.sampled_from([None, *CAMPAIGNS]))
async def test_cells_add_up_to_what_was_sent_in_any_zone(
    penguin: Penguin, made: list[dict[str, datetime]], zone: str, campaign: str | None
) -> None:
    penguin.house.now += MINUTE
    params = {"timezone": zone, **({"campaignId": campaign} if campaign else {})}

    told = await penguin.told(HEATMAP, **params)

    mine = [t for i, t in enumerate(made) if campaign in (None, CAMPAIGNS[i % 3])]
    cells = told["heatmap"]
    assert sum(one["emails_sent"] for one in cells) == len(mine)
    assert sum(one["emails_opened"] for one in cells) == sum("opened_at" in t for t in mine)
    days = [t["sent_at"].astimezone(ZoneInfo(zone)).weekday() for t in mine]
    for number, day in enumerate(shape.WEEKDAYS):
        assert sum(one["emails_sent"] for one in cells if one["day_of_week"] == day) == days.count(number)
    best = max(one["engagement_score"] for one in cells)
    assert told["optimal_send_time"]["engagement_score"] == best


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("period", ["7d", "30d", "90d"])
async def test_deliverability_is_the_sum_of_its_campaigns(penguin: Penguin, period: str) -> None:
    whole = await penguin.told(DELIVERABILITY, timeRange=period)
    parts = [await penguin.told(DELIVERABILITY, timeRange=period, campaignId=id) for id in CAMPAIGNS]

    bounces = [one["bounce_analysis"]["soft_bounces"] for one in (whole, *parts)]
    assert bounces[0] == sum(bounces[1:])
